/**
 * The one door between the transports and the rooms behind them.
 *
 * A transport knows sockets and framing; whoever stands behind the door knows DNS. A message goes
 * in where it lies and, where the answer is at hand, comes out in the same place: so the layer
 * below may be batches of system calls, a stream, or a ring shared with the kernel.
 */
import type { Client } from "../privacy/client.ts";

export type ClientTransport = "udp" | "tcp" | "tls" | "https";

/** Sends the answer to one question, or drops the question where there is none. Called once. */
export type Reply = (answer: Uint8Array | undefined) => void;

/** What the way that an answer goes back by means for its form. */
export interface Way {
  readonly transport: ClientTransport;
  /** How long the client may keep the way idle, in seconds; 0 where it is not told by DNS. */
  readonly idleTimeoutS: number;
}

/** Where one question came from. A transport reuses these objects: they hold for the call only. */
export interface Asked extends Way {
  /** Row of `listen` in the configuration that the question came in by. */
  readonly listener: number;
  readonly client: Client;
  /** A way to answer after the call has ended. */
  later(): Reply;
}

/** What stands behind the door. */
export interface Door {
  /**
   * Takes the message at `frame[at, at + length)`; its answer may use `capacity` bytes from `at`.
   *
   * Returns the answer's length where it stands in the frame now, `TAKEN` where the slow lane has
   * copied what it needs and answers later, or `DROPPED`.
   * PERF: the fast lane allocates nothing here.
   */
  ask(frame: Uint8Array, at: number, length: number, capacity: number, asked: Asked): number;
}

export const TAKEN = 0;
export const DROPPED = -1;
