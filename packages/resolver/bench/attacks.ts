/**
 * What attacks on validation cost Lethe beside Unbound: CPU time for each question into a zone of
 * the sandbox that attacks, and how long others wait while such questions flood in.
 *
 * Both validate, begin at the sandbox's hints and anchor, and have one thread for clients on one
 * core; the load and the sandbox have the other. CPU time is the whole process's, all threads.
 */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type Load, type LoadReport, runLoad } from "./dnsperf.ts";
import { type Running, cpuMs, isInstalled, start, stop, until } from "./processes.ts";

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const FIRST_PORT = 5331;
const SANDBOX_PORT = 53;
/** Questions a second of a row: what the sandbox can serve, whose server is no match for nsd. */
const ROW_RATE = 50;
/** The flood, and what others ask meanwhile. */
const FLOOD_RATE = 200;
const CACHED_RATE = 20_000;
const CACHED_NAMES = 1000;
const WARM_UP_S = 2;
/** An engine compiles what resolves and validates after some thousands of honest questions. */
const WARM_UP_RATE = 500;

/** A kind of question: `name(n)` is the nth. */
export interface AttackRow {
  readonly title: string;
  readonly name: (number: string) => string;
}

/** Below a label of its own each question is new to every cache. */
function under(zone: string, between = ""): AttackRow["name"] {
  return (number) => `${between}n${number}.${zone}`;
}

const DEEP = "a.".repeat(30);

const HONEST: AttackRow = { title: "no attack: a signed denial", name: under("good.lethe") };

const attackRows: readonly AttackRow[] = [
  HONEST,
  { title: "KeyTrap", name: under("keytrap.attacks.lethe") },
  { title: "SigJam", name: under("sigjam.attacks.lethe") },
  { title: "LockCram", name: under("lockcram.attacks.lethe") },
  { title: "SigJam, large RSA", name: under("rsa.attacks.lethe") },
  { title: "six algorithms", name: under("algorithms.attacks.lethe") },
  { title: "SigJam, 400 records", name: under("records.attacks.lethe") },
  { title: "KeyTrap over the keys", name: under("chaintrap.attacks.lethe") },
  { title: "HashTrap", name: under("hashtrap.attacks.lethe") },
  { title: "33 DS records", name: under("ds.attacks.lethe") },
  { title: "NSEC3, long salt", name: under("nsec3.attacks.lethe") },
  { title: "NSEC3, long salt, deep", name: under("nsec3.attacks.lethe", DEEP) },
  { title: "NSEC3, 500 iterations", name: under("nsec3-iterations.attacks.lethe") },
  { title: "NSEC3, many records", name: under("nsec3-records.attacks.lethe") },
];

/** Zones that a flood goes into, turn by turn. */
const FLOODED: readonly AttackRow[] = ["keytrap", "sigjam", "lockcram", "chaintrap"].map(
  (attack) => ({ title: attack, name: under(`${attack}.attacks.lethe`) }),
);

/** What one server paid for one kind of question. */
export interface AttackCost {
  readonly row: string;
  readonly server: string;
  /** CPU time a question, answered or not, in milliseconds. */
  readonly cpuMs: number;
  /** Of a hundred questions, those that had an answer within five seconds. */
  readonly answeredPercent: number;
  readonly rcodes: string;
}

/** How long others waited for what is in the cache. */
export interface FloodCost {
  readonly server: string;
  readonly quietP99Ms: number;
  readonly floodedP99Ms: number;
  /** Of a hundred cached questions, those without an answer during the flood. */
  readonly lostPercent: number;
}

export interface AttacksReport {
  readonly costs: readonly AttackCost[];
  readonly floods: readonly FloodCost[];
  readonly loadBefore: number;
  readonly seconds: number;
}

export interface AttacksOptions {
  readonly launcher: string;
  /** How long each load lasts. */
  readonly seconds: number;
  /** Leave out what each kind of question costs. */
  readonly isFloodOnly: boolean;
  readonly progress: (done: number, total: number) => void;
}

/** What the measurement cannot do without. */
export const attacksNeed = ["unbound", "dnsperf", "taskset"] as const;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
}

/** A server with empty caches. */
interface Started extends Server {
  readonly running: Running;
}

/** Measures both; undefined where what is needed is not installed. */
export async function measureAttacks(options: AttacksOptions): Promise<AttacksReport | undefined> {
  if (!attacksNeed.every(isInstalled)) return undefined;
  const loadBefore = loadavg()[0]!;
  const directory = mkdtempSync(join(tmpdir(), "lethe-attacks-"));
  const running: Running[] = [];
  try {
    const sandbox = startSandbox(options.launcher, directory);
    running.push(sandbox);
    await until(sandbox, () => sandbox.said().includes("ready:"));
    const servers = [lethe(options.launcher, directory), unbound(directory)];
    const bench = new Bench(directory, servers, options);
    const costs = options.isFloodOnly ? [] : await bench.measureRows();
    const floods = await bench.measureFloods();
    return { costs, floods, loadBefore, seconds: options.seconds };
  } finally {
    for (const one of running.toReversed()) await stop(one);
    rmSync(directory, { recursive: true, force: true });
  }
}

function startSandbox(launcher: string, directory: string): Running {
  const args = ["sandbox", "--port", String(SANDBOX_PORT), "--out", directory];
  return start("sandbox", LOAD_CORE, [launcher, ...args]);
}

function lethe(launcher: string, directory: string): Server {
  const port = FIRST_PORT;
  const sets = [
    `listen.dns=["127.0.0.1:${port}"]`,
    "listen.tls=[]",
    "listen.https=[]",
    `resolve.root-hints=${join(directory, "root.hints")}`,
    `resolve.trust-anchors=${join(directory, "trust-anchors")}`,
    "resolve.loopback-servers=true",
    "resolve.workers=1",
  ];
  const command = [launcher, "serve", ...sets.flatMap((set) => ["--set", set])];
  return { name: "lethe", port, command };
}

/** With the performance settings of its manual, as in `peers.ts`, and its own bounds of work. */
function unbound(directory: string): Server {
  const port = FIRST_PORT + 1;
  const own = join(directory, "unbound");
  mkdirSync(own);
  const file = join(own, "unbound.conf");
  writeFileSync(
    file,
    `server:
  directory: "${own}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  interface: 127.0.0.1@${port}
  outgoing-interface: 127.0.0.1
  num-threads: 1
  so-rcvbuf: 4m
  so-sndbuf: 4m
  outgoing-range: 8192
  num-queries-per-thread: 4096
  minimal-responses: yes
  do-ip6: no
  do-not-query-localhost: no
  root-hints: "${join(directory, "root.hints")}"
  trust-anchor-file: "${join(directory, "trust-anchors")}"
remote-control:
  control-enable: no
`,
  );
  return { name: "unbound", port, command: ["unbound", "-d", "-c", file] };
}

class Bench {
  readonly #directory: string;
  readonly #servers: readonly Server[];
  readonly #options: AttacksOptions;
  #runs = 0;

  constructor(directory: string, servers: readonly Server[], options: AttacksOptions) {
    this.#directory = directory;
    this.#servers = servers;
    this.#options = options;
  }

  /** Each row has servers of its own: what one attack left behind would be another's cost. */
  async measureRows(): Promise<AttackCost[]> {
    const { seconds, progress } = this.#options;
    const costs: AttackCost[] = [];
    for (const [done, row] of attackRows.entries()) {
      progress(done, attackRows.length + this.#servers.length);
      for (const server of this.#servers) {
        const cost = await this.#with(server, async ({ name, port, running }) => {
          await this.#ask(port, [row], ROW_RATE, 1);
          const before = cpuMs(running.pid);
          const { sent, completed, rcodes } = await this.#ask(port, [row], ROW_RATE, seconds);
          return {
            row: row.title,
            server: name,
            cpuMs: (cpuMs(running.pid) - before) / sent,
            answeredPercent: (completed * 100) / sent,
            rcodes,
          };
        });
        costs.push(cost);
      }
    }
    return costs;
  }

  async measureFloods(): Promise<FloodCost[]> {
    const { seconds, progress } = this.#options;
    const floods: FloodCost[] = [];
    for (const [done, server] of this.#servers.entries()) {
      progress(attackRows.length + done, attackRows.length + this.#servers.length);
      const cost = await this.#with(server, async ({ name, port }) => {
        await this.#askCached(port, WARM_UP_S);
        const quiet = await this.#askCached(port, seconds);
        const flood = this.#ask(port, FLOODED, FLOOD_RATE, seconds + 1);
        const flooded = await this.#askCached(port, seconds);
        await flood;
        return {
          server: name,
          quietP99Ms: quiet.p99Ms,
          floodedP99Ms: flooded.p99Ms,
          lostPercent: ((flooded.sent - flooded.completed) * 100) / flooded.sent,
        };
      });
      floods.push(cost);
    }
    return floods;
  }

  /** Starts a server, waits until it answers with data that it has validated, and ends it. */
  async #with<T>(server: Server, measure: (started: Started) => Promise<T>): Promise<T> {
    const running = start(server.name, SERVER_CORE, server.command);
    try {
      const questionsFile = this.#write("ready", ["www.good.lethe A"]);
      await until(running, async () => {
        const load = { ...this.#load(server.port, questionsFile, 1), rate: 20, times: 1 };
        return (await runLoad(load)).rcodes.includes("NOERROR");
      });
      await this.#ask(server.port, [HONEST], WARM_UP_RATE, WARM_UP_S);
      return await measure({ ...server, running });
    } finally {
      await stop(running);
    }
  }

  /** New questions of some kinds, turn by turn. */
  #ask(
    port: number,
    kinds: readonly AttackRow[],
    rate: number,
    seconds: number,
  ): Promise<LoadReport> {
    const run = this.#runs++;
    const questions = Array.from({ length: rate * seconds }, (_, i) =>
      kinds[i % kinds.length]!.name(`${run}-${i}`),
    );
    return this.#askOnce(port, questions, rate, seconds);
  }

  #askOnce(
    port: number,
    names: readonly string[],
    rate: number,
    seconds: number,
  ): Promise<LoadReport> {
    const questionsFile = this.#write(
      "attack",
      names.map((name) => `${name} A`),
    );
    const load = this.#load(port, questionsFile, seconds + 6);
    return runLoad({ ...load, rate, times: 1, timeoutS: 5, outstanding: 2000 });
  }

  #askCached(port: number, seconds: number): Promise<LoadReport> {
    const names = Array.from({ length: CACHED_NAMES }, (_, i) => `n${i}.pages.near-cdn.net A`);
    const questionsFile = this.#write("cached", names);
    const load = this.#load(port, questionsFile, seconds);
    return runLoad({ ...load, rate: CACHED_RATE, outstanding: 2000, latencies: true });
  }

  #load(port: number, questionsFile: string, seconds: number): Load {
    const to = { core: LOAD_CORE, ip: "127.0.0.1", port, transport: "udp" as const };
    const what = { questionsFile, times: 0, secondsMax: seconds, timeoutS: 2 };
    const how = { rate: 0, outstanding: 100, sockets: 4, edns: "none" as const, latencies: false };
    return { ...to, ...what, ...how };
  }

  #write(title: string, questions: readonly string[]): string {
    const file = join(this.#directory, `${title}-${this.#runs++}`);
    writeFileSync(file, `${questions.join("\n")}\n`);
    return file;
  }
}

/** The costs as a table. */
export function attackTable({ costs }: AttacksReport): string[][] {
  const rows = costs.map((cost) => {
    const base = costs.find(({ row, server }) => row === cost.row && server === "unbound");
    return [
      cost.row,
      cost.server,
      `${cost.cpuMs.toFixed(2)} ms`,
      `${(cost.cpuMs / (base?.cpuMs ?? Number.NaN)).toFixed(2)} ×`,
      `${cost.answeredPercent.toFixed(0)} %`,
      cost.rcodes,
    ];
  });
  return [
    ["questions into", "server", "CPU a question", "to Unbound", "answered", "with"],
    ...rows,
  ];
}

/** What others waited, as a table. */
export function floodTable({ floods }: AttacksReport): string[][] {
  const rows = floods.map((one) => [
    one.server,
    `${one.quietP99Ms.toFixed(2)} ms`,
    `${one.floodedP99Ms.toFixed(2)} ms`,
    `${(one.floodedP99Ms / one.quietP99Ms).toFixed(2)} ×`,
    `${one.lostPercent.toFixed(2)} %`,
  ]);
  return [["server", "p99, quiet", "p99, flooded", "ratio", "lost, flooded"], ...rows];
}
