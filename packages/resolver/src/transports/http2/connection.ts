/**
 * One client's connection of HTTP/2 (RFC 9113), over any socket of Node's.
 *
 *   socket ─► frames ─► head ─► service ─► head and body into one buffer ─► one write a turn
 *                                   └──► later ──► corked ───────────────► one write a turn
 *
 * A request without a body that is answered at once leaves no trace: no object is made for its
 * stream. Only streams whose body still comes, whose answer does, or whose client does not read,
 * are kept.
 */
import type { Socket } from "node:net";
import { limits } from "../../base/limits.ts";
import type { Client } from "../../privacy/client.ts";
import { monotonicMs } from "../../system/clock.ts";
import { ByteQueue } from "../byte-queue.ts";
import type { HttpHost } from "../http/host.ts";
import { type RequestHead, method } from "../http/request-head.ts";
import { type HttpResponse, NOT_SAID, type Requesting, responseType } from "../http/service.ts";
import { reset } from "../reset.ts";
import type { Session } from "../session.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  type H2Error,
  PREFACE,
  WINDOW_BYTES,
  frameType,
  h2Error,
  numberAt,
  putNumber,
  setting,
  settingsFrame,
} from "./frames.ts";
import { GO_ON, Http2Receiver, type Requests } from "./receiver.ts";
import { Http2Sender } from "./sender.ts";
import { Http2Stream } from "./stream.ts";

/** A client may send a whole body, and what makes it too long, without waiting for room. */
const STREAM_WINDOW_BYTES = 2 * WINDOW_BYTES;

/** What the server tells first (RFC 9113 §3.4). */
const SERVER_SETTINGS: Uint8Array = settingsFrame([
  [setting.maxConcurrentStreams, limits.http2StreamsMax.value],
  [setting.initialWindowSize, STREAM_WINDOW_BYTES],
  [setting.maxHeaderListSize, limits.http2BlockBytesMax.value],
]);

const TURN_MAX = limits.questionsPerStreamTurnMax.value;

export class Http2Connection implements Session, Requesting, Requests {
  readonly listener: number;
  readonly client: Client;
  readonly #socket: Socket;
  readonly #host: HttpHost;
  readonly #queue = new ByteQueue();
  readonly #sender: Http2Sender;
  readonly #receiver: Http2Receiver;
  #hasPreface = false;
  /** The request that is with the service: its number, and its stream where it has one. */
  #current = 0;
  #currentStream: Http2Stream | undefined;
  /** Requests that are answered later. */
  #waiting = 0;
  #activeMs = monotonicMs();
  #heldBytes = 0;
  #isEnding = false;
  #isSettling = false;

  constructor(socket: Socket, client: Client, host: HttpHost) {
    this.listener = host.listener;
    this.client = client;
    this.#socket = socket;
    this.#host = host;
    this.#sender = new Http2Sender(socket, host);
    this.#receiver = new Http2Receiver(this.#sender, this);
    socket.write(SERVER_SETTINGS);
    socket.on("data", (chunk: Buffer) => {
      this.#queue.push(chunk);
      this.#read();
    });
    socket.on("drain", () => {
      this.#activeMs = monotonicMs();
      this.#read();
    });
    socket.on("end", () => this.leave());
    // What went wrong is the client's affair; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => host.hold(-this.#heldBytes));
  }

  later(): (response: HttpResponse) => void {
    const { initialWindow } = this.#sender;
    const stream = this.#currentStream ?? new Http2Stream(this.#current, "serving", initialWindow);
    stream.state = "serving";
    stream.body.drop();
    this.#receiver.streams.set(stream.id, stream);
    this.#waiting++;
    return (response) => {
      this.#waiting--;
      if (this.#socket.destroyed) return;
      this.#activeMs = monotonicMs();
      if (stream.state === "abandoned") this.#receiver.streams.delete(stream.id);
      else this.#respond(stream, response);
      this.#settleSoon();
    };
  }

  serve(
    id: number,
    stream: Http2Stream | undefined,
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
  ): void {
    const { slot, service } = this.#host;
    this.#activeMs = monotonicMs();
    this.#current = id;
    this.#currentStream = stream;
    this.#sender.slot(slot);
    const isLater = service.serve(head, body, at, end, slot, this) === "later";
    this.#currentStream = undefined;
    if (isLater) return;
    if (head.method === method.head) slot.length = 0;
    if (this.#sender.sendSlot(id, slot)) {
      if (stream !== undefined) this.#receiver.streams.delete(id);
      this.#receiver.goodwill.earn();
      return;
    }
    const kept = stream ?? new Http2Stream(id, "sending", this.#sender.initialWindow);
    kept.body.drop();
    this.#receiver.streams.set(id, kept);
    const { status, type, maxAgeS } = slot;
    const copy = slot.octets.slice(slot.at, slot.at + slot.length);
    this.#respond(kept, { status, type, maxAgeS, body: copy });
  }

  refuse(id: number, status: number): void {
    const { slot } = this.#host;
    this.#sender.slot(slot);
    slot.status = status;
    slot.type = responseType.text;
    slot.maxAgeS = NOT_SAID;
    slot.length = 0;
    this.#sender.sendSlot(id, slot);
  }

  leave(): void {
    this.#isEnding = true;
    this.#closeWhenDone();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#receiver.end();
    this.#goAway(h2Error.noError);
    this.#isEnding = true;
    this.#closeWhenDone();
  }

  settle(): void {
    this.#isSettling = false;
    if (this.#socket.destroyed) return;
    this.#sender.uncork();
    if (this.#socket.isPaused()) this.#read();
    this.#hold();
    this.#closeWhenDone();
  }

  closeIfIdle(nowMs: number): void {
    if (this.#waiting > 0 || nowMs - this.#activeMs < this.#host.idleMs) return;
    if (this.#socket.writableLength > 0 || this.#sender.hasBlocked) {
      reset(this.#socket);
      return;
    }
    this.#goAway(h2Error.noError);
    this.#socket.destroySoon();
  }

  /** Takes whole frames while it may, and writes what they bring at once. */
  #read(): void {
    let frames = 0;
    while (this.#mayTake() && frames < TURN_MAX) {
      if (!this.#hasPreface) {
        if (!this.#takePreface()) break;
        continue;
      }
      const queue = this.#queue;
      if (!queue.has(FRAME_HEADER_BYTES)) break;
      const length = numberAt(queue.octets, queue.at) >>> 8;
      if (length > FRAME_BYTES_MAX) return this.#fail(h2Error.frameSizeError);
      if (!queue.has(FRAME_HEADER_BYTES + length)) break;
      const { octets, at } = queue;
      const id = numberAt(octets, at + 5);
      const from = at + FRAME_HEADER_BYTES;
      const type = octets[at + 3]!;
      const flags = octets[at + 4]!;
      const next = this.#receiver.frame(type, flags, id, octets, from, from + length);
      queue.consume(FRAME_HEADER_BYTES + length);
      if (next !== GO_ON) return this.#fail(next);
      frames++;
    }
    if (this.#socket.destroyed) return;
    this.#sender.flush();
    this.#sender.uncork();
    this.#hold();
    this.#readOn(frames);
    this.#closeWhenDone();
  }

  /** RFC 9113 §3.4: another beginning is another protocol. */
  #takePreface(): boolean {
    const queue = this.#queue;
    if (!queue.has(PREFACE.length)) return false;
    for (let i = 0; i < PREFACE.length; i++) {
      if (queue.octets[queue.at + i] !== PREFACE[i]) {
        this.#socket.destroy();
        return false;
      }
    }
    queue.consume(PREFACE.length);
    this.#hasPreface = true;
    return true;
  }

  /** Says whether another frame may be taken: one that we answer needs room to write. */
  #mayTake(): boolean {
    return !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  /** Reads on, waits until that makes sense, or goes on in the next turn. */
  #readOn(frames: number): void {
    if (!this.#mayTake()) {
      this.#socket.pause();
    } else if (frames === TURN_MAX) {
      this.#socket.pause();
      this.#settleSoon();
    } else if (this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }

  #respond(stream: Http2Stream, response: HttpResponse): void {
    this.#sender.send(stream, response);
    if (stream.unsentBytes > 0) return;
    this.#receiver.streams.delete(stream.id);
    this.#receiver.goodwill.earn();
  }

  /** RFC 9113 §5.4.1: tells the client why, and ends the connection. */
  #fail(error: H2Error): void {
    this.#goAway(error);
    for (const stream of this.#receiver.streams.values()) stream.state = "abandoned";
    this.#socket.destroySoon();
  }

  #goAway(error: H2Error): void {
    if (this.#socket.destroyed) return;
    const payload = new Uint8Array(8);
    putNumber(payload, putNumber(payload, 0, this.#receiver.lastStream), error);
    this.#sender.control(frameType.goaway, 0, 0, payload);
    this.#sender.flush();
    this.#sender.uncork();
  }

  #settleSoon(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#host.settleSoon(this);
  }

  /** Tells what is held now: frames that are not whole, bodies, what the client has not read. */
  #hold(): void {
    if (this.#socket.destroyed) return;
    let heldBytes = this.#queue.heldBytes + this.#socket.writableLength;
    for (const stream of this.#receiver.streams.values()) heldBytes += stream.heldBytes;
    const more = heldBytes - this.#heldBytes;
    this.#heldBytes = heldBytes;
    if (more !== 0 && !this.#host.hold(more)) reset(this.#socket);
  }

  #closeWhenDone(): void {
    if (this.#isEnding && this.#receiver.streams.size === 0) this.#socket.destroySoon();
  }
}
