/**
 * A listener for connections over TCP: who may connect, and for how long, whatever they speak.
 *
 * PRIVACY: a client's address lives as long as its connection, as a `Client`; for its share of
 * the listener it is a keyed hash of its network.
 */
import { once } from "node:events";
import {
  type AddressInfo,
  type ListenOptions,
  type Server,
  type Socket,
  createServer,
} from "node:net";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { Client } from "../privacy/client.ts";
import { NetworkCounts } from "../privacy/network-counts.ts";
import { monotonicMs } from "../system/clock.ts";
import { SystemRandom } from "../system/random.ts";
import { readGreeting } from "./greeting.ts";
import type { Proxies } from "./proxies.ts";
import type { Session, StreamHost, StreamProtocol } from "./session.ts";
import { ANSWERS_BYTES } from "./stream.ts";

const STREAMS_MAX = limits.streamsPerListenerMax.value;
const PER_NETWORK_MAX = limits.streamsPerNetworkMax.value;
const HELD_BYTES_MAX = limits.streamBytesHeldMax.value;
const IDLE_MS = limits.streamIdleMs.value;
const CROWDED_MS = limits.streamIdleCrowdedMs.value;
/** Idle streams are looked for so often that each stands no more than a quarter too long. */
const SWEEP_MS = CROWDED_MS / 4;

/** Where a listener's connections come from. */
export type TcpSource =
  /** A listening descriptor that is closed with the listener: its owner gives a duplicate. */
  | { readonly fd: number }
  /** An address that Node listens at, where raw descriptors cannot be had. */
  | { readonly host: string; readonly port: number };

export class TcpListener implements StreamHost {
  readonly listener: number;
  readonly answers = new Uint8Array(ANSWERS_BYTES);
  readonly #server: Server;
  readonly #protocol: StreamProtocol;
  readonly #streams = new Set<Session>();
  /** Streams of proxies whose clients are not known yet, and since when. */
  readonly #greeting = new Map<Socket, number>();
  readonly #proxies: Proxies | undefined;
  readonly #networks = new NetworkCounts(new SystemRandom(), PER_NETWORK_MAX);
  readonly #sweep: NodeJS.Timeout;
  #settling: Session[] = [];
  #heldBytes = 0;
  #isStopped = false;

  /**
   * `listener` is the row of `listen` that these connections come in by, `protocol` what is spoken
   * on them; those of `proxies` begin with a header.
   */
  constructor(source: TcpSource, listener: number, protocol: StreamProtocol, proxies?: Proxies) {
    this.listener = listener;
    this.#proxies = proxies;
    this.#protocol = protocol;
    const options = { allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (socket) => this.#accept(socket));
    // Connections that cannot be accepted, for want of descriptors: the next may fare better.
    this.#server.on("error", () => {});
    this.#server.listen("fd" in source ? source : shared(source));
    this.#sweep = setInterval(() => this.closeIdle(monotonicMs()), SWEEP_MS);
    this.#sweep.unref();
    this.#server.on("close", () => clearInterval(this.#sweep));
  }

  /** Settles with the port that is listened at. */
  async listening(): Promise<number> {
    if (!this.#server.listening) await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that stand now. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Bytes held for all connections: what is not whole, and what is not read. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get idleMs(): number {
    return this.#streams.size * 2 > STREAMS_MAX ? CROWDED_MS : IDLE_MS;
  }

  hold(bytes: number): boolean {
    this.#heldBytes += bytes;
    return this.#heldBytes <= HELD_BYTES_MAX;
  }

  settleSoon(stream: Session): void {
    if (this.#settling.length === 0) setImmediate(() => this.#settle());
    this.#settling.push(stream);
  }

  /** Closes what is idle at a time of the monotonic clock. */
  closeIdle(nowMs: number): void {
    for (const stream of this.#streams) stream.closeIfIdle(nowMs);
    for (const [socket, sinceMs] of this.#greeting) {
      if (nowMs - sinceMs >= this.idleMs) socket.resetAndDestroy();
    }
  }

  /** Takes no further connection or question; what was asked is answered first. */
  stop(): void {
    this.#isStopped = true;
    this.#server.close();
    for (const stream of this.#streams) stream.end();
    for (const socket of this.#greeting.keys()) socket.destroy();
  }

  #settle(): void {
    const settling = this.#settling;
    this.#settling = [];
    for (const stream of settling) stream.settle();
  }

  #accept(socket: Socket): void {
    // What goes wrong below whatever is spoken is the client's affair; "close" follows.
    socket.on("error", ignore);
    const peer = clientOf(socket);
    const isFull = this.#streams.size + this.#greeting.size >= STREAMS_MAX;
    if (peer === undefined || this.#isStopped || isFull) {
      socket.resetAndDestroy();
    } else if (this.#proxies?.has(peer) === true) {
      this.#greet(socket, peer);
    } else {
      this.#open(socket, peer);
    }
  }

  /** A proxy's stream is its client's as soon as it has said whose that is. */
  #greet(socket: Socket, peer: Client): void {
    this.#greeting.set(socket, monotonicMs());
    socket.once("close", () => this.#greeting.delete(socket));
    socket.once("end", () => {
      if (this.#greeting.has(socket)) socket.destroy();
    });
    readGreeting(socket, peer, (client) => {
      this.#greeting.delete(socket);
      if (client === undefined) socket.resetAndDestroy();
      else this.#open(socket, client);
    });
  }

  /** Begins to speak with a client, where its network may have another connection. */
  #open(socket: Socket, client: Client): void {
    const seat = this.#networks.enter(client);
    if (seat === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const stream = this.#protocol.open(socket, client, this);
    this.#streams.add(stream);
    socket.once("close", () => {
      this.#streams.delete(stream);
      this.#networks.leave(seat);
    });
  }
}

function ignore(): void {}

/** Who has connected; undefined where that one is gone already. */
function clientOf(socket: Socket): Client | undefined {
  const ip = ipFromText((socket.remoteAddress ?? "").replace(/%.*$/, ""));
  return ip === undefined ? undefined : Client.at(ip, socket.remotePort ?? 0);
}

/** An address of one family only, shared with the other workers' sockets. */
function shared(source: { readonly host: string; readonly port: number }): ListenOptions {
  return { ...source, ipv6Only: true, reusePort: process.platform === "linux" };
}
