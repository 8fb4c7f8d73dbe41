/**
 * The workers of a server, seen from the main thread, which owns their listening descriptors.
 *
 * A worker that dies is replaced at once by one with the same descriptors: what came in between
 * waits in the sockets' buffers. What the dead one had opened itself is closed here.
 *
 * Without system calls there is one worker, which opens Node's own sockets; they die with it.
 */
import { Worker } from "node:worker_threads";
import { type Name, type NameKey, nameKey } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { ControlAnswer, ControlOrder, ReloadOrder } from "../serve/control.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import { monotonicMs } from "../system/clock.ts";
import { tuneEngine } from "../system/engine.ts";
import type { Libc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import type { TlsMaterial } from "../transports/tls.ts";
import { closeAll, openAll } from "./listening-sockets.ts";
import { besideBoard, boardOf, workerMemory } from "./memory.ts";
import type {
  CannotListen,
  KeysTold,
  ListenRow,
  Probed,
  WorkerListener,
  WorkerMessage,
  WorkerOptions,
  WorkerOrder,
} from "./options.ts";
import { RestartDelay } from "./restart.ts";
import { type ServicesTold, noServices } from "./services-told.ts";

export interface PoolOptions {
  readonly workers: number;
  readonly listen: readonly ListenRow[];
  readonly resolver: ResolverOptions;
  /** What encrypted rows are served with; there are none where absent. */
  readonly tls?: TlsMaterial | undefined;
  /** None where absent. */
  readonly proxyFrom?: WorkerOptions["proxyFrom"];
  readonly outgoing: readonly Uint8Array[];
  /**
   * Told when a worker has died and is being replaced; `why` has no message that could hold a name.
   */
  readonly onDeath: (worker: number, why: string) => void;
  /** Told of keys that a worker got. */
  readonly onKeys?: (told: KeysTold) => void;
  /** Told of what a probe of a zone found. */
  readonly onProbed?: (told: Probed) => void;
}

const ORDER_WAIT_MS = limits.adminOrderWaitMs.value;

/** A copy of a zone, which is used until a monotonic time; undefined: there is none any more. */
interface Copy {
  readonly zone: Name;
  readonly packed: SharedArrayBuffer | undefined;
  readonly untilMs: number;
}

/** What a worker's first message says: where it cannot listen, or nothing. */
type Started = CannotListen | undefined;

interface Member {
  options: WorkerOptions;
  readonly restartDelay: RestartDelay;
  /** Settles with the first word of the first of its threads that lives to say one. */
  readonly started: PromiseWithResolvers<Started>;
  /** One of its threads has served: the addresses can be had. */
  hasServed: boolean;
  thread: Worker | undefined;
  startedMs: number;
}

export class WorkerPool {
  readonly #libc: Libc | undefined;
  readonly #options: PoolOptions;
  readonly #members: Member[];
  /** Where the workers show each other their answers; undefined where there is one worker. */
  readonly #board: SharedArrayBuffer | undefined;
  #ports: readonly number[];
  /** The copies of zones in use, by name. */
  readonly #copies = new Map<NameKey, Copy>();
  #isEnding = false;
  #onServes = (_worker: number): void => {};
  /** Orders under way: what takes the answer of the worker that was given it. */
  readonly #awaited = new Map<number, (answer: ControlAnswer) => void>();
  #orders = 0;
  /** What workers were told beside their options, for those that come after them. */
  #lasting: readonly WorkerOrder[] = [];

  private constructor(
    libc: Libc | undefined,
    options: PoolOptions,
    rows: readonly (readonly WorkerListener[])[],
  ) {
    this.#libc = libc;
    this.#options = options;
    this.#ports = options.listen.map(({ port }) => port);
    this.#board = boardOf(options.resolver, rows.length);
    this.#members = rows.map((listeners) => ({
      options: {
        listeners,
        resolver: besideBoard(options.resolver, rows.length),
        tls: options.tls,
        services: noServices,
        proxyFrom: options.proxyFrom ?? [],
        outgoing: options.outgoing,
        listeningPorts: this.#ports,
        descriptors: new OpenDescriptors().memory,
        board: this.#board,
      },
      restartDelay: new RestartDelay(),
      started: Promise.withResolvers<Started>(),
      hasServed: false,
      thread: undefined,
      startedMs: 0,
    }));
  }

  /**
   * Opens every listening socket of every worker; leaves none open where one cannot be.
   *
   * Without system calls there is one worker whatever was asked, and it opens them when it starts.
   */
  static open(libc: Libc | undefined, asked: PoolOptions): WorkerPool | CannotListen {
    if (libc === undefined) {
      const row = asked.listen.map((one) => ({ kind: "address", ...one }) as const);
      return new WorkerPool(libc, asked, [row]);
    }
    const opened = openAll(libc, asked.listen, asked.workers);
    if ("kind" in opened) return opened;
    const { listen, ofWorkers } = opened;
    return new WorkerPool(libc, { ...asked, listen }, ofWorkers);
  }

  /** Number of workers. */
  get size(): number {
    return this.#members.length;
  }

  /** The port of each row; the kernel's choice is known once the workers have started. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Starts all workers; settles when each can answer, or all are ended since one cannot. */
  async start(): Promise<Started> {
    tuneEngine();
    for (const i of this.#members.keys()) this.#startMember(i);
    const words = await Promise.all(this.#members.map(({ started }) => started.promise));
    const problem = words.find((word) => word !== undefined);
    if (problem !== undefined) await this.drain();
    return problem;
  }

  /** Has all workers, and their successors, answer from a copy of a zone until a time. */
  useCopy(zone: Name, packed: SharedArrayBuffer | undefined, untilMs: number): void {
    const copy = { zone, packed, untilMs };
    this.#copies.set(nameKey(zone), copy);
    for (const { thread } of this.#members) if (thread !== undefined) tellCopy(thread, copy);
  }

  /** Ends all workers when what is under way has ended or has had its time. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#members.map(({ thread }) => tellToEnd(thread, { kind: "drain" })));
    for (const { options } of this.#members) {
      closeAll(this.#libc, options.listeners);
    }
  }

  /**
   * Makes one worker fail as a mistake of ours would; settles when it is gone.
   *
   * Not by `terminate()`: that may strike inside a callback of the FFI, which ends the process.
   */
  async fail(i: number): Promise<void> {
    await tellToEnd(this.#members[i]?.thread, { kind: "fail" });
  }

  /** Gives all workers, and those that will follow them, other options. */
  async reload(resolver: ResolverOptions, forgets: boolean): Promise<void> {
    const own = besideBoard(resolver, this.size);
    for (const member of this.#members) member.options = { ...member.options, resolver: own };
    this.#lasting = [];
    await this.#orderAll({ kind: "reload", resolver: own, forgets });
    if (forgets && this.#board !== undefined) await this.#orderAll({ kind: "flush-all" });
  }

  /** Has all workers, and those that will follow them, show another certificate or seal anew. */
  useTls(material: TlsMaterial): void {
    for (const member of this.#members) {
      member.options = { ...member.options, tls: material };
      if (member.thread !== undefined) tell(member.thread, { kind: "tls", material });
    }
  }

  /** Workers that serve now. */
  get serving(): readonly number[] {
    return [...this.#members.keys()].filter((i) => {
      const { thread, hasServed } = this.#members[i]!;
      return thread !== undefined && hasServed;
    });
  }

  /** Tells of each worker that begins to serve from now on. */
  onServes(told: (worker: number) => void): void {
    this.#onServes = told;
  }

  /** Gives a worker its end of a socket pair with the QUIC process; it goes with the worker. */
  giveQuic(worker: number, fd: number): void {
    const { thread } = this.#members[worker]!;
    if (thread !== undefined) tell(thread, { kind: "quic", fd });
    else this.#libc?.close(fd);
  }

  /** Has all workers, and those that will follow them, serve this over HTTP, and tell of it. */
  useServices(services: ServicesTold): void {
    for (const member of this.#members) {
      member.options = { ...member.options, services };
      if (member.thread !== undefined) tell(member.thread, { kind: "services", services });
    }
  }

  /** Has all workers that serve carry out an order; who does not answer in time is left out. */
  async control(order: ControlOrder): Promise<readonly ControlAnswer[]> {
    const answers = await this.#orderAll(order);
    // Once more: one that had forgotten may have taken from the board what another pinned before.
    const forgets = order.kind !== "stats" && order.kind !== "dump";
    if (forgets && this.#board !== undefined) await this.#orderAll(order);
    return answers;
  }

  async #orderAll(order: ControlOrder | ReloadOrder): Promise<readonly ControlAnswer[]> {
    const answers = await Promise.all(this.#members.map((member) => this.#order(member, order)));
    return answers.filter((answer) => answer !== undefined);
  }

  /** Has every worker, and those that come after it, believe these trust anchors. */
  believe(anchors: readonly TrustAnchor[]): void {
    this.#lasting = this.#lasting.filter(({ kind }) => kind !== "believe");
    this.#tellAll({ kind: "believe", anchors });
  }

  /** Has every worker, and those that come after it, drop the negative trust anchor of a zone. */
  dropNegative(zone: Name): void {
    this.#tellAll({ kind: "drop-negative", zone });
    // One that dropped it may have taken from the board what another pinned before it did so.
    if (this.#board !== undefined) void this.control({ kind: "flush-below", name: zone });
  }

  /** Has one worker that serves get the keys of a zone; says whether there is one. */
  lookAtKeys(zone: Name): boolean {
    return this.#tellOne({ kind: "look-at-keys", zone });
  }

  /** Has one worker that serves look whether a zone would validate; says whether there is one. */
  probe(zone: Name): boolean {
    return this.#tellOne({ kind: "probe", zone });
  }

  #tellAll(order: WorkerOrder): void {
    this.#lasting = [...this.#lasting, order];
    for (const { thread } of this.#members) if (thread !== undefined) tell(thread, order);
  }

  #tellOne(order: WorkerOrder): boolean {
    const serving = this.#members.find((one) => one.thread !== undefined && one.hasServed);
    if (serving?.thread !== undefined) tell(serving.thread, order);
    return serving !== undefined;
  }

  #order(
    { thread, hasServed }: Member,
    order: ControlOrder | ReloadOrder,
  ): Promise<ControlAnswer | undefined> {
    if (thread === undefined || !hasServed) return Promise.resolve(undefined);
    const id = this.#orders++;
    return new Promise((resolve) => {
      const settle = (answer: ControlAnswer | undefined): void => {
        clearTimeout(timer);
        this.#awaited.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), ORDER_WAIT_MS);
      this.#awaited.set(id, settle);
      tell(thread, { kind: "control", id, order });
    });
  }

  #startMember(i: number): void {
    const member = this.#members[i]!;
    const thread = new Worker(new URL("thread.ts", import.meta.url), {
      workerData: member.options,
      resourceLimits: workerMemory,
    });
    member.thread = thread;
    for (const copy of this.#copies.values()) tellCopy(thread, copy);
    for (const order of this.#lasting) tell(thread, order);
    member.startedMs = monotonicMs();
    let why = "ended";
    thread.on("error", (error: Error) => {
      why = whyOf(error);
    });
    thread.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") {
        this.#ports = message.ports;
        member.hasServed = true;
        this.#onServes(i);
        member.started.resolve(undefined);
      } else if (message.kind === "keys") {
        this.#options.onKeys?.(message);
      } else if (message.kind === "probed") {
        this.#options.onProbed?.(message);
      } else if (message.kind === "purge") {
        void this.control({ ...message, kind: "flush" });
      } else if (message.kind === "controlled") {
        this.#awaited.get(message.id)?.(message.answer);
      } else if (member.hasServed) {
        why = `cannot listen: ${message.why}`;
        void tellToEnd(thread, { kind: "drain" });
      } else {
        member.started.resolve(message);
      }
    });
    thread.on("exit", () => this.#afterDeath(i, why));
  }

  #afterDeath(i: number, why: string): void {
    const member = this.#members[i]!;
    member.thread = undefined;
    const libc = this.#libc;
    if (libc !== undefined) {
      new OpenDescriptors(member.options.descriptors).closeAll((fd) => libc.close(fd));
    }
    if (this.#isEnding) return;
    this.#options.onDeath(i, why);
    const delayMs = member.restartDelay.afterDeath(monotonicMs() - member.startedMs);
    setTimeout(() => {
      if (!this.#isEnding) this.#startMember(i);
    }, delayMs);
  }
}

function tellCopy(thread: Worker, { zone, packed, untilMs }: Copy): void {
  tell(thread, { kind: "copy", zone, packed, forMs: untilMs - monotonicMs() });
}

function tell(thread: Worker, order: WorkerOrder): void {
  thread.postMessage(order);
}

/** Gives a thread an order that it does not survive; settles when it is gone. */
async function tellToEnd(thread: Worker | undefined, order: WorkerOrder): Promise<void> {
  if (thread === undefined) return;
  const gone = new Promise((resolve) => thread.once("exit", resolve));
  tell(thread, order);
  await gone;
}

/**
 * The kind of a mistake, and where in the source it was made.
 *
 * PRIVACY: not its message, which could hold a name.
 */
function whyOf(error: Error): string {
  const place = /\n\s+at .*?([\w-]+\.ts:\d+)/.exec(error.stack ?? "")?.[1];
  return place === undefined ? error.name : `${error.name} at ${place}`;
}
