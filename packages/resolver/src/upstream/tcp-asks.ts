/**
 * Questions over streams: one connection a server while it has room, kept for a short idle time.
 *
 * A server may close an idle connection just as a question leaves (RFC 7766 §6.2.3): a question
 * that is lost so is asked once more over a fresh connection.
 */
import { type ServerAddress, serverKey } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import type { Unwanted, UpstreamCounters } from "./counters.ts";
import type { Reach } from "./reach.ts";
import type { Sources } from "./source.ts";
import type { StreamConnection, StreamKind, StreamListener } from "./stream-kind.ts";
import { TcpAsk } from "./tcp-ask.ts";
import { TcpConnection, openTcp } from "./tcp-connection.ts";
import type { Time } from "./timers.ts";

/** Streams that are nothing but TCP. */
const plainStreams: StreamKind = {
  connectionsMax: limits.tcpConnectionsMax.value,
  idleMs: limits.tcpIdleMs.value,
  counts: "tcp",
  keyOf: serverKey,
  open: (server, source, listener) => {
    return new TcpConnection(server, openTcp(server, source), listener);
  },
  failure: () => undefined,
};

/** What TCP asks share with the rest of upstream/. */
export interface TcpParts {
  readonly time: Time;
  readonly counters: UpstreamCounters;
  readonly sources: Sources;
  readonly reach: Reach;
}

export class TcpAsks implements StreamListener {
  readonly #parts: TcpParts;
  readonly #kind: StreamKind;
  readonly #byServer = new Map<string, Set<StreamConnection>>();
  /** Those that wait for a question or for their end, the longest first. */
  readonly #idle = new Set<StreamConnection>();
  #open = 0;
  #isClosed = false;

  constructor(parts: TcpParts, kind: StreamKind = plainStreams) {
    this.#parts = parts;
    this.#kind = kind;
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const ask = new TcpAsk(effect, done, (expired) => this.#expired(expired));
    const { time, counters } = this.#parts;
    counters[`${this.#kind.counts}Asks`]++;
    time.start(ask, effect.timeoutMs);
    if (!this.#send(ask)) {
      counters.refused++;
      time.after(0, () => this.#finish(ask, { kind: "busy" }));
    }
    return () => {
      if (this.#end(ask)) ask.connection?.abandon(ask);
    };
  }

  /** Ends all asks without results and closes every connection. */
  close(): void {
    this.#isClosed = true;
    for (const connections of this.#byServer.values()) {
      for (const connection of connections) connection.destroy();
    }
  }

  matched(ask: TcpAsk, message: Uint8Array): void {
    this.#parts.counters.replies++;
    this.#parts.reach.heard(ask.server);
    this.#finish(ask, { kind: "reply", message, rttMs: this.#parts.time.nowMs() - ask.sentMs });
  }

  matchedButCase(ask: TcpAsk): void {
    this.#parts.counters.unwanted["wrong-case"]++;
    this.#finish(ask, { kind: "case-mismatch", rttMs: this.#parts.time.nowMs() - ask.sentMs });
  }

  refused(ask: TcpAsk): void {
    this.#finish(ask, this.#unreachable());
  }

  unwanted(why: Unwanted): void {
    this.#parts.counters.unwanted[why]++;
  }

  idle(connection: StreamConnection): void {
    this.#idle.add(connection);
    this.#parts.time.start(connection, this.#kind.idleMs);
  }

  closed(connection: StreamConnection, asks: readonly TcpAsk[], code: string | undefined): void {
    const { counters } = this.#parts;
    this.#wake(connection);
    const key = this.#kind.keyOf(connection.server);
    const connections = this.#byServer.get(key);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byServer.delete(key);
    counters[`${this.#kind.counts}ConnectionsOpen`] = --this.#open;
    for (const ask of asks) {
      if (ask.isOnUsedConnection && !this.#isClosed && this.#send(ask)) continue;
      this.#finish(ask, this.#kind.failure(code) ?? this.#failureOf(connection.server, code));
    }
  }

  /** Sends over a connection that has room, or over a new one; false where there may be no more. */
  #send(ask: TcpAsk): boolean {
    const connection = this.#connectionFor(ask);
    if (connection === undefined) return false;
    this.#wake(connection);
    connection.send(ask);
    return true;
  }

  #connectionFor(ask: TcpAsk): StreamConnection | undefined {
    const { server } = ask;
    const key = this.#kind.keyOf(server);
    const connections = this.#byServer.get(key) ?? new Set<StreamConnection>();
    // Lost once with a used connection, it is not to be lost again in the same way.
    if (!ask.isOnUsedConnection) {
      for (const connection of connections) if (connection.hasRoom) return connection;
    }
    if (this.#open >= this.#kind.connectionsMax && !this.#closeOneIdle()) return undefined;
    const { sources, counters } = this.#parts;
    const source = sources.isKernelsChoice(server.ip) ? undefined : sources.ip(server.ip);
    const connection = this.#kind.open(server, source, this);
    connections.add(connection);
    this.#byServer.set(key, connections);
    counters[`${this.#kind.counts}ConnectionsOpen`] = ++this.#open;
    return connection;
  }

  /** Closes the connection that is idle longest; until it is gone, one more is open. */
  #closeOneIdle(): boolean {
    const [connection] = this.#idle;
    if (connection === undefined) return false;
    this.#wake(connection);
    connection.destroy();
    return true;
  }

  /** An idle connection is to be used or closed. */
  #wake(connection: StreamConnection): void {
    this.#idle.delete(connection);
    this.#parts.time.stop(connection);
  }

  #expired(ask: TcpAsk): void {
    this.#parts.counters.timeouts++;
    this.#finish(ask, { kind: "timeout" }, true);
  }

  #failureOf(server: ServerAddress, code: string | undefined): AskResult {
    switch (code) {
      case "ENETUNREACH":
      case "EHOSTUNREACH":
      case "EADDRNOTAVAIL":
      case "EAFNOSUPPORT":
      case "EACCES":
        if (this.#parts.reach.withoutRoute(server) === "unreachable") return this.#unreachable();
        this.#parts.counters.noRoute++;
        return { kind: "no-route" };
      default:
        return this.#unreachable();
    }
  }

  #unreachable(): AskResult {
    this.#parts.counters.unreachable++;
    return { kind: "unreachable" };
  }

  #finish(ask: TcpAsk, result: AskResult, isAbandoned = false): void {
    if (!this.#end(ask)) return;
    if (isAbandoned) ask.connection?.abandon(ask);
    if (!this.#isClosed) ask.done(result);
  }

  /** Ends an ask; false where it had ended. */
  #end(ask: TcpAsk): boolean {
    if (ask.isEnded) return false;
    ask.isEnded = true;
    this.#parts.time.stop(ask);
    return true;
  }
}
