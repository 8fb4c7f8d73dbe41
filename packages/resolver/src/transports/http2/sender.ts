/**
 * The sending side of a connection of HTTP/2: responses and control frames, within the windows
 * that the client gives (RFC 9113 §5.2).
 *
 * What is at hand during a turn is put one behind the other into the listener's shared memory and
 * written once. What comes later has memory of its own and is corked until the turn is over.
 */
import type { Socket } from "node:net";
import { STREAM_MESSAGE_BYTES_MAX } from "../framing.ts";
import type { HttpResponse, ResponseSlot } from "../http/service.ts";
import type { StreamHost } from "../session.ts";
import { ANSWERS_BYTES } from "../stream.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  WINDOW_BYTES,
  WINDOW_BYTES_MAX,
  frameFlag,
  frameType,
  putFrameHeader,
  putNumber,
  setting,
} from "./frames.ts";
import { HEAD_BYTES_MAX, ResponseEncoder, fieldBytesMax, putField } from "./response-encoder.ts";
import type { Http2Stream } from "./stream.ts";

/** What stands before a body that is put down before its head is known. */
const BEFORE_BODY_BYTES = 2 * FRAME_HEADER_BYTES + HEAD_BYTES_MAX;
/** Room that the next response may need. */
const NEXT_BYTES = BEFORE_BODY_BYTES + STREAM_MESSAGE_BYTES_MAX;

export class Http2Sender {
  readonly #socket: Socket;
  readonly #host: StreamHost;
  readonly #encoder = new ResponseEncoder();
  /** Octets of this turn that stand in the shared memory. */
  #end = 0;
  #window = WINDOW_BYTES;
  /** Streams whose responses wait for the client to make room, the longest waiting first. */
  readonly #blocked = new Set<Http2Stream>();
  /** The window that each new stream begins with. */
  initialWindow = WINDOW_BYTES;

  constructor(socket: Socket, host: StreamHost) {
    this.#socket = socket;
    this.#host = host;
  }

  get hasBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** Where the next response's body may be put; what does not fit any more is written first. */
  slot(slot: ResponseSlot): void {
    if (this.#end > ANSWERS_BYTES - NEXT_BYTES) this.flush();
    slot.octets = this.#host.answers;
    slot.at = this.#end + BEFORE_BODY_BYTES;
    slot.capacity = STREAM_MESSAGE_BYTES_MAX;
  }

  /**
   * Sends a response whose body is in its slot, if the windows have room for all of it now.
   *
   * PERF: moves the body to its head; allocates nothing.
   */
  sendSlot(stream: number, slot: ResponseSlot): boolean {
    const { length } = slot;
    if (length > FRAME_BYTES_MAX || length > this.#window || length > this.initialWindow) {
      return false;
    }
    const into = this.#host.answers;
    const headAt = this.#end + FRAME_HEADER_BYTES;
    const headEnd = this.#encoder.put(into, headAt, slot.status, slot.type, slot.maxAgeS, length);
    const ends = length === 0 ? frameFlag.endStream : 0;
    const flags = frameFlag.endHeaders | ends;
    putFrameHeader(into, this.#end, headEnd - headAt, frameType.headers, flags, stream);
    this.#end = headEnd;
    if (length === 0) return true;
    const at = putFrameHeader(into, headEnd, length, frameType.data, frameFlag.endStream, stream);
    into.copyWithin(at, slot.at, slot.at + length);
    this.#end = at + length;
    this.#window -= length;
    return true;
  }

  /** Sends a response's head now and its body as the client makes room. */
  send(stream: Http2Stream, response: HttpResponse): void {
    this.flush();
    const { fields = [], body } = response;
    const fieldBytes = fields.reduce((sum, [name, value]) => sum + fieldBytesMax(name, value), 0);
    const frame = new Uint8Array(FRAME_HEADER_BYTES + HEAD_BYTES_MAX + fieldBytes);
    const { status, type, maxAgeS } = response;
    let end = this.#encoder.put(frame, FRAME_HEADER_BYTES, status, type, maxAgeS, body.length);
    for (const [name, value] of fields) end = putField(frame, end, name, value);
    const ends = body.length === 0 ? frameFlag.endStream : 0;
    const length = end - FRAME_HEADER_BYTES;
    const flags = frameFlag.endHeaders | ends;
    putFrameHeader(frame, 0, length, frameType.headers, flags, stream.id);
    this.#write(frame.subarray(0, end));
    stream.keepUnsent(body);
    if (body.length === 0) return;
    this.#blocked.add(stream);
    this.#pump(stream);
  }

  /** Puts a control frame of at most a few octets among the turn's frames. */
  control(type: number, flags: number, stream: number, payload: Uint8Array): void {
    if (this.#end > ANSWERS_BYTES - NEXT_BYTES) this.flush();
    const into = this.#host.answers;
    const at = putFrameHeader(into, this.#end, payload.length, type, flags, stream);
    into.set(payload, at);
    this.#end = at + payload.length;
  }

  /** As `control`, with a number as payload. */
  controlNumber(type: number, stream: number, value: number): void {
    if (this.#end > ANSWERS_BYTES - NEXT_BYTES) this.flush();
    const into = this.#host.answers;
    const at = putFrameHeader(into, this.#end, 4, type, 0, stream);
    this.#end = putNumber(into, at, value);
  }

  /** Writes the turn's frames. The shared memory is free then. */
  flush(): void {
    const end = this.#end;
    this.#end = 0;
    if (end === 0 || this.#socket.destroyed) return;
    this.#socket.write(Buffer.copyBytesFrom(this.#host.answers, 0, end));
  }

  /** Ends corking: what came during the turn goes out in one write. */
  uncork(): void {
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  /** The client makes room on the connection; false where the window would overflow. */
  widen(bytes: number): boolean {
    this.#window += bytes;
    return this.#window <= WINDOW_BYTES_MAX;
  }

  /** The client makes room on a stream; false where the window would overflow. */
  widenStream(stream: Http2Stream, bytes: number): boolean {
    stream.sendWindow += bytes;
    return stream.sendWindow <= WINDOW_BYTES_MAX;
  }

  /** Takes one of the client's settings; false where its value is none. */
  set(id: number, value: number, streams: Iterable<Http2Stream>): boolean {
    if (id === setting.headerTableSize) {
      this.#encoder.allowTable(value);
    } else if (id === setting.initialWindowSize) {
      // RFC 9113 §6.9.2: the change counts for streams that are open, and may make room negative.
      for (const stream of streams) {
        if (!this.widenStream(stream, value - this.initialWindow)) return false;
      }
      this.initialWindow = value;
    }
    return true;
  }

  /** Sends what waits, as far as there is room; calls back for each stream that is done. */
  pump(done: (stream: Http2Stream) => void): void {
    if (this.#blocked.size === 0) return;
    this.flush();
    for (const stream of this.#blocked) {
      this.#pump(stream);
      if (stream.unsentBytes === 0) done(stream);
      if (this.#window <= 0) break;
    }
  }

  /** The stream is gone: nothing of it is sent any more. */
  forget(stream: Http2Stream): void {
    this.#blocked.delete(stream);
  }

  #pump(stream: Http2Stream): void {
    for (;;) {
      const room = Math.min(FRAME_BYTES_MAX, this.#window, stream.sendWindow);
      if (room <= 0) return;
      const part = stream.takeUnsent(room);
      const isLast = stream.unsentBytes === 0;
      const header = new Uint8Array(FRAME_HEADER_BYTES);
      const flags = isLast ? frameFlag.endStream : 0;
      putFrameHeader(header, 0, part.length, frameType.data, flags, stream.id);
      this.#write(header);
      this.#write(part);
      this.#window -= part.length;
      stream.sendWindow -= part.length;
      if (!isLast) continue;
      this.#blocked.delete(stream);
      return;
    }
  }

  #write(octets: Uint8Array): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableCorked === 0) this.#socket.cork();
    this.#socket.write(octets);
  }
}
