/** A pool of two workers, for tests of what they do together. */
import assert from "node:assert/strict";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { ServerAddress } from "../src/base/address.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { WorkerPool } from "../src/worker/pool.ts";
import { plainOptions, plainRecursor } from "./plain-options.ts";

/** How a worker ended. */
export interface Death {
  readonly worker: number;
  readonly why: string;
}

/** Two workers on a port of loopback that ask one authority for the zone `load.`. */
export function openPool(authority: ServerAddress, deaths: Death[]): WorkerPool {
  const zone = nameFromText("load.")!;
  const pool = WorkerPool.open(systemLibc(), {
    workers: 2,
    listen: [{ spoken: "dns", ip: Uint8Array.of(127, 0, 0, 1), port: 0 }],
    resolver: plainOptions(
      {
        ...plainRecursor,
        configuredZones: [{ zone, servers: [authority], recursive: false }],
      },
      16 << 20,
    ),
    outgoing: [],
    onDeath: (worker, why) => deaths.push({ worker, why }),
  });
  assert.ok(!("kind" in pool));
  return pool;
}
