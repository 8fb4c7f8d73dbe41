/**
 * The QUIC process's side of the sockets to the workers: questions out, answers back to who waits.
 *
 * A connection's questions all go to one worker. What a worker that dies was given is given up, and
 * its connections go on with another.
 */
import type { Socket } from "node:net";
import { limits } from "../../base/limits.ts";
import { ByteQueue } from "../byte-queue.ts";
import { BACK_HEADER_BYTES, type Back, takeBack } from "./handover.ts";

const WAITING_MAX = limits.quicWaitingMax.value;

/** Hears what came back, or undefined where nothing will. Called once. */
export type OnBack = (back: Back | undefined) => void;

interface Channel {
  readonly socket: Socket;
  readonly queue: ByteQueue;
  readonly waiting: Map<number, OnBack>;
}

export class Channels {
  readonly #channels: Channel[] = [];
  #ids = 0;
  #waiting = 0;

  /** Questions that wait for an answer. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes a socket to a worker; the worker's death closes it. */
  add(socket: Socket): void {
    const channel: Channel = { socket, queue: new ByteQueue(), waiting: new Map() };
    this.#channels.push(channel);
    socket.on("data", (chunk: Buffer) => {
      channel.queue.push(chunk);
      for (let back = takeBack(channel.queue); back !== undefined; back = takeBack(channel.queue)) {
        const onBack = channel.waiting.get(back.id);
        if (onBack !== undefined) {
          channel.waiting.delete(back.id);
          this.#waiting--;
          onBack(back);
        }
        channel.queue.consume(BACK_HEADER_BYTES + back.end - back.at);
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => this.#drop(channel));
  }

  /**
   * Gives a worker what `frame` makes with an id; false where too much waits or nobody is there.
   *
   * `chosen` is any number: the same one means the same worker, while that lives.
   */
  give(chosen: number, frame: (id: number) => Buffer, onBack: OnBack): boolean {
    const channel = this.#channels[chosen % this.#channels.length];
    if (channel === undefined || this.#waiting >= WAITING_MAX) return false;
    const id = this.#ids;
    this.#ids = (this.#ids + 1) >>> 0;
    channel.waiting.set(id, onBack);
    this.#waiting++;
    channel.socket.write(frame(id));
    return true;
  }

  close(): void {
    for (const { socket } of this.#channels) socket.destroy();
  }

  #drop(channel: Channel): void {
    this.#channels.splice(this.#channels.indexOf(channel), 1);
    this.#waiting -= channel.waiting.size;
    for (const onBack of channel.waiting.values()) onBack(undefined);
    channel.waiting.clear();
  }
}
