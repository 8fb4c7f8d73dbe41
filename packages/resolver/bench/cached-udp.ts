/**
 * UDP answers from the cache at saturation: CPU time of each server per question, as ratios.
 *
 * The server has one core, the load the other. Rounds alternate between the servers, so that a
 * noisy neighbour troubles both; the median round counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameAt, authorityIp, rootHints, startAuthority } from "./authority.ts";
import { type LoadReport, runLoad } from "./dnsperf.ts";
import { type Peer, type Site, lethe, unbound } from "./peers.ts";
import { type Running, cpuMs, isInstalled, start, stop, until } from "./processes.ts";

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const AUTHORITY_PORT = 5310;
const FIRST_PORT = 5311;
const NAMES = 1000;
const ROUNDS = 3;
const WARM_UP_S = 2;

/** What one server took in one round. */
interface Round {
  readonly report: LoadReport;
  readonly cpuUs: number;
}

/** One server's rounds. */
export interface Measured {
  readonly name: string;
  /** CPU time per answered question in microseconds, of the median round. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly meanMs: number;
  readonly rcodes: string;
}

/** Measures Lethe and Unbound, `seconds` for each round; undefined where a program is missing. */
export async function measureCachedUdp(
  launcher: string,
  seconds: number,
  dnssec: boolean,
): Promise<readonly Measured[] | undefined> {
  if (!["nsd", "unbound", "dnsperf", "taskset"].every(isInstalled)) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "lethe-bench-"));
  const running: Running[] = [];
  try {
    running.push(await startAuthority(directory, AUTHORITY_PORT, NAMES, LOAD_CORE));
    const questions = join(directory, "questions");
    writeFileSync(questions, questionLines());
    writeFileSync(join(directory, "root.hints"), rootHints);
    const servers: { readonly peer: Peer; readonly running: Running; readonly port: number }[] = [];
    for (const [i, peer] of [lethe, unbound].entries()) {
      const port = FIRST_PORT + i;
      const site = siteAt(directory, port, launcher);
      const server = start(peer.name, SERVER_CORE, peer.command(site));
      running.push(server);
      await until(server, () => answers(port, questions));
      servers.push({ peer, running: server, port });
    }
    const rounds = new Map<string, Round[]>(servers.map(({ peer }) => [peer.name, []]));
    for (let i = 0; i < ROUNDS; i++) {
      for (const { peer, running: server, port } of servers) {
        rounds.get(peer.name)!.push(await round(server, port, questions, seconds, dnssec));
      }
    }
    return servers.map(({ peer }) => median(peer.name, rounds.get(peer.name)!));
  } finally {
    for (const one of running) await stop(one);
    rmSync(directory, { recursive: true, force: true });
  }
}

function questionLines(): string {
  const lines: string[] = [];
  for (let i = 0; i < NAMES; i++) lines.push(`${nameAt(i)} A`);
  return `${lines.join("\n")}\n`;
}

function siteAt(directory: string, port: number, launcher: string): Site {
  const hints = join(directory, "root.hints");
  const authority = { authorityIp, authorityPort: AUTHORITY_PORT };
  return { directory, ...authority, rootHints: hints, port, launcher };
}

async function answers(port: number, questionsFile: string): Promise<boolean> {
  const load = { core: LOAD_CORE, ip: "127.0.0.1", port, questionsFile, outstanding: 10 };
  const report = await runLoad({ ...load, seconds: 1, rate: 20, dnssec: false });
  return report.rcodes.includes("NOERROR");
}

async function round(
  server: Running,
  port: number,
  questionsFile: string,
  seconds: number,
  dnssec: boolean,
): Promise<Round> {
  const load = { core: LOAD_CORE, ip: "127.0.0.1", port, questionsFile, dnssec };
  const full = { ...load, rate: 0, outstanding: 200 };
  await runLoad({ ...full, seconds: WARM_UP_S });
  const before = cpuMs(server.pid);
  const report = await runLoad({ ...full, seconds });
  const cpuUs = ((cpuMs(server.pid) - before) * 1000) / report.completed;
  return { report, cpuUs };
}

function median(name: string, rounds: readonly Round[]): Measured {
  const sorted = rounds.toSorted((a, b) => a.cpuUs - b.cpuUs);
  const { report, cpuUs } = sorted[Math.floor(sorted.length / 2)]!;
  const { perSecond, meanMs, rcodes } = report;
  return { name, cpuUs, perSecond, meanMs, rcodes };
}
