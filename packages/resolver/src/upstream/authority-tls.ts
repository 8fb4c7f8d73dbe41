/**
 * Authorities over TLS where they speak it, unproven (RFC 9539): who only listens hears nothing.
 *
 *   unknown ──probe──► open ──► questions go over TLS ──► closed: unknown again
 *      ▲                └─ no answer ever came ─┐
 *      └── a day later ── damped ◄── no TLS ────┘
 *
 * No question waits for TLS. A probe opens a connection beside the question that led to it, which
 * goes in plain; those after it use what is open. One that TLS keeps waiting for half its time goes
 * in plain for the rest of it. So nothing takes longer than in plain
 * (docs/decisions/0053-servers-over-tls.md).
 */
import { type ServerAddress, serverKey } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import type { Unwanted } from "./counters.ts";
import type { StreamListener } from "./stream-kind.ts";
import { TcpAsk } from "./tcp-ask.ts";
import type { TcpParts } from "./tcp-asks.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { Later } from "./timers.ts";
import { TlsDialler } from "./tls-dial.ts";
import { paddedQuery } from "./padding.ts";

const DAMPING_MS = limits.authorityTlsDampingMs.value;
const PROBE_MS = limits.authorityTlsProbeMs.value;
const KNOWN_MAX = limits.authorityTlsKnownMax.value;
const OPEN_MAX = limits.authorityTlsOpenMax.value;
const IDLE_MS = limits.tlsIdleMs.value;

/** Whoever answers is taken for the server. One object: its tickets are kept with it. */
const TERMS = { over: "tls", name: undefined, path: "", trust: { kind: "anyone" } } as const;

/** What is known of one address. */
interface Known {
  connection: TcpConnection | undefined;
  /** Questions may be asked over the connection. */
  isUp: boolean;
  /** A question was asked over it, and whether one was answered. */
  wasAsked: boolean;
  hasAnswered: boolean;
  /** Until then it is not tried again. */
  dampedUntilMs: number;
}

/** Asks in plain. */
type Plainly = (effect: Ask, done: (result: AskResult) => void) => Cancel;

/** One question over TLS, and its way back to plain. */
interface Way {
  readonly done: (result: AskResult) => void;
  readonly effect: Ask;
  readonly startedMs: number;
  cancelPlain: Cancel | undefined;
}

export class AuthorityTls implements StreamListener {
  readonly #parts: TcpParts;
  readonly #plainly: Plainly;
  readonly #dialler: TlsDialler;
  readonly #known = new Map<string, Known>();
  readonly #byConnection = new Map<unknown, Known>();
  readonly #ways = new Map<TcpAsk, Way>();
  #isClosed = false;

  constructor(parts: TcpParts, plainly: Plainly) {
    this.#parts = parts;
    this.#plainly = plainly;
    this.#dialler = new TlsDialler(() => parts.time.nowMs());
  }

  /** Asks an authority over TLS where that is open, else in plain. */
  ask(effect: Ask, tlsPort: number, done: (result: AskResult) => void): Cancel {
    const server = { ip: effect.server.ip, port: tlsPort };
    const key = serverKey(server);
    const known = this.#known.get(key);
    if (known?.isUp === true && known.connection?.hasRoom === true) {
      known.wasAsked = true;
      return this.#overTls(effect, known.connection, done);
    }
    const { time } = this.#parts;
    const mayTry = known === undefined || known.dampedUntilMs <= time.nowMs();
    if (mayTry && known?.connection === undefined) this.#probe(server, key);
    return this.#plainly(effect, done);
  }

  /** Ends everything without results. */
  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#known.values()) connection?.destroy();
  }

  matched(ask: TcpAsk, message: Uint8Array): void {
    const known = this.#byConnection.get(ask.connection);
    if (known !== undefined) known.hasAnswered = true;
    this.#parts.counters.replies++;
    this.#parts.reach.heard(ask.server);
    const rttMs = this.#parts.time.nowMs() - ask.sentMs;
    this.#end(ask)?.done({ kind: "reply", message, rttMs, over: "tls" });
  }

  matchedButCase(ask: TcpAsk): void {
    this.#parts.counters.unwanted["wrong-case"]++;
    const rttMs = this.#parts.time.nowMs() - ask.sentMs;
    this.#end(ask)?.done({ kind: "case-mismatch", rttMs });
  }

  refused(ask: TcpAsk): void {
    this.#goPlain(ask);
  }

  unwanted(why: Unwanted): void {
    this.#parts.counters.unwanted[why]++;
  }

  idle(connection: TcpConnection): void {
    this.#parts.time.start(connection, IDLE_MS);
  }

  closed(connection: TcpConnection, asks: readonly TcpAsk[]): void {
    this.#parts.time.stop(connection);
    this.#parts.counters.authorityTlsOpen--;
    const known = this.#byConnection.get(connection);
    this.#byConnection.delete(connection);
    if (known !== undefined) {
      // One that was open and is closed for idleness did nothing wrong.
      const isUseless = !known.isUp || (known.wasAsked && !known.hasAnswered);
      if (isUseless) known.dampedUntilMs = this.#parts.time.nowMs() + DAMPING_MS;
      known.connection = undefined;
      known.isUp = false;
    }
    for (const ask of asks) this.#goPlain(ask);
  }

  #overTls(effect: Ask, connection: TcpConnection, done: Way["done"]): Cancel {
    const { time, counters } = this.#parts;
    const ask = new TcpAsk(effect, done, (late) => {
      late.connection?.abandon(late);
      this.#goPlain(late);
    });
    const way: Way = { done, effect, startedMs: time.nowMs(), cancelPlain: undefined };
    this.#ways.set(ask, way);
    counters.authorityTlsAsks++;
    time.stop(connection);
    time.start(ask, effect.timeoutMs / 2);
    connection.send(ask);
    return () => {
      way.cancelPlain?.();
      if (this.#end(ask) !== undefined) ask.connection?.abandon(ask);
    };
  }

  /** Asks in plain what TLS has not answered, for what is left of its time. */
  #goPlain(ask: TcpAsk): void {
    const way = this.#end(ask);
    if (way === undefined || this.#isClosed) return;
    const spentMs = this.#parts.time.nowMs() - way.startedMs;
    const timeoutMs = Math.max(1, way.effect.timeoutMs - spentMs);
    way.cancelPlain = this.#plainly({ ...way.effect, timeoutMs }, way.done);
  }

  /** Ends a question over TLS; undefined where it had ended. */
  #end(ask: TcpAsk): Way | undefined {
    const way = this.#ways.get(ask);
    this.#ways.delete(ask);
    this.#parts.time.stop(ask);
    return way;
  }

  /** Opens a connection that nobody waits for. */
  #probe(server: ServerAddress, key: string): void {
    const { counters, sources, time } = this.#parts;
    if (counters.authorityTlsOpen >= OPEN_MAX || !this.#hasPlaceFor(key)) return;
    const source = sources.isKernelsChoice(server.ip) ? undefined : sources.ip(server.ip);
    const socket = this.#dialler.dial({ server, terms: TERMS, protocols: ["dot"], source });
    const opening = {
      socket,
      opened: "secureConnect",
      dressed: ({ query, questionEnd }: TcpAsk) => paddedQuery(query, questionEnd),
    } as const;
    const connection = new TcpConnection(server, opening, this);
    counters.authorityTlsOpen++;
    const fresh = { isUp: false, wasAsked: false, hasAnswered: false, dampedUntilMs: 0 };
    const known: Known = { ...fresh, connection };
    this.#known.delete(key);
    this.#known.set(key, known);
    this.#byConnection.set(connection, known);
    const tooLate = new Later(() => connection.destroy());
    time.start(tooLate, PROBE_MS);
    socket.once("secureConnect", () => {
      time.stop(tooLate);
      if (socket.destroyed) return;
      known.isUp = true;
      this.idle(connection);
    });
    socket.once("close", () => time.stop(tooLate));
  }

  /** Says whether an address may be noted; the one that was tried longest ago makes room. */
  #hasPlaceFor(key: string): boolean {
    if (this.#known.size < KNOWN_MAX || this.#known.has(key)) return true;
    for (const [other, { connection }] of this.#known) {
      if (connection !== undefined) continue;
      this.#known.delete(other);
      return true;
    }
    return false;
  }
}
