/**
 * The workers of a server, seen from the main thread, which owns their listening descriptors.
 *
 * A worker that dies is replaced at once by one with the same descriptors: what came in between
 * waits in the sockets' buffers. What the dead one had opened itself is closed here.
 */
import { Worker } from "node:worker_threads";
import { limits } from "../base/limits.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import type { Libc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import { type NoSocket, isWildcard, openListener, whyTaken } from "../system/sockets.ts";
import type { WorkerListener, WorkerMessage, WorkerOptions, WorkerOrder } from "./options.ts";

export interface PoolOptions {
  readonly workers: number;
  readonly listen: readonly { readonly ip: Uint8Array; readonly port: number }[];
  readonly resolver: ResolverOptions;
  readonly outgoing: readonly Uint8Array[];
  /**
   * Told when a worker has died and is being replaced; `why` has no message that could hold a name.
   */
  readonly onDeath: (worker: number, why: string) => void;
}

/** An address that cannot be listened at. */
export interface CannotListen {
  readonly kind: "cannot-listen";
  /** Row of `listen`. */
  readonly row: number;
  readonly why: string;
}

const PORT_TRIES_MAX = limits.portTriesMax.value;

interface Member {
  readonly options: WorkerOptions;
  thread: Worker | undefined;
}

export class WorkerPool {
  readonly #libc: Libc;
  readonly #options: PoolOptions;
  readonly #members: Member[];
  readonly ports: readonly number[];
  #isEnding = false;

  private constructor(libc: Libc, options: PoolOptions, rows: readonly WorkerListener[][]) {
    this.#libc = libc;
    this.#options = options;
    this.ports = options.listen.map(({ port }) => port);
    this.#members = rows.map((listeners) => ({
      options: {
        listeners,
        resolver: options.resolver,
        outgoing: options.outgoing,
        listeningPorts: this.ports,
        descriptors: new OpenDescriptors().memory,
      },
      thread: undefined,
    }));
  }

  /** Opens every listening socket of every worker; leaves none open where one cannot be. */
  static open(libc: Libc, asked: PoolOptions): WorkerPool | CannotListen {
    // Looked at first: our own sockets share their ports, also where two rows overlap.
    for (const [row, { ip, port }] of asked.listen.entries()) {
      const why = port === 0 ? undefined : whyTaken(libc, ip, port, false);
      if (why !== undefined) return { kind: "cannot-listen", row, why };
    }
    const rows: WorkerListener[][] = Array.from({ length: asked.workers }, () => []);
    const listen: { ip: Uint8Array; port: number }[] = [];
    for (const [row, { ip, port }] of asked.listen.entries()) {
      const opened = openRow(libc, ip, port, asked.workers);
      if ("kind" in opened) {
        closeAll(libc, rows.flat());
        return { kind: "cannot-listen", row, why: opened.why };
      }
      for (const [i, listener] of opened.listeners.entries()) rows[i]!.push(listener);
      listen.push({ ip, port: opened.port });
    }
    return new WorkerPool(libc, { ...asked, listen }, rows);
  }

  /** Starts all workers; settles when each can answer. */
  async start(): Promise<void> {
    await Promise.all(this.#members.map((_, i) => this.#startMember(i)));
  }

  /** Ends all workers when what is under way has had its time. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    const order: WorkerOrder = { kind: "drain" };
    await Promise.all(
      this.#members.map(async ({ thread }) => {
        if (thread === undefined) return;
        const gone = new Promise((resolve) => thread.once("exit", resolve));
        thread.postMessage(order);
        await gone;
      }),
    );
    closeAll(
      this.#libc,
      this.#members.flatMap(({ options }) => options.listeners),
    );
  }

  /**
   * Makes one worker fail as a mistake of ours would; settles when it is gone.
   *
   * Not by `terminate()`: that may strike inside a callback of the FFI, which ends the process.
   */
  async fail(i: number): Promise<void> {
    const thread = this.#members[i]?.thread;
    if (thread === undefined) return;
    const gone = new Promise((resolve) => thread.once("exit", resolve));
    const order: WorkerOrder = { kind: "fail" };
    thread.postMessage(order);
    await gone;
  }

  #startMember(i: number): Promise<void> {
    const member = this.#members[i]!;
    const thread = new Worker(new URL("thread.ts", import.meta.url), {
      workerData: member.options,
    });
    member.thread = thread;
    let why = "ended";
    thread.on("error", (error: Error) => {
      why = `${error.name} ${/\n\s+at (.*)/.exec(error.stack ?? "")?.[1] ?? ""}`;
    });
    thread.on("exit", () => this.#afterDeath(i, why));
    return new Promise((resolve) => {
      thread.once("message", (message: WorkerMessage) => {
        if (message.kind === "ready") resolve();
      });
    });
  }

  #afterDeath(i: number, why: string): void {
    const member = this.#members[i]!;
    member.thread = undefined;
    new OpenDescriptors(member.options.descriptors).closeAll((fd) => this.#libc.close(fd));
    if (this.#isEnding) return;
    this.#options.onDeath(i, why);
    setTimeout(() => void this.#startMember(i), limits.workerRestartMs.value);
  }
}

interface OpenRow {
  readonly listeners: readonly WorkerListener[];
  readonly port: number;
}

/**
 * Opens the sockets of one row for every worker.
 *
 * Where the kernel may choose the port it chooses one for UDP, which may be taken for TCP: then it
 * chooses again.
 */
function openRow(libc: Libc, ip: Uint8Array, port: number, workers: number): OpenRow | NoSocket {
  let opened = openRowAt(libc, ip, port, workers);
  for (let tries = 1; port === 0 && "kind" in opened && tries < PORT_TRIES_MAX; tries++) {
    opened = openRowAt(libc, ip, port, workers);
  }
  return opened;
}

function openRowAt(
  libc: Libc,
  ip: Uint8Array,
  wanted: number,
  workers: number,
): OpenRow | NoSocket {
  const listeners: WorkerListener[] = [];
  let port = wanted;
  for (let i = 0; i < workers; i++) {
    const udp = openListener(libc, "udp", ip, port);
    if (udp.kind === "no-socket") {
      closeAll(libc, listeners);
      return udp;
    }
    port = udp.port;
    const tcp = openListener(libc, "tcp", ip, port);
    if (tcp.kind === "no-socket") {
      libc.close(udp.fd);
      closeAll(libc, listeners);
      return tcp;
    }
    listeners.push({ udpFd: udp.fd, tcpFd: tcp.fd, isWildcard: isWildcard(ip) });
  }
  return { listeners, port };
}

function closeAll(libc: Libc, listeners: readonly WorkerListener[]): void {
  for (const { udpFd, tcpFd } of listeners) {
    libc.close(udpFd);
    libc.close(tcpFd);
  }
}
