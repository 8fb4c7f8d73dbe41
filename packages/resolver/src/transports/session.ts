/** One client's connection, as its listener knows it: the same for each protocol. */
import type { Socket } from "node:net";
import type { Client } from "../privacy/client.ts";

export interface Session {
  /** Takes no more questions; the connection closes when those that it took are answered. */
  end(): void;
  /** Sends the turn's late answers and goes on with what had to wait for them. */
  settle(): void;
  /** Closes the connection if nothing went on for its idle time. */
  closeIfIdle(nowMs: number): void;
}

/** What the connections of a listener share. */
export interface StreamHost {
  /** Row of `listen`. */
  readonly listener: number;
  /** Where answers stand until they are written, `ANSWERS_BYTES` long; for one call only. */
  readonly answers: Uint8Array;
  /** How long an idle connection stands at this time. */
  readonly idleMs: number;
  /** Counts bytes that a connection holds more, or less; false where all hold too many. */
  hold(bytes: number): boolean;
  /** Calls the session's `settle` when this turn's callbacks are over. */
  settleSoon(session: Session): void;
}

/** What is spoken on a listener's connections. */
export interface StreamProtocol {
  /** Begins to speak with a client that has connected; what came of the stream may be unread. */
  open(socket: Socket, client: Client, host: StreamHost): Session;
}
