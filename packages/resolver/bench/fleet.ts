/** The servers that are measured at one time: started alike, each at a port of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootHints } from "./authority.ts";
import { type Peer, peers } from "./peers.ts";
import { type Running, isInstalled, start, stop } from "./processes.ts";
import type { Fleet } from "./rows.ts";

const FIRST_PORT = 5311;
/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";

export interface Server {
  readonly peer: Peer;
  readonly running: Running;
  readonly port: number;
}

export interface FleetOptions {
  readonly fleet: Fleet;
  readonly launcher: string;
  readonly directory: string;
  readonly cores: readonly number[];
  /** The trust anchor of the signed zone. */
  readonly anchor: string | undefined;
}

/** What a server is to be started for. */
const TAKES_PART: Readonly<Record<Fleet, (peer: Peer) => boolean>> = {
  plain: () => true,
  validating: (peer) => peer.resolves,
  // The two that the bar is about; each further one takes half a minute.
  pair: (peer) => peer.name === "lethe" || peer.name === "unbound",
};

/** Runs `work` with the servers of a fleet, and ends them. */
export async function withFleet<T>(
  options: FleetOptions,
  work: (servers: readonly Server[]) => Promise<T>,
): Promise<T> {
  const { fleet, directory } = options;
  const memory = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "lethe-bench-"));
  const servers: Server[] = [];
  try {
    const hints = join(directory, "root.hints");
    writeFileSync(hints, rootHints);
    for (const [i, peer] of peers.entries()) {
      if (!isInstalled(peer.program) || !TAKES_PART[fleet](peer)) continue;
      const site = {
        directory: join(directory, fleet, peer.name),
        memory: join(memory, peer.name),
        rootHints: hints,
        port: FIRST_PORT + i,
        launcher: options.launcher,
        workers: fleet === "pair" ? 2 : 1,
        anchor: fleet === "validating" ? options.anchor : undefined,
      };
      mkdirSync(site.directory, { recursive: true });
      mkdirSync(site.memory);
      const running = start(peer.name, options.cores, peer.command(site));
      servers.push({ peer, port: site.port, running });
    }
    return await work(servers);
  } finally {
    for (const { running } of servers) await stop(running);
    rmSync(memory, { recursive: true, force: true });
  }
}

/** The version that a program says it has. */
export function versionOf(peer: Peer): string {
  if (peer.versionArgs === undefined) return "this tree";
  const { stdout, stderr } = spawnSync(peer.program, peer.versionArgs, { encoding: "utf8" });
  return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? "unknown";
}
