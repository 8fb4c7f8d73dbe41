/** Datagrams by recvmmsg and sendmmsg, over a raw descriptor that somebody else owns. */
import { limits } from "../base/limits.ts";
import { DatagramBatch, FRAME_BYTES } from "../system/datagram-batch.ts";
import type { Libc } from "../system/libc.ts";
import { ReadPoll } from "../system/poll.ts";
import { SOCKADDR_BYTES } from "../system/sockaddr.ts";
import type { Datagrams, OnBatch, SendLate } from "./datagrams.ts";

const BATCHES_MAX = limits.batchesPerTurnMax.value;

export class KernelDatagrams implements Datagrams {
  readonly frames: Uint8Array;
  readonly frameBytes = FRAME_BYTES;
  readonly addresses: Uint8Array;
  readonly size: number;
  readonly #fd: number;
  readonly #batch: DatagramBatch;
  /** Answers that come later are gathered here and sent together at the end of the turn. */
  readonly #late: DatagramBatch;
  readonly #flushLate: () => void;
  #lateCount = 0;
  #poll: ReadPoll | undefined;
  #onBatch: OnBatch | undefined;

  /** `asksAddress`: the socket is bound to a wildcard and tells which address was asked. */
  constructor(libc: Libc, fd: number, asksAddress: boolean) {
    this.#fd = fd;
    this.#batch = new DatagramBatch(libc, fd, asksAddress);
    this.#late = new DatagramBatch(libc, fd, asksAddress);
    this.frames = this.#batch.frames;
    this.addresses = this.#batch.addresses;
    this.size = this.#batch.size;
    this.#flushLate = () => this.#sendLate();
  }

  frameAt(i: number): number {
    return this.#batch.frameAt(i);
  }

  addressAt(i: number): number {
    return this.#batch.addressAt(i);
  }

  receivedBytes(i: number): number {
    return this.#batch.receivedBytes(i);
  }

  stage(i: number, length: number): void {
    this.#batch.stage(i, length);
  }

  keep(i: number): SendLate {
    const at = this.addressAt(i);
    const sockaddr = this.addresses.slice(at, at + SOCKADDR_BYTES);
    const control = this.#batch.keepControl(i);
    return (answer) => {
      if (answer.length > FRAME_BYTES) return;
      if (this.#lateCount === this.#late.size) this.#sendLate();
      if (this.#lateCount === 0) setImmediate(this.#flushLate);
      this.#late.stageLate(this.#lateCount++, answer, sockaddr, control);
    };
  }

  start(onBatch: OnBatch): void {
    this.#onBatch = onBatch;
    this.#poll = new ReadPoll(this.#fd, () => this.#read(onBatch));
  }

  stop(): void {
    if (this.#poll === undefined) return;
    this.#poll.stop();
    this.#poll = undefined;
    // What waits in the socket was asked before the end.
    if (this.#onBatch !== undefined) this.#read(this.#onBatch);
    this.#sendLate();
  }

  /** Reads batches; bounded, so that a flood leaves the loop time for replies and timers. */
  #read(onBatch: OnBatch): void {
    for (let batches = 0; batches < BATCHES_MAX; batches++) {
      const count = this.#batch.receive();
      if (count === 0) return;
      onBatch(count);
      this.#batch.flush();
      if (count < this.#batch.size) return;
    }
  }

  #sendLate(): void {
    if (this.#lateCount === 0) return;
    this.#lateCount = 0;
    this.#late.flush();
  }
}
