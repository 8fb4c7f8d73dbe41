/**
 * One TCP connection to a server, plain or with TLS in it: questions go out as they come, replies
 * return in any order.
 *
 * RFC 7766 §6.2.1.1 (pipelining), §7 (replies are matched by id and question), §8 (a message
 * and its length are written at once).
 */
import { type Socket, connect } from "node:net";
import { setU16 } from "@lethe/wire/bytes.ts";
import { type ServerAddress, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { monotonicMs } from "../system/clock.ts";
import type { Unwanted } from "./counters.ts";
import { FrameReader } from "./frame-reader.ts";
import { judgeReply } from "./match.ts";
import type { StreamConnection, StreamListener } from "./stream-kind.ts";
import type { TcpAsk } from "./tcp-ask.ts";
import { Timer } from "./timer-wheel.ts";

const ASKS_MAX = limits.tcpAsksPerConnectionMax.value;

/** A socket that is being opened. */
export interface Opening {
  readonly socket: Socket;
  /** The event of the socket that says that it may be written to. */
  readonly opened: "connect" | "secureConnect";
  /** The bytes of a query as they go over this stream. */
  readonly dressed?: (ask: TcpAsk) => Uint8Array;
}

/** Opens a plain TCP socket. */
export function openTcp(server: ServerAddress, source: Uint8Array | undefined): Opening {
  const socket = connect({
    host: ipToText(server.ip),
    port: server.port,
    noDelay: true,
    ...(source === undefined ? {} : { localAddress: ipToText(source) }),
  });
  return { socket, opened: "connect" };
}

/** It is itself the timer of its idleness. */
export class TcpConnection extends Timer implements StreamConnection {
  readonly server: ServerAddress;
  readonly #listener: StreamListener;
  readonly #socket: Socket;
  readonly #dressed: (ask: TcpAsk) => Uint8Array;
  readonly #asks = new Set<TcpAsk>();
  readonly #frames: FrameReader;
  #isUp = false;
  #isRetired = false;
  #hasAnswered = false;
  #failure: string | undefined;

  constructor(server: ServerAddress, opening: Opening, listener: StreamListener) {
    super();
    this.server = server;
    this.#listener = listener;
    this.#frames = new FrameReader((message) => this.#take(message));
    this.#socket = opening.socket;
    this.#dressed = opening.dressed ?? (({ query }) => query);
    this.#socket.on(opening.opened, () => this.#goUp());
    this.#socket.on("data", (chunk: Buffer) => this.#frames.read(chunk));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#failure = error.code;
    });
    this.#socket.on("close", () => this.#close());
  }

  /** Says whether another question may be asked over it. */
  get hasRoom(): boolean {
    return !this.#isRetired && this.#asks.size < ASKS_MAX;
  }

  get isIdle(): boolean {
    return this.#asks.size === 0;
  }

  send(ask: TcpAsk): void {
    ask.connection = this;
    ask.isOnUsedConnection = this.#hasAnswered;
    ask.sentMs = monotonicMs();
    this.#asks.add(ask);
    if (this.#isUp) this.#write(ask);
  }

  /**
   * Nobody waits for an ask any more. Its reply may still come and is nobody's then, so nothing
   * new is asked over this connection; it closes with the last that is under way.
   */
  abandon(ask: TcpAsk): void {
    this.#asks.delete(ask);
    this.#isRetired = true;
    if (this.isIdle) this.destroy();
  }

  expire(): void {
    this.destroy();
  }

  /** Closes it; `closed` is told, later. */
  destroy(): void {
    this.#isRetired = true;
    this.#socket.destroy();
  }

  #goUp(): void {
    if (this.#socket.destroyed) return;
    this.#isUp = true;
    const nowMs = monotonicMs();
    this.#socket.cork();
    for (const ask of this.#asks) {
      ask.sentMs = nowMs; // the handshake is no part of its time
      this.#write(ask);
    }
    this.#socket.uncork();
  }

  #write(ask: TcpAsk): void {
    const query = this.#dressed(ask);
    const frame = new Uint8Array(2 + query.length);
    setU16(frame, 0, query.length);
    frame.set(query, 2);
    this.#socket.write(frame);
  }

  #close(): void {
    this.#isRetired = true;
    const asks = [...this.#asks];
    this.#asks.clear();
    this.#listener.closed(this, asks, this.#isUp ? undefined : this.#failure);
  }

  #take(message: Uint8Array): void {
    let verdict: "match" | Unwanted = "wrong-id";
    for (const ask of this.#asks) {
      const seen = judgeReply(ask.query, ask.questionEnd, message, message.length);
      if (seen === "match" || seen === "wrong-case") {
        this.#answer(ask, seen === "match" ? message : undefined);
        return;
      }
      if (seen !== "wrong-id") verdict = seen;
    }
    this.#isRetired = true;
    this.#listener.unwanted(verdict);
  }

  #answer(ask: TcpAsk, message: Uint8Array | undefined): void {
    this.#asks.delete(ask);
    this.#hasAnswered = true;
    // First back to the pool, then the answer: who gets it may ask again at once.
    if (this.isIdle) {
      if (this.#isRetired) this.destroy();
      else this.#listener.idle(this);
    }
    if (message === undefined) this.#listener.matchedButCase(ask);
    else this.#listener.matched(ask, message);
  }
}
