/**
 * Measures the resolvers beside each other: CPU time a question, by the kernel's accounting.
 *
 * The server has one core, the load and the authorities the other. Rounds alternate between the
 * servers, so that a noisy neighbour troubles all; the median round counts. Every load is bounded,
 * and everything that was started is ended.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rootHints, startAuthorities } from "./authority.ts";
import { type Load, type LoadReport, runLoad } from "./dnsperf.ts";
import { type Peer, peers } from "./peers.ts";
import {
  type Running,
  cpuMs,
  isInstalled,
  residentBytes,
  start,
  stop,
  until,
} from "./processes.ts";
import { MEMORY_NAMES, type Row, fillingQuestions, questionsOf, rows } from "./rows.ts";

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const FIRST_PORT = 5311;
const WARM_UP_S = 1;
/** What resolves must have been compiled by the engine, which takes some ten thousand misses. */
const WARM_UP_FRESH_S = 3;
/** An engine that collects garbage gives memory back a while after it was last needed. */
const SETTLE_MS = 5000;
const FILL_MAX_S = 30;

/** One server's median round of one row. */
export interface Measured {
  readonly server: string;
  readonly row: string;
  /** CPU time an answered question, in microseconds. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly meanMs: number;
  /** Questions that got no answer, of a hundred. */
  readonly lostPercent: number;
  readonly rcodes: string;
}

export interface PeersReport {
  /** The servers that were there, with their versions. */
  readonly servers: readonly { readonly name: string; readonly version: string }[];
  readonly rows: readonly Row[];
  readonly measured: readonly Measured[];
  /** Resident bytes that each of `names` cached names took. */
  readonly memory: readonly { readonly server: string; readonly bytes: number }[];
  readonly names: number;
  /** The machine's load average before anything was started: what others did here. */
  readonly loadBefore: number;
  readonly seconds: number;
  readonly rounds: number;
}

export interface PeersOptions {
  readonly launcher: string;
  readonly seconds: number;
  readonly rounds: number;
  /** Hears what is done, for the terminal. */
  readonly progress: (done: number, total: number) => void;
}

/** What a measurement cannot do without. */
export const needed = ["nsd", "unbound", "dnsperf", "taskset"] as const;

interface Server {
  readonly peer: Peer;
  readonly running: Running;
  readonly port: number;
}

/** Measures every peer that is installed; undefined where what is needed is not. */
export async function measurePeers(options: PeersOptions): Promise<PeersReport | undefined> {
  if (!needed.every(isInstalled)) return undefined;
  const loadBefore = loadavg()[0]!;
  const directory = mkdtempSync(join(tmpdir(), "lethe-bench-"));
  const running: Running[] = [];
  try {
    running.push(...(await startAuthorities(directory, LOAD_CORE)));
    const servers: Server[] = [];
    for (const [i, peer] of peers.entries()) {
      if (!isInstalled(peer.program)) continue;
      const server = startPeer(peer, FIRST_PORT + i, directory, options.launcher);
      running.push(server.running);
      servers.push(server);
    }
    const bench = new Bench(directory, servers, options);
    await bench.awaitAnswers();
    const measured = await bench.measureRows();
    const memory = await bench.measureMemory();
    const { seconds, rounds } = options;
    const named = servers.map(({ peer }) => ({ name: peer.name, version: versionOf(peer) }));
    const names = MEMORY_NAMES;
    return { servers: named, rows, measured, memory, names, loadBefore, seconds, rounds };
  } finally {
    for (const one of running) await stop(one);
    rmSync(directory, { recursive: true, force: true });
  }
}

function startPeer(peer: Peer, port: number, directory: string, launcher: string): Server {
  const hints = join(directory, "root.hints");
  writeFileSync(hints, rootHints);
  const site = { directory: join(directory, peer.name), rootHints: hints, port, launcher };
  return { peer, port, running: start(peer.name, SERVER_CORE, peer.command(site)) };
}

function versionOf(peer: Peer): string {
  if (peer.versionArgs === undefined) return "this tree";
  const { stdout, stderr } = spawnSync(peer.program, peer.versionArgs, { encoding: "utf8" });
  return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? "unknown";
}

class Bench {
  readonly #directory: string;
  readonly #servers: readonly Server[];
  readonly #options: PeersOptions;
  #runs = 0;

  constructor(directory: string, servers: readonly Server[], options: PeersOptions) {
    this.#directory = directory;
    this.#servers = servers;
    this.#options = options;
  }

  /** Waits until every server answers. */
  async awaitAnswers(): Promise<void> {
    const questionsFile = this.#write(questionsOf(rows[0]!, "", 1));
    for (const { running, port } of this.#servers) {
      await until(running, async () => {
        const load = this.#load(port, questionsFile, 1);
        const report = await runLoad({ ...load, rate: 20, outstanding: 10 });
        return report.rcodes.includes("NOERROR");
      });
    }
  }

  async measureRows(): Promise<Measured[]> {
    const { rounds, progress } = this.#options;
    const measured: Measured[] = [];
    const total = rows.length * rounds;
    for (const [done, row] of rows.entries()) {
      const found = new Map<Server, Measured[]>();
      for (let round = 0; round < rounds; round++) {
        progress(done * rounds + round, total);
        for (const server of this.#servers) {
          if (row.fresh && !server.peer.resolves) continue;
          const one = await this.#round(server, row);
          found.set(server, [...(found.get(server) ?? []), one]);
        }
      }
      for (const all of found.values()) {
        const sorted = all.toSorted((a, b) => a.cpuUs - b.cpuUs);
        measured.push(sorted[Math.floor((sorted.length - 1) / 2)]!);
      }
    }
    return measured;
  }

  /** Fills each cache with new names and sees what they take. */
  async measureMemory(): Promise<{ server: string; bytes: number }[]> {
    const found: { server: string; bytes: number }[] = [];
    const questionsFile = this.#write(fillingQuestions(`m${this.#runs++}`));
    for (const { peer, running, port } of this.#servers) {
      if (!peer.resolves) continue;
      await sleep(SETTLE_MS);
      const before = residentBytes(running.pid);
      const load = { ...this.#load(port, questionsFile, FILL_MAX_S), once: true };
      const { completed } = await runLoad(load);
      await sleep(SETTLE_MS);
      found.push({ server: peer.name, bytes: (residentBytes(running.pid) - before) / completed });
    }
    return found;
  }

  /** One load against one server, warmed up by the same kind of questions. */
  async #round({ peer, running, port }: Server, row: Row): Promise<Measured> {
    const { seconds } = this.#options;
    const { rate, outstanding, dnssec } = row;
    const questions = (run: string, s: number): string => this.#write(questionsOf(row, run, s));
    const warmUpS = row.fresh ? WARM_UP_FRESH_S : WARM_UP_S;
    const warm = this.#load(port, questions(`w${this.#runs++}`, warmUpS), warmUpS);
    const kind = { rate, outstanding, dnssec, once: row.fresh };
    await runLoad({ ...warm, ...kind });
    const load = this.#load(port, questions(`r${this.#runs++}`, seconds), seconds);
    const before = cpuMs(running.pid);
    const report: LoadReport = await runLoad({ ...load, ...kind });
    const cpuUs = ((cpuMs(running.pid) - before) * 1000) / report.completed;
    const { perSecond, meanMs, rcodes, sent, completed } = report;
    const lostPercent = ((sent - completed) * 100) / sent;
    return { server: peer.name, row: row.id, cpuUs, perSecond, meanMs, lostPercent, rcodes };
  }

  #load(port: number, questionsFile: string, seconds: number): Load {
    const to = { core: LOAD_CORE, ip: "127.0.0.1", port, questionsFile, seconds };
    return { ...to, once: false, rate: 0, outstanding: 200, dnssec: false };
  }

  #write(questions: string): string {
    const file = join(this.#directory, "questions");
    writeFileSync(file, questions);
    return file;
  }
}
