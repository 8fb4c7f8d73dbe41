/**
 * Datagrams by `node:dgram`: where the FFI does not load. Batches of one, and some more CPU time.
 *
 * Answers leave by the address that the kernel chooses: on a wildcard address with several
 * addresses behind it that may be another than was asked.
 */
import { type RemoteInfo, type Socket, createSocket } from "node:dgram";
import { once } from "node:events";
import { ipFromText, ipToText } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { FRAME_BYTES } from "../system/datagram-batch.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import type { Datagrams, OnBatch, SendLate } from "./datagrams.ts";

export class NodeDatagrams implements Datagrams {
  readonly size = 1;
  readonly frames: Uint8Array = new Uint8Array(FRAME_BYTES);
  readonly frameBytes: number = FRAME_BYTES;
  readonly addresses: Uint8Array = new Uint8Array(SOCKADDR_BYTES);
  readonly #socket: Socket;
  #receivedBytes = 0;
  #isClosed = false;
  #from: RemoteInfo | undefined;
  #onMessage: ((message: Buffer, from: RemoteInfo) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
    });
  }

  /** Binds a socket of its own; gives the errno's name where that fails. */
  static async bind(ip: Uint8Array, port: number): Promise<NodeDatagrams | string> {
    const socket = createSocket({
      type: ip.length === 4 ? "udp4" : "udp6",
      ipv6Only: ip.length === 16,
      reusePort: process.platform === "linux",
    });
    const bound = once(socket, "listening");
    socket.bind(port, ipToText(ip));
    try {
      await bound;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "unknown";
    }
    return new NodeDatagrams(socket);
  }

  /** The port that it is bound to. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** Closes the socket: answers that come later go nowhere. */
  close(): void {
    if (!this.#isClosed) this.#socket.close();
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
      if (ip === undefined || message.length > FRAME_BYTES || from.port === 0) return;
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
    if (this.#isClosed) return;
    // The callback takes errors: UDP may lose an answer.
    this.#socket.send(answer, to.port, to.address, () => {});
  }
}
