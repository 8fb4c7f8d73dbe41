/**
 * Datagrams in and out: frame in place, answer in place, one flush at the end of a batch.
 *
 * What lies below may be batches of system calls, one `node:dgram` event a datagram, or a ring
 * shared with the kernel: who answers never learns.
 */

/** A way to answer one datagram after its batch is over. */
export type SendLate = (answer: Uint8Array) => void;

/** Called with how many messages a batch holds; each is looked at before the call returns. */
export type OnBatch = (count: number) => void;

export interface Datagrams {
  /** How many messages a batch holds at most. */
  readonly size: number;
  /** All frames; that of message `i` begins at `frameAt(i)` and has `frameBytes` bytes. */
  readonly frames: Uint8Array;
  readonly frameBytes: number;
  /** All peers' socket addresses; that of message `i` begins at `addressAt(i)`. */
  readonly addresses: Uint8Array;
  frameAt(i: number): number;
  addressAt(i: number): number;
  /** The size of message `i`; 0 for one that is to be ignored. */
  receivedBytes(i: number): number;
  /** Stages the first `length` bytes of frame `i` as the answer; sent when `OnBatch` returns. */
  stage(i: number, length: number): void;
  /** Keeps what is needed to answer message `i` later. */
  keep(i: number): SendLate;
  /** Begins to call back. */
  start(onBatch: OnBatch): void;
  /** Ends calling back and sends what is staged; the socket stays its owner's. */
  stop(): void;
}
