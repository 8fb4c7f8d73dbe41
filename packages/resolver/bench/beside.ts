/**
 * Measures the resolvers beside each other: CPU time a question, by the kernel's accounting.
 *
 * The server has one core, the load and the authorities the other. Rounds alternate between the
 * servers, so that a noisy neighbour troubles all; the median round counts. Each server is asked
 * the same number of the same questions. Every load is bounded, and everything that was started is
 * ended.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAuthorities } from "./authority.ts";
import { type Load, type LoadReport, runLoad } from "./dnsperf.ts";
import { type Server, versionOf, withFleet } from "./fleet.ts";
import { peers } from "./peers.ts";
import { cpuMs, isInstalled, residentBytes, stop, threadsCpuMs, until } from "./processes.ts";
import { type Fleet, MEMORY_NAMES, Questions, type Row, SIGNED_NAMES, rows } from "./rows.ts";

const SERVER_CORE = 0;
const LOAD_CORE = 1;
/** An engine that collects garbage gives memory back a while after it was last needed. */
const SETTLE_MS = 3000;
const ROUND_MAX_S = 10;
const OUTSTANDING = 200;
/** What a quick run asks less. */
const QUICK = 20;

/** One server's median round of one row. */
export interface Measured {
  readonly server: string;
  readonly row: string;
  /** CPU time an answered question, in microseconds. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly meanMs: number;
  /** Only where latencies were told. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Questions that got no answer, or an error, of a hundred. */
  readonly lostPercent: number;
  readonly rcodes: string;
  /** Of two threads that share the work: what the busier one did of it. */
  readonly busierShare: number;
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
  readonly rounds: number;
  readonly isQuick: boolean;
}

export interface PeersOptions {
  readonly launcher: string;
  readonly rounds: number;
  /** A fraction of the questions, one round: shows that it runs, not how fast anybody is. */
  readonly isQuick: boolean;
  /** Identifiers of the rows to measure; all where it is empty. */
  readonly rows: readonly string[];
  /** Hears what is done, for the terminal. */
  readonly progress: (done: number, total: number) => void;
}

/** What a measurement cannot do without. */
export const needed = ["nsd", "unbound", "dnsperf", "taskset"] as const;

/** Measures every peer that is installed; undefined where what is needed is not. */
export async function measurePeers(options: PeersOptions): Promise<PeersReport | undefined> {
  if (!needed.every(isInstalled)) return undefined;
  const loadBefore = loadavg()[0]!;
  const directory = mkdtempSync(join(tmpdir(), "lethe-bench-"));
  const wanted = rows.filter(({ id }) => options.rows.length === 0 || options.rows.includes(id));
  const bench = new Bench(directory, wanted, options);
  const isSigned = wanted.some(({ fleet }) => fleet === "validating");
  const names = isSigned ? Math.ceil(SIGNED_NAMES / (options.isQuick ? QUICK : 1)) : 0;
  const authorities = await startAuthorities(directory, LOAD_CORE, names);
  try {
    for (const fleet of ["plain", "validating", "pair"] as const) {
      if (fleet === "validating" && authorities.anchor === undefined) continue;
      await bench.measureFleet(fleet, authorities.anchor);
    }
  } finally {
    for (const one of authorities.running) await stop(one);
    rmSync(directory, { recursive: true, force: true });
  }
  const installed = peers.filter((peer) => isInstalled(peer.program));
  return {
    servers: installed.map((peer) => ({ name: peer.name, version: versionOf(peer) })),
    rows: wanted,
    measured: bench.measured,
    memory: bench.memory,
    names: bench.memoryNames,
    loadBefore,
    rounds: bench.rounds,
    isQuick: options.isQuick,
  };
}

class Bench {
  readonly measured: Measured[] = [];
  readonly memory: { server: string; bytes: number }[] = [];
  readonly memoryNames: number;
  readonly rounds: number;
  readonly #directory: string;
  readonly #rows: readonly Row[];
  readonly #options: PeersOptions;
  readonly #questions = new Questions();
  #done = 0;

  constructor(directory: string, wanted: readonly Row[], options: PeersOptions) {
    this.#directory = directory;
    this.#rows = wanted;
    this.#options = options;
    this.rounds = options.isQuick ? 1 : options.rounds;
    this.memoryNames = this.#less(MEMORY_NAMES);
  }

  async measureFleet(fleet: Fleet, anchor: string | undefined): Promise<void> {
    const own = this.#rows.filter((row) => row.fleet === fleet);
    if (own.length === 0) return;
    const cores = fleet === "pair" ? [SERVER_CORE, LOAD_CORE] : [SERVER_CORE];
    const { launcher } = this.#options;
    const options = { fleet, launcher, directory: this.#directory, cores, anchor };
    await withFleet(options, async (servers) => {
      for (const server of servers) await this.#awaitAnswers(server);
      for (const row of own) await this.#measureRow(row, servers);
      const isWhole = this.#options.rows.length === 0 || this.#options.rows.includes("memory");
      if (fleet === "plain" && isWhole) await this.#measureMemory(servers);
    });
  }

  #less(count: number): number {
    return Math.ceil(count / (this.#options.isQuick ? QUICK : 1));
  }

  async #awaitAnswers({ running, port }: Server): Promise<void> {
    const load = { ...this.#load(port), questionsFile: this.#write("host-0000.bench.lethe A\n") };
    await until(running, async () => {
      const report = await runLoad({ ...load, outstanding: 1, sockets: 1, secondsMax: 1 });
      return report.rcodes.includes("NOERROR");
    });
  }

  async #measureRow(row: Row, servers: readonly Server[]): Promise<void> {
    const found = new Map<Server, Measured[]>();
    const taking = servers.filter(({ peer }) => takesPart(peer.resolves, row));
    for (const server of taking) await this.#ask(server, row, this.#less(row.warmUp));
    for (let round = 0; round < this.rounds; round++) {
      this.#options.progress(this.#done++, this.#rows.length * this.rounds);
      for (const server of taking) {
        const one = await this.#round(server, row);
        found.set(server, [...(found.get(server) ?? []), one]);
      }
    }
    for (const all of found.values()) this.measured.push(medianOf(all));
  }

  /** Fills each cache with new names and sees what they take. */
  async #measureMemory(servers: readonly Server[]): Promise<void> {
    for (const { peer, running, port } of servers) {
      if (!peer.resolves) continue;
      await sleep(SETTLE_MS);
      const { lines } = this.#questions.of("fresh", this.memoryNames, peer.name);
      const before = residentBytes(running.pid);
      const load = { ...this.#load(port), questionsFile: this.#write(lines) };
      const { completed } = await runLoad({ ...load, secondsMax: 2 * ROUND_MAX_S });
      await sleep(SETTLE_MS);
      const bytes = (residentBytes(running.pid) - before) / completed;
      this.memory.push({ server: peer.name, bytes });
    }
  }

  async #round(server: Server, row: Row): Promise<Measured> {
    const { pid } = server.running;
    const threads = threadsCpuMs(pid);
    const before = cpuMs(pid);
    const report = await this.#ask(server, row, this.#less(row.questions));
    const cpuUs = ((cpuMs(pid) - before) * 1000) / report.completed;
    const spent = Array.from(threadsCpuMs(pid), ([id, ms]) => ms - (threads.get(id) ?? 0));
    const [first = 0, second = 0] = spent.toSorted((a, b) => b - a);
    const { perSecond, meanMs, p50Ms, p99Ms, rcodes, sent, good } = report;
    return {
      server: server.peer.name,
      row: row.id,
      cpuUs,
      perSecond,
      meanMs,
      p50Ms,
      p99Ms,
      lostPercent: ((sent - good) * 100) / sent,
      rcodes,
      busierShare: first / (first + second),
    };
  }

  async #ask({ peer, port }: Server, row: Row, count: number): Promise<LoadReport> {
    const { names, transport, edns, sockets } = row;
    const { lines, times } = this.#questions.of(names, count, peer.name);
    const rate = row.rate === "half" ? this.#halfRate() : row.rate;
    const load = { ...this.#load(port), questionsFile: this.#write(lines), times };
    const latencies = row.rate === "half";
    return await runLoad({ ...load, transport, edns, sockets, rate, latencies });
  }

  /** Half of what Unbound answered at saturation. */
  #halfRate(): number {
    const base = this.measured.find(({ row, server }) => row === "cached" && server === "unbound");
    return Math.round((base?.perSecond ?? 20_000) / 2);
  }

  #load(port: number): Load {
    return {
      core: LOAD_CORE,
      ip: "127.0.0.1",
      port,
      transport: "udp",
      questionsFile: "",
      times: 1,
      secondsMax: ROUND_MAX_S,
      rate: 0,
      outstanding: OUTSTANDING,
      sockets: 4,
      edns: "none",
      latencies: false,
    };
  }

  #write(questions: string): string {
    const file = join(this.#directory, "questions");
    writeFileSync(file, questions);
    return file;
  }
}

/** The echo answers over UDP whatever it is asked: only what is in a cache is comparable. */
function takesPart(resolves: boolean, row: Row): boolean {
  return resolves || (row.names === "cached" && row.transport === "udp");
}

function medianOf(all: readonly Measured[]): Measured {
  const sorted = all.toSorted((a, b) => a.cpuUs - b.cpuUs);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
