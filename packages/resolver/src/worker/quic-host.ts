/**
 * The QUIC process, seen from the main thread: starts it, ties it to the workers, starts it anew.
 *
 * A socket pair for each worker, of which either side may die: then both sides get a new one.
 */
import { type ChildProcess, fork } from "node:child_process";
import { Socket } from "node:net";
import type { AdmitOptions } from "../serve/admit.ts";
import { monotonicMs } from "../system/clock.ts";
import { type Libc, linux } from "../system/libc.ts";
import type { KeyPair } from "../transports/tls.ts";
import type { QuicOptions, QuicOrder, QuicTold } from "./quic-orders.ts";
import { RestartDelay } from "./restart.ts";

/** The workers, as far as the QUIC process has to do with them. */
export interface QuicWorkers {
  /** Workers that serve now. */
  readonly serving: readonly number[];
  /** Gives a worker its end of a socket pair, which is the worker's to close. */
  giveQuic(worker: number, fd: number): void;
}

export class QuicHost {
  readonly #libc: Libc;
  readonly #workers: QuicWorkers;
  readonly #onDeath: (why: string) => void;
  readonly #restartDelay = new RestartDelay();
  #options: QuicOptions;
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #isEnding = false;
  /** One of its processes has listened: the addresses can be had. */
  #hasListened = false;
  /** The process that has sockets to the workers. */
  #tied: ChildProcess | undefined;

  /** `onDeath` is told when the process has died and is being replaced. */
  constructor(
    libc: Libc,
    options: QuicOptions,
    workers: QuicWorkers,
    onDeath: (why: string) => void,
  ) {
    this.#libc = libc;
    this.#options = options;
    this.#workers = workers;
    this.#onDeath = onDeath;
  }

  /** Starts the process; settles with what it says first. */
  async start(): Promise<QuicTold> {
    const first = await this.#startChild();
    if (first.kind !== "listening") {
      await this.end();
      return first;
    }
    const rows = this.#options.rows.map((row, i) => ({ ...row, port: first.ports[i]! }));
    this.#options = { ...this.#options, rows };
    return first;
  }

  /** Ties a worker that has begun to serve to the process. */
  tie(worker: number): void {
    const child = this.#child;
    if (child?.connected !== true) return;
    const pair = new Int32Array(2);
    const octets = new Uint8Array(pair.buffer);
    const type = linux.SOCK_STREAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
    if (this.#libc.socketpair(linux.AF_UNIX, type, 0, octets) < 0) return;
    const [ours, theirs] = pair as unknown as [number, number];
    this.#workers.giveQuic(worker, ours);
    const order: QuicOrder = { kind: "worker" };
    child.send(order, new Socket({ fd: theirs, allowHalfOpen: false }), () => {});
  }

  /** Admits clients by other rules; connections that stand are closed, and come back by them. */
  admit(admit: AdmitOptions): void {
    this.#options = { ...this.#options, admit };
    this.#tell({ kind: "admit", admit });
  }

  /** Takes another certificate. */
  certify(pair: KeyPair): void {
    this.#options = { ...this.#options, pair };
    this.#tell({ kind: "certificate", pair });
  }

  /** Ends the process; settles when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    this.#tell({ kind: "end" });
    await gone;
  }

  #tell(order: QuicOrder): void {
    if (this.#child?.connected === true) this.#child.send(order, () => {});
  }

  #startChild(): Promise<QuicTold> {
    const child = fork(new URL("quic-process.ts", import.meta.url), {
      // PRIVACY: a native library may print; nothing of it goes anywhere.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
    this.#child = child;
    this.#startedMs = monotonicMs();
    child.on("error", () => {});
    child.on("exit", (code, signal) => this.#afterDeath(signal ?? `exit ${code}`));
    child.on("message", (told: QuicTold) => this.#hear(child, told));
    this.#tell({ kind: "start", options: this.#options });
    return new Promise((resolve) => {
      child.once("exit", () => resolve({ kind: "no-library" }));
      child.once("message", (told: QuicTold) => resolve(told));
    });
  }

  /** Ties the workers to one that listens; one that cannot listen any more is started anew. */
  #hear(child: ChildProcess, told: QuicTold): void {
    if (told.kind !== "listening") {
      if (this.#hasListened) child.kill();
      return;
    }
    this.#hasListened = true;
    if (this.#tied === child) return;
    this.#tied = child;
    for (const worker of this.#workers.serving) this.tie(worker);
  }

  #afterDeath(why: string): void {
    this.#child = undefined;
    if (this.#isEnding) return;
    this.#onDeath(why);
    const delayMs = this.#restartDelay.afterDeath(monotonicMs() - this.#startedMs);
    setTimeout(() => {
      if (!this.#isEnding) void this.#startChild();
    }, delayMs);
  }
}
