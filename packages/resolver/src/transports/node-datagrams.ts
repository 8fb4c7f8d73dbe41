/**
 * Datagrams by `node:dgram`: where the FFI does not load. Batches of one, and some more CPU time.
 *
 * Answers leave by the address that the kernel chooses: on a wildcard address with several
 * addresses behind it that may be another than was asked.
 */
import type { RemoteInfo, Socket } from "node:dgram";
import { ipFromText } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { FRAME_BYTES } from "../system/datagram-batch.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import type { Datagrams, OnBatch, SendLate } from "./datagrams.ts";

export class NodeDatagrams implements Datagrams {
  readonly size = 1;
  readonly frames = new Uint8Array(FRAME_BYTES);
  readonly frameBytes = FRAME_BYTES;
  readonly addresses = new Uint8Array(SOCKADDR_BYTES);
  readonly #socket: Socket;
  #receivedBytes = 0;
  #from: RemoteInfo | undefined;
  #onMessage: ((message: Buffer, from: RemoteInfo) => void) | undefined;

  /** The socket is bound and stays its owner's. */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  frameAt(): number {
    return 0;
  }

  addressAt(): number {
    return 0;
  }

  receivedBytes(): number {
    return this.#receivedBytes;
  }

  stage(_i: number, length: number): void {
    this.#send(this.frames.slice(0, length), this.#from);
  }

  keep(): SendLate {
    const from = this.#from;
    return (answer) => this.#send(answer, from);
  }

  start(onBatch: OnBatch): void {
    this.#onMessage = (message, from) => {
      const ip = ipFromText(from.address.replace(/%.*$/, ""));
      if (ip === undefined || message.length > FRAME_BYTES) return;
      writeSockaddr(this.addresses, 0, ip, from.port);
      this.frames.set(message);
      this.#receivedBytes = message.length;
      this.#from = from;
      onBatch(1);
      this.#from = undefined;
    };
    this.#socket.on("message", this.#onMessage);
  }

  stop(): void {
    if (this.#onMessage !== undefined) this.#socket.off("message", this.#onMessage);
  }

  #send(answer: Uint8Array, to: RemoteInfo | undefined): void {
    assert(to !== undefined, "an answer has somebody to go to");
    // The callback takes errors: UDP may lose an answer.
    this.#socket.send(answer, to.port, to.address, () => {});
  }
}
