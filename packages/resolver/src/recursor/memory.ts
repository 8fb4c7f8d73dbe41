/** The caches of a recursor, made together. */
import type { Random } from "../base/random.ts";
import { ChainCache } from "../cache/chain-cache.ts";
import { FailureCache } from "../cache/failure-cache.ts";
import { RrsetCache, type RrsetCacheOptions } from "../cache/rrset-cache.ts";
import { ServerCache } from "../cache/server-cache.ts";
import { LocalRoot } from "./local-root.ts";
import type { RecursorMemory } from "./options.ts";

/** How much each may hold. */
export interface MemorySizes {
  readonly rrsets: RrsetCacheOptions;
  readonly servers: number;
  /** Failures of resolving, and as many of validating. */
  readonly failures: number;
  readonly chains: number;
}

/** New caches, empty. */
export function newMemory(sizes: MemorySizes, random: Random): RecursorMemory {
  return {
    rrsets: new RrsetCache(sizes.rrsets, random),
    servers: new ServerCache({ entriesMax: sizes.servers }, random),
    failures: new FailureCache({ entriesMax: sizes.failures }, random),
    bogus: new FailureCache({ entriesMax: sizes.failures }, random),
    chains: new ChainCache({ entriesMax: sizes.chains }, random),
    root: new LocalRoot(),
  };
}
