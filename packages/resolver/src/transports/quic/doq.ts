/**
 * DNS over dedicated QUIC connections (RFC 9250): a stream for each question.
 *
 * A question is its length in two octets and the message, and then the stream's end; so is the
 * answer. What breaks the protocol closes the connection, as RFC 9250 §4.3.3 wants.
 */
import { optionCode } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { limits } from "../../base/limits.ts";
import type { Channels } from "./channels.ts";
import { type Connection, Connections, type ViewOf } from "./connections.ts";
import { handed, questionFrame } from "./handover.ts";
import { type NativeEvent, type NativeServer, event } from "./native.ts";
import { Unsent } from "./unsent.ts";

/** RFC 9250 §4.3. */
const doqError = { none: 0, internal: 1, protocol: 2, excessiveLoad: 4, unspecified: 5 } as const;

const LENGTH_BYTES = 2;
const STREAMS_MAX = limits.questionsPerStreamMax.value;

/** A client's stream: bidirectional, and opened by the client (RFC 9000 §2.1). */
function isClients(stream: number): boolean {
  return stream % 4 === 0;
}

/** A stream whose question has not come whole, or has not been answered. */
interface Stream {
  bytes: Buffer;
  isAsked: boolean;
}

export class DoqServer {
  readonly #native: NativeServer;
  readonly #listener: number;
  readonly #channels: Channels;
  readonly #connections: Connections<Stream>;
  readonly #unsent: Unsent;

  /** `listener` is the row that connections come in by. */
  constructor(native: NativeServer, listener: number, channels: Channels, viewOf: ViewOf) {
    this.#native = native;
    this.#listener = listener;
    this.#channels = channels;
    this.#connections = new Connections(viewOf);
    this.#unsent = new Unsent(native);
  }

  /** Takes one event of the library's. Input is hostile: never throws. */
  on(one: NativeEvent): void {
    const { connHandle, streamId } = one;
    switch (one.eventType) {
      case event.newSession:
        this.#enter(one);
        break;
      case event.newStream:
      case event.data:
        this.#take(one);
        break;
      case event.finished:
        this.#finish(connHandle, streamId);
        break;
      case event.reset:
        this.#connections.forget(connHandle, streamId);
        break;
      case event.drain:
      case event.writeReady:
        this.#unsent.goOn(connHandle, streamId);
        break;
      case event.sessionClose:
        this.#forget(connHandle);
        break;
    }
  }

  /** Closes what stands: what is answered later has nobody to go to. */
  closeAll(): void {
    for (const handle of this.#connections.handles) this.#close(handle, doqError.none);
  }

  #enter(one: NativeEvent): void {
    const entered = this.#connections.enter(one);
    if (entered === "too-many") this.#close(one.connHandle, doqError.excessiveLoad);
    else if (entered === "unwelcome") this.#close(one.connHandle, doqError.none);
  }

  #take({ connHandle, streamId, data, fin }: NativeEvent): void {
    const connection = this.#connections.get(connHandle);
    if (connection === undefined) return;
    const { streams } = connection;
    if (!isClients(streamId)) return this.#close(connHandle, doqError.protocol);
    let stream = streams.get(streamId);
    if (stream === undefined) {
      if (streams.size >= STREAMS_MAX) return this.#close(connHandle, doqError.excessiveLoad);
      stream = { bytes: Buffer.alloc(0), isAsked: false };
      streams.set(streamId, stream);
    }
    if (data !== undefined && data.length > 0) {
      // RFC 9250 §4.2: one question a stream.
      if (stream.isAsked) return this.#close(connHandle, doqError.protocol);
      stream.bytes = Buffer.concat([stream.bytes, data]);
    }
    this.#look(connHandle, connection, streamId, stream);
    if (fin === true) this.#finish(connHandle, streamId);
  }

  /** Asks what has come whole. */
  #look(handle: number, connection: Connection<Stream>, streamId: number, stream: Stream): void {
    const { bytes } = stream;
    if (stream.isAsked || bytes.length < LENGTH_BYTES) return;
    const size = bytes.readUInt16BE(0);
    const message = bytes.subarray(LENGTH_BYTES);
    if (message.length < size) return;
    if (message.length > size || !isProper(message)) return this.#close(handle, doqError.protocol);
    stream.isAsked = true;
    stream.bytes = Buffer.alloc(0);
    const whose = { listener: this.#listener, view: connection.view };
    const isGiven = this.#channels.give(
      connection.chosen,
      (id) => questionFrame(id, whose, message),
      (back) => {
        if (!this.#connections.forget(handle, streamId)) return;
        if (back?.kind === handed.answer) {
          const answer = Buffer.allocUnsafe(LENGTH_BYTES + back.end - back.at);
          answer.writeUInt16BE(back.end - back.at, 0);
          answer.set(back.octets.subarray(back.at, back.end), LENGTH_BYTES);
          this.#unsent.send(handle, streamId, answer);
        } else {
          this.#native.streamClose(handle, streamId, doqError.internal);
        }
      },
    );
    if (isGiven) return;
    this.#connections.forget(handle, streamId);
    this.#native.streamClose(handle, streamId, doqError.excessiveLoad);
  }

  /** The client says no more: what is not whole by now never will be. */
  #finish(handle: number, streamId: number): void {
    const stream = this.#connections.get(handle)?.streams.get(streamId);
    if (stream !== undefined && !stream.isAsked) this.#close(handle, doqError.protocol);
  }

  #close(handle: number, code: number): void {
    this.#forget(handle);
    this.#native.closeSession(handle, code, "");
  }

  #forget(handle: number): void {
    this.#connections.leave(handle);
    this.#unsent.drop(handle);
  }
}

/** RFC 9250 §4.2.1, §5.5.2: the id is 0, and keepalive has its place on TCP. */
function isProper(message: Buffer): boolean {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== 0) return false;
  const read = readMessage(message);
  if (read.kind === "malformed") return true;
  return findOption(read.opt, optionCode.tcpKeepalive) === undefined;
}
