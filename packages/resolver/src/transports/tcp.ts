/**
 * Questions over TCP: streams of messages, each behind its length in two octets.
 *
 * Questions are taken as they come and answered as their answers come, in any order (RFC 7766
 * §6.2.1.1); answers of one turn leave in one write. A stream that is idle, floods, or does not
 * read what it is sent is closed.
 */
import { type Server, type Socket, createServer } from "node:net";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { Client } from "../privacy/client.ts";
import { type Asked, type Door, type Reply, TAKEN } from "./door.ts";

const IDLE_MS = limits.streamIdleMs.value;
const STREAMS_MAX = limits.streamsPerListenerMax.value;
const WAITING_MAX = limits.questionsPerStreamMax.value;
const UNSENT_BYTES_MAX = limits.unsentBytesPerStreamMax.value;
const LENGTH_BYTES = 2;
const MESSAGE_BYTES_MAX = 65535;

/** One frame for all streams of a thread: a question that waits keeps its own copy. */
const frame = new Uint8Array(MESSAGE_BYTES_MAX);

/** One client's stream. */
class Stream implements Asked {
  readonly transport = "tcp";
  readonly listener: number;
  readonly client: Client;
  readonly idleTimeoutS = IDLE_MS / 1000;
  readonly #socket: Socket;
  readonly #door: Door;
  #pending: Buffer = Buffer.alloc(0);
  #waiting = 0;
  #hasEnded = false;

  constructor(socket: Socket, client: Client, listener: number, door: Door) {
    this.listener = listener;
    this.client = client;
    this.#socket = socket;
    this.#door = door;
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("data", (data: Buffer) => this.#take(data));
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#endWhenAnswered();
    });
  }

  later(): Reply {
    this.#waiting++;
    return (answer) => {
      this.#waiting--;
      if (this.#socket.destroyed) return;
      if (answer !== undefined) this.#write(answer);
      if (this.#socket.isPaused()) this.#take(Buffer.alloc(0));
      this.#endWhenAnswered();
    };
  }

  /** Takes every whole message of what has come; the rest waits for more. */
  #take(data: Buffer): void {
    let pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    this.#socket.cork();
    while (pending.length >= LENGTH_BYTES && this.#waiting < WAITING_MAX) {
      const size = pending.readUInt16BE(0);
      if (pending.length < LENGTH_BYTES + size) break;
      frame.set(pending.subarray(LENGTH_BYTES, LENGTH_BYTES + size));
      pending = pending.subarray(LENGTH_BYTES + size);
      const answer = this.#door.ask(frame, 0, size, frame.length, this);
      if (answer > TAKEN) this.#write(frame.slice(0, answer));
    }
    this.#pending = pending;
    this.#socket.uncork();
    // A stream whose questions wait is not read from: the client's own buffers fill, not ours.
    if (this.#waiting >= WAITING_MAX) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #write(answer: Uint8Array): void {
    const message = Buffer.allocUnsafe(LENGTH_BYTES + answer.length);
    message.writeUInt16BE(answer.length, 0);
    message.set(answer, LENGTH_BYTES);
    this.#socket.write(message);
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.#socket.destroy();
  }

  #endWhenAnswered(): void {
    if (this.#hasEnded && this.#waiting === 0) this.#socket.end();
  }
}

/** A listener that answers streams, over a listening descriptor that it takes over. */
export class TcpListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** `fd` is closed with the listener: its owner gives a duplicate. */
  constructor(fd: number, listener: number, door: Door) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const ip = ipFromText((socket.remoteAddress ?? "").replace(/%.*$/, ""));
      if (ip === undefined || this.#sockets.size >= STREAMS_MAX) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      const client = Client.at(ip, socket.remotePort ?? 0);
      void new Stream(socket, client, listener, door);
    });
    this.#server.on("error", () => {});
    this.#server.listen({ fd });
  }

  /** Takes no further stream, and closes those that stand. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroySoon();
  }
}
