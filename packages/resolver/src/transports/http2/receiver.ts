/**
 * The receiving side of a connection of HTTP/2: frames in, requests out (RFC 9113 §5, §6).
 *
 * Each frame is judged by the state of its stream. What breaks the protocol ends the stream or the
 * connection as the RFC says; what is allowed and brings nothing costs goodwill.
 */
import { limits } from "../../base/limits.ts";
import { NO_LENGTH, RequestHead } from "../http/request-head.ts";
import {
  type H2Error,
  WINDOW_BYTES,
  WINDOW_BYTES_MAX,
  frameFlag,
  frameType,
  h2Error,
  numberAt,
  setting,
} from "./frames.ts";
import { CANCEL_COST, Goodwill } from "./goodwill.ts";
import { HeadReader } from "./head-reader.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import type { Http2Sender } from "./sender.ts";
import { Http2Stream } from "./stream.ts";

const STREAMS_MAX = limits.http2StreamsMax.value;
const BLOCK_BYTES_MAX = limits.http2BlockBytesMax.value;
const CONTINUATIONS_MAX = limits.http2ContinuationsMax.value;
const TABLE_BYTES = limits.http2TableBytes.value;
const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;

const FRAME_SIZE_MAX = 0xffffff;
const NOTHING = new Uint8Array(0);

/** No error: the next frame may come. */
export const GO_ON = -1;
type Next = H2Error | typeof GO_ON;

/** Takes what the frames bring. */
export interface Requests {
  /** A whole request; `stream` is there where its body came in a frame of its own. */
  serve(
    id: number,
    stream: Http2Stream | undefined,
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
  ): void;
  /** A request that is not taken as a whole: only its status is told. */
  refuse(id: number, status: number): void;
  /** The client will ask no more. */
  leave(): void;
}

/** Shared by all connections: they hold nothing between blocks; a code is five bits at least. */
const reader = new HeadReader();
const scratch = new Uint8Array(2 * BLOCK_BYTES_MAX);
const spareHeads: RequestHead[] = [];
const SPARE_HEADS_MAX = 64;

export class Http2Receiver {
  /** Streams that are not done, by number. */
  readonly streams: Map<number, Http2Stream> = new Map();
  readonly goodwill: Goodwill = new Goodwill();
  readonly #sender: Http2Sender;
  readonly #requests: Requests;
  readonly #decoder = new HpackDecoder(TABLE_BYTES, BLOCK_BYTES_MAX, scratch);
  #lastStream = 0;
  #hasSettings = false;
  /** New streams are not served any more. */
  #isEnding = false;
  /** What we still take on the connection before we make room. */
  #window = WINDOW_BYTES;
  /** A header block that comes in several frames, and its stream; 0 where there is none. */
  #blockStream = 0;
  #blockEnds = false;
  #block: Uint8Array = NOTHING;
  #continuations = 0;

  constructor(sender: Http2Sender, requests: Requests) {
    this.#sender = sender;
    this.#requests = requests;
  }

  /** The last stream that was looked at: GOAWAY tells it. */
  get lastStream(): number {
    return this.#lastStream;
  }

  /** Serves no streams that begin after this. */
  end(): void {
    this.#isEnding = true;
  }

  /** Takes a frame, its payload in `octets[at, end)`; gives the error that ends the connection. */
  frame(
    type: number,
    flags: number,
    id: number,
    octets: Uint8Array,
    at: number,
    end: number,
  ): Next {
    if (!this.#hasSettings && (type !== frameType.settings || (flags & frameFlag.ack) !== 0)) {
      return h2Error.protocolError;
    }
    if (this.#blockStream !== 0 && (type !== frameType.continuation || id !== this.#blockStream)) {
      return h2Error.protocolError;
    }
    switch (type) {
      case frameType.headers:
        return this.#headers(flags, id, octets, at, end);
      case frameType.data:
        return this.#data(flags, id, octets, at, end);
      case frameType.continuation:
        return this.#continuation(flags, octets, at, end);
      case frameType.windowUpdate:
        return this.#windowUpdate(id, octets, at, end);
      case frameType.rstStream:
        return this.#rstStream(id, end - at);
      case frameType.settings:
        return this.#settings(flags, id, octets, at, end);
      case frameType.ping:
        return this.#ping(flags, id, octets, at, end);
      case frameType.goaway:
        return this.#goaway(id, end - at);
      case frameType.priority:
        if (id === 0) return h2Error.protocolError;
        if (end - at !== 5) return h2Error.frameSizeError;
        return this.#spend(1);
      case frameType.pushPromise:
        return h2Error.protocolError;
      default:
        // RFC 9113 §4.1: kinds that are not known are passed over.
        return this.#spend(1);
    }
  }

  #spend(cost: number): Next {
    return this.goodwill.spend(cost) ? GO_ON : h2Error.enhanceYourCalm;
  }

  /** Ends a stream with an error; the connection goes on. */
  #reset(id: number, error: H2Error): void {
    const stream = this.streams.get(id);
    if (stream !== undefined) this.#drop(stream);
    this.#sender.controlNumber(frameType.rstStream, id, error);
  }

  #drop(stream: Http2Stream): void {
    this.#sender.forget(stream);
    if (stream.head !== undefined) giveBack(stream.head);
    stream.head = undefined;
    if (stream.state === "serving") stream.state = "abandoned";
    else if (stream.state !== "abandoned") this.streams.delete(stream.id);
  }

  #headers(flags: number, id: number, octets: Uint8Array, at: number, end: number): Next {
    if ((id & 1) === 0) return h2Error.protocolError;
    let from = at;
    let to = end;
    if ((flags & frameFlag.padded) !== 0) {
      to -= from < end ? octets[from]! : 0;
      from++;
    }
    if ((flags & frameFlag.priority) !== 0) from += 5;
    if (from > to) return from > end ? h2Error.frameSizeError : h2Error.protocolError;
    const ends = (flags & frameFlag.endStream) !== 0;
    if ((flags & frameFlag.endHeaders) !== 0) return this.#blockDone(id, ends, octets, from, to);
    this.#blockStream = id;
    this.#blockEnds = ends;
    this.#block = octets.slice(from, to);
    this.#continuations = 0;
    return GO_ON;
  }

  /** A block may not go on for ever, neither in octets nor in frames (RFC 9113 §10.5.1). */
  #continuation(flags: number, octets: Uint8Array, at: number, end: number): Next {
    const id = this.#blockStream;
    if (id === 0) return h2Error.protocolError;
    this.#continuations++;
    const bytes = this.#block.length + end - at;
    if (this.#continuations > CONTINUATIONS_MAX || bytes > BLOCK_BYTES_MAX) {
      return h2Error.enhanceYourCalm;
    }
    const block = new Uint8Array(bytes);
    block.set(this.#block);
    block.set(octets.subarray(at, end), this.#block.length);
    this.#block = block;
    if ((flags & frameFlag.endHeaders) === 0) return GO_ON;
    this.#blockStream = 0;
    this.#block = NOTHING;
    return this.#blockDone(id, this.#blockEnds, block, 0, block.length);
  }

  #blockDone(id: number, ends: boolean, block: Uint8Array, at: number, end: number): Next {
    if (id <= this.#lastStream) return this.#trailer(id, ends, block, at, end);
    this.#lastStream = id;
    const head = spareHeads.pop() ?? new RequestHead();
    reader.begin(head);
    const result = this.#decoder.decode(block, at, end, reader);
    const isProper = reader.isProper();
    if (result === "broken") return h2Error.compressionError;
    const next = this.#request(id, ends, head, isProper, result === "too-long");
    // A head stays away only while a stream keeps it for its body.
    if (this.streams.get(id)?.head !== head) giveBack(head);
    return next;
  }

  /** A request's head is there. */
  #request(
    id: number,
    ends: boolean,
    head: RequestHead,
    isProper: boolean,
    isTooLong: boolean,
  ): Next {
    const isMalformed = !isProper || (ends && head.contentLength > 0);
    if (this.#isEnding || this.streams.size >= STREAMS_MAX) {
      this.#reset(id, h2Error.refusedStream);
      return this.#spend(1);
    }
    if (isTooLong) return this.#refuse(id, ends, 431);
    if (isMalformed) {
      this.#reset(id, h2Error.protocolError);
      return this.#spend(CANCEL_COST);
    }
    if (head.isTargetTooLong) return this.#refuse(id, ends, 414);
    if (head.contentLength > BODY_BYTES_MAX) return this.#refuse(id, ends, 413);
    if (ends) {
      this.#requests.serve(id, undefined, head, NOTHING, 0, 0);
      return GO_ON;
    }
    const stream = new Http2Stream(id, "receiving", this.#sender.initialWindow);
    stream.head = head;
    this.streams.set(id, stream);
    return GO_ON;
  }

  /** RFC 9113 §8.1: the status is told at once; the rest of the request is not wanted. */
  #refuse(id: number, ends: boolean, status: number): Next {
    this.#requests.refuse(id, status);
    if (!ends) this.#sender.controlNumber(frameType.rstStream, id, h2Error.noError);
    return this.#spend(1);
  }

  /** A second block of a stream: it may only end a body. It is read to keep the tables in step. */
  #trailer(id: number, ends: boolean, block: Uint8Array, at: number, end: number): Next {
    reader.begin(undefined);
    const result = this.#decoder.decode(block, at, end, reader);
    const isProper = reader.isProper();
    if (result === "broken") return h2Error.compressionError;
    const stream = this.streams.get(id);
    if (stream === undefined) return this.#spend(1);
    if (stream.state !== "receiving") {
      this.#reset(id, h2Error.streamClosed);
      return this.#spend(CANCEL_COST);
    }
    if (!ends || !isProper) {
      this.#reset(id, h2Error.protocolError);
      return this.#spend(CANCEL_COST);
    }
    return this.#bodyDone(stream, stream.body.octets, 0, stream.body.bytes);
  }

  #data(flags: number, id: number, octets: Uint8Array, at: number, end: number): Next {
    if (id === 0 || id > this.#lastStream) return h2Error.protocolError;
    // Room is made before there is less than two frames' worth: no client can go beyond it.
    this.#window -= end - at;
    if (this.#window < WINDOW_BYTES / 2) {
      const used = WINDOW_BYTES - this.#window;
      this.#sender.controlNumber(frameType.windowUpdate, 0, used);
      this.#window = WINDOW_BYTES;
    }
    let from = at;
    let to = end;
    if ((flags & frameFlag.padded) !== 0) {
      to -= from < end ? octets[from]! : 0;
      from++;
      if (from > to) return h2Error.protocolError;
    }
    const stream = this.streams.get(id);
    // What was on its way when the stream was answered or reset.
    if (stream === undefined) return this.#spend(1);
    if (stream.state !== "receiving") {
      this.#reset(id, h2Error.streamClosed);
      return this.#spend(CANCEL_COST);
    }
    const ends = (flags & frameFlag.endStream) !== 0;
    if (ends && stream.body.bytes === 0) return this.#bodyDone(stream, octets, from, to);
    if (!stream.body.take(octets, from, to)) {
      this.#drop(stream);
      return this.#refuse(id, ends, 413);
    }
    if (ends) return this.#bodyDone(stream, stream.body.octets, 0, stream.body.bytes);
    return from === to ? this.#spend(1) : GO_ON;
  }

  /** A request is whole: RFC 9113 §8.1.1, its length must be what its head said. */
  #bodyDone(stream: Http2Stream, body: Uint8Array, at: number, end: number): Next {
    const head = stream.head!;
    const bytes = end - at;
    if (bytes > BODY_BYTES_MAX) {
      this.#drop(stream);
      return this.#refuse(stream.id, true, 413);
    }
    if (head.contentLength !== NO_LENGTH && head.contentLength !== bytes) {
      this.#reset(stream.id, h2Error.protocolError);
      return this.#spend(CANCEL_COST);
    }
    stream.head = undefined;
    this.#requests.serve(stream.id, stream, head, body, at, end);
    giveBack(head);
    return GO_ON;
  }

  #windowUpdate(id: number, octets: Uint8Array, at: number, end: number): Next {
    if (end - at !== 4) return h2Error.frameSizeError;
    const bytes = numberAt(octets, at);
    if (id === 0) {
      if (bytes === 0) return h2Error.protocolError;
      if (!this.#sender.widen(bytes)) return h2Error.flowControlError;
    } else {
      if (id > this.#lastStream) return h2Error.protocolError;
      const stream = this.streams.get(id);
      if (stream === undefined) return this.#spend(1);
      if (bytes === 0) this.#reset(id, h2Error.protocolError);
      else if (!this.#sender.widenStream(stream, bytes)) this.#reset(id, h2Error.flowControlError);
    }
    this.#pump();
    return this.#spend(1);
  }

  #pump(): void {
    this.#sender.pump((stream) => {
      this.streams.delete(stream.id);
      this.goodwill.earn();
    });
  }

  #rstStream(id: number, length: number): Next {
    if (length !== 4) return h2Error.frameSizeError;
    if (id === 0 || id > this.#lastStream) return h2Error.protocolError;
    const stream = this.streams.get(id);
    if (stream === undefined) return this.#spend(1);
    this.#drop(stream);
    return this.#spend(CANCEL_COST);
  }

  #settings(flags: number, id: number, octets: Uint8Array, at: number, end: number): Next {
    if (id !== 0) return h2Error.protocolError;
    if ((flags & frameFlag.ack) !== 0) {
      return end === at ? this.#spend(1) : h2Error.frameSizeError;
    }
    if ((end - at) % 6 !== 0) return h2Error.frameSizeError;
    this.#hasSettings = true;
    for (let row = at; row < end; row += 6) {
      const key = (octets[row]! << 8) | octets[row + 1]!;
      const value = numberAt(octets, row + 2) + (octets[row + 2]! >= 0x80 ? 2 ** 31 : 0);
      if (key === setting.enablePush && value > 1) return h2Error.protocolError;
      if (key === setting.initialWindowSize && value > WINDOW_BYTES_MAX) {
        return h2Error.flowControlError;
      }
      if (key === setting.maxFrameSize && (value < 16384 || value > FRAME_SIZE_MAX)) {
        return h2Error.protocolError;
      }
      if (!this.#sender.set(key, value, this.streams.values())) return h2Error.flowControlError;
    }
    this.#sender.control(frameType.settings, frameFlag.ack, 0, NOTHING);
    this.#pump();
    return this.#spend(1);
  }

  #ping(flags: number, id: number, octets: Uint8Array, at: number, end: number): Next {
    if (id !== 0) return h2Error.protocolError;
    if (end - at !== 8) return h2Error.frameSizeError;
    if ((flags & frameFlag.ack) === 0) {
      this.#sender.control(frameType.ping, frameFlag.ack, 0, octets.subarray(at, end));
    }
    return this.#spend(1);
  }

  #goaway(id: number, length: number): Next {
    if (id !== 0) return h2Error.protocolError;
    if (length < 8) return h2Error.frameSizeError;
    this.#requests.leave();
    return GO_ON;
  }
}

/** Keeps a head for the next request. */
function giveBack(head: RequestHead): void {
  if (spareHeads.length < SPARE_HEADS_MAX) spareHeads.push(head);
}
