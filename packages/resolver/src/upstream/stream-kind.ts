/** What the kinds of streams have in common, and what each has of its own: TCP, TLS, HTTPS. */
import type { ServerAddress } from "../base/address.ts";
import type { AskResult } from "../recursor/effect.ts";
import type { Unwanted } from "./counters.ts";
import type { TcpAsk } from "./tcp-ask.ts";
import type { Timer } from "./timer-wheel.ts";

/** An open way to one server, for several questions at once. It is the timer of its idleness. */
export interface StreamConnection extends Timer {
  readonly server: ServerAddress;
  /** Another question may be asked over it. */
  readonly hasRoom: boolean;
  send(ask: TcpAsk): void;
  /** Nobody waits for an ask any more; nothing new is asked over this connection then. */
  abandon(ask: TcpAsk): void;
  /** Closes it; `closed` is told, later. */
  destroy(): void;
}

/** Who is told what a connection hears. */
export interface StreamListener {
  matched(ask: TcpAsk, message: Uint8Array): void;
  /** The reply to an ask but for its letter case. */
  matchedButCase(ask: TcpAsk): void;
  /** The server has no answer to an ask, and says so below DNS. */
  refused(ask: TcpAsk): void;
  unwanted(why: Unwanted): void;
  /** Nothing is asked over it now, and it may be asked more. */
  idle(connection: StreamConnection): void;
  /** It is gone, and what was asked over it has no reply; `code` says why it never was open. */
  closed(connection: StreamConnection, asks: readonly TcpAsk[], code: string | undefined): void;
}

/** One kind of streams. */
export interface StreamKind {
  readonly connectionsMax: number;
  readonly idleMs: number;
  /** Which numbers of `UpstreamCounters` it counts in. */
  readonly counts: "tcp" | "tls";
  /** Servers with the same key share connections. */
  keyOf(server: ServerAddress): string;
  /** `source` is the address to come from; undefined leaves it to the kernel. */
  open(
    server: ServerAddress,
    source: Uint8Array | undefined,
    listener: StreamListener,
  ): StreamConnection;
  /** How asks end where a connection could not be had; undefined: by what the kernel says. */
  failure(code: string | undefined): AskResult | undefined;
}
