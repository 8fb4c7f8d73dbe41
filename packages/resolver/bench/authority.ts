/**
 * The authorities behind every measurement: two nsd, as on the Internet each zone has its own.
 *
 * The root and the zone `bench.lethe` stand at different addresses, so that the root refers. Both
 * listen at port 53, the only one that every resolver asks.
 */
import { join } from "node:path";
import { startNsd } from "./nsd.ts";
import { type Running, stop } from "./processes.ts";

const ROOT_IP = "127.0.1.53";
const ZONE_IP = "127.0.1.54";
/** Names of the zone with an address each; every other name in it is a wildcard's. */
const NAMES = 1000;
const TIMERS = "1 3600 900 604800 300";

/** The root hints that lead to the authorities. */
export const rootHints = `. 3600 NS ns.root.\nns.root. 3600 A ${ROOT_IP}\n`;

/** Starts both on a core. */
export async function startAuthorities(directory: string, core: number): Promise<Running[]> {
  const root = `. 3600 SOA ns.root. hostmaster.root. ${TIMERS}
. 3600 NS ns.root.
ns.root. 3600 A ${ROOT_IP}
bench.lethe. 3600 NS ns.bench.lethe.
ns.bench.lethe. 3600 A ${ZONE_IP}
`;
  const zone = [
    `bench.lethe. 3600 SOA ns.bench.lethe. hostmaster.bench.lethe. ${TIMERS}`,
    "bench.lethe. 3600 NS ns.bench.lethe.",
    `ns.bench.lethe. 3600 A ${ZONE_IP}`,
    "*.bench.lethe. 3600 A 192.0.2.99",
  ];
  for (let i = 0; i < NAMES; i++) zone.push(`${nameAt(i)}. 3600 A 192.0.2.${(i % 250) + 1}`);
  const running = [await startNsd(join(directory, "nsd-root"), ROOT_IP, [[".", root]], core)];
  try {
    const text = `${zone.join("\n")}\n`;
    const zones = [["bench.lethe", text]] as const;
    running.push(await startNsd(join(directory, "nsd-zone"), ZONE_IP, zones, core));
    return running;
  } catch (failure) {
    for (const one of running) await stop(one);
    throw failure;
  }
}

/** One of the names that are asked again and again: about as long as names that people ask. */
export function nameAt(i: number): string {
  return `host-${(i % NAMES).toString(36).padStart(4, "0")}.bench.lethe`;
}

/** A name that nobody asked before: `run` tells one measurement's names from another's. */
export function freshNameAt(run: string, i: number): string {
  return `n${i.toString(36).padStart(5, "0")}-${run}.bench.lethe`;
}
