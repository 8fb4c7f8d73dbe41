/**
 * The authorities behind every measurement: the root and the tree below it, and an nsd.
 *
 * The zones `bench.lethe` and `signed.lethe` stand at nsd's address, the root elsewhere, so that it
 * refers. All listen at port 53, the only one that every resolver asks.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startNsd } from "./nsd.ts";
import { type Running, start, stop, until } from "./processes.ts";

const ROOT_IP = "127.0.1.53";
const ZONE_IP = "127.0.1.54";
/** Names of the zone with an address each; every other name in it is a wildcard's. */
const NAMES = 1000;
const TIMERS = "1 3600 900 604800 300";
const PLAIN = "bench.lethe";
const SIGNED = "signed.lethe";

/** The root hints that lead to the authorities. */
export const rootHints = `. 3600 NS ns.\nns. 3600 A ${ROOT_IP}\n`;

export interface Authorities {
  readonly running: readonly Running[];
  /** The trust anchor of the signed zone, a DS record; undefined where nothing here can sign. */
  readonly anchor: string | undefined;
}

/** Starts all on a core, with so many signed names. */
export async function startAuthorities(
  directory: string,
  core: number,
  signedNames: number,
): Promise<Authorities> {
  const zone = [...apex(PLAIN), `*.${PLAIN}. 3600 A 192.0.2.99`];
  for (let i = 0; i < NAMES; i++) zone.push(`${nameAt(i)}. 3600 A 192.0.2.${(i % 250) + 1}`);
  const zones = [[PLAIN, `${zone.join("\n")}\n`] as [origin: string, text: string]];
  const signed = signedNames === 0 ? undefined : signedZone(join(directory, "signed"), signedNames);
  if (signed !== undefined) zones.push([SIGNED, signed.text]);
  const running = [await startNsd(join(directory, "nsd"), ZONE_IP, zones, core)];
  try {
    running.push(await startTree(core));
    return { running, anchor: signed?.anchor };
  } catch (failure) {
    for (const one of running) await stop(one);
    throw failure;
  }
}

function apex(origin: string): string[] {
  return [
    `${origin}. 3600 SOA ns.${origin}. hostmaster.${origin}. ${TIMERS}`,
    `${origin}. 3600 NS ns.${origin}.`,
    `ns.${origin}. 3600 A ${ZONE_IP}`,
  ];
}

/** The signed zone and its anchor, by BIND's tools; undefined where they are not installed. */
function signedZone(
  directory: string,
  names: number,
): { text: string; anchor: string } | undefined {
  mkdirSync(directory);
  const zone = apex(SIGNED);
  for (let i = 0; i < names; i++) zone.push(`${signedNameAt(i)}. 3600 A 192.0.2.${(i % 250) + 1}`);
  writeFileSync(join(directory, "zone"), `${zone.join("\n")}\n`);
  const run = (program: string, ...args: readonly string[]): boolean =>
    spawnSync(program, args, { cwd: directory }).status === 0;
  const key = ["-a", "ECDSAP256SHA256", "-K", "."];
  const isDone =
    run("dnssec-keygen", ...key, "-f", "KSK", SIGNED) &&
    run("dnssec-keygen", ...key, SIGNED) &&
    run("dnssec-signzone", "-S", "-K", ".", "-o", SIGNED, "-f", "signed", "zone");
  if (!isDone) return undefined;
  const ds = readFileSync(join(directory, `dsset-${SIGNED}.`), "utf8").split("\n")[0]!;
  const [, numbers, digest] = /DS\s+(\d+ \d+ \d+)\s+([0-9A-F ]+)/.exec(ds) ?? [];
  const anchor = `${SIGNED}. IN DS ${numbers} ${digest?.replaceAll(" ", "")}`;
  return { text: readFileSync(join(directory, "signed"), "utf8"), anchor };
}

async function startTree(core: number): Promise<Running> {
  const program = join(import.meta.dirname, "tree-authority.ts");
  const running = start("the tree of zones", [core], [process.execPath, program]);
  await until(running, () => running.said().includes("ready"));
  return running;
}

/** One of the names that are asked again and again: about as long as names that people ask. */
export function nameAt(i: number): string {
  return `host-${inLetters(i % NAMES, 4)}.${PLAIN}`;
}

/** A name that nobody asked before: `run` tells one measurement's names from another's. */
export function freshNameAt(run: string, i: number): string {
  return `n${inLetters(i, 5)}-${run}.${PLAIN}`;
}

/** A name in a zone of its own, in a top-level domain of its own. */
export function walkNameAt(run: string, i: number): string {
  return `www.zone-${inLetters(i, 4)}.d${inLetters(i, 4)}-${run}`;
}

/** One of the signed names. */
export function signedNameAt(i: number): string {
  return `host-${inLetters(i, 5)}.${SIGNED}`;
}

function inLetters(i: number, size: number): string {
  return i.toString(36).padStart(size, "0");
}
