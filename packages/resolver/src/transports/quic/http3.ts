/**
 * HTTP/3 (RFC 9114): requests as the library has read them, handed to a worker's services.
 *
 * The library speaks QPACK and frames; what a request may be is decided here as for the other
 * versions: four fields of its head, a body of bounded length, and nothing else is kept.
 */
import { limits } from "../../base/limits.ts";
import { Body } from "../http/body.ts";
import { fieldName } from "../http/field-name.ts";
import { RequestHead, method } from "../http/request-head.ts";
import type { Channels } from "./channels.ts";
import { type Connection, Connections, type ViewOf } from "./connections.ts";
import { type Back, handed, readResponse, requestFrame } from "./handover.ts";
import { type NativeEvent, type NativeHeader, type NativeHttp3Server, event } from "./native.ts";

/** RFC 9114 §8.1. */
const h3Error = { none: 0x100, internal: 0x102, excessiveLoad: 0x107 } as const;

const FIELDS = new Map([
  ["content-type", fieldName.contentType],
  ["content-length", fieldName.contentLength],
  ["accept", fieldName.accept],
]);
const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;
const STREAMS_MAX = limits.http2StreamsMax.value;

/** A request that has not come whole, or has not been answered. */
interface Request {
  readonly head: RequestHead;
  readonly body: Body;
  isAsked: boolean;
  /** Octets behind the most that a body may have; nothing of them is kept. */
  tooMany: number;
}

export class Http3Server {
  readonly #native: NativeHttp3Server;
  readonly #listener: number;
  readonly #channels: Channels;
  readonly #connections: Connections<Request>;

  /** `listener` is the row that connections come in by. */
  constructor(native: NativeHttp3Server, listener: number, channels: Channels, viewOf: ViewOf) {
    this.#native = native;
    this.#listener = listener;
    this.#channels = channels;
    this.#connections = new Connections(viewOf);
  }

  /** Takes one event of the library's. Input is hostile: never throws. */
  on(one: NativeEvent): void {
    const { connHandle, streamId } = one;
    switch (one.eventType) {
      case event.newSession:
        this.#enter(one);
        break;
      case event.headers:
        this.#begin(one);
        break;
      case event.data:
        this.#take(one);
        break;
      case event.finished:
        this.#ask(connHandle, streamId);
        break;
      case event.reset:
        this.#connections.forget(connHandle, streamId);
        break;
      case event.sessionClose:
        this.#connections.leave(connHandle);
        break;
    }
  }

  /** Closes what stands: what is answered later has nobody to go to. */
  closeAll(): void {
    for (const handle of this.#connections.handles) this.#close(handle, h3Error.none);
  }

  #enter(one: NativeEvent): void {
    const entered = this.#connections.enter(one);
    if (entered === "too-many") this.#close(one.connHandle, h3Error.excessiveLoad);
    else if (entered === "unwelcome") this.#close(one.connHandle, h3Error.none);
  }

  #close(handle: number, code: number): void {
    this.#connections.leave(handle);
    this.#native.closeSession(handle, code, "");
  }

  #begin(one: NativeEvent): void {
    const { connHandle, streamId, headers } = one;
    const requests = this.#connections.get(connHandle)?.streams;
    // A second head is trailers, in which nothing stands that is read.
    if (requests === undefined || requests.has(streamId)) return;
    if (requests.size >= STREAMS_MAX) {
      this.#native.streamClose(connHandle, streamId, h3Error.excessiveLoad);
      return;
    }
    const head = headOf(headers ?? []);
    requests.set(streamId, { head, body: new Body(), isAsked: false, tooMany: 0 });
    if (head.isTargetTooLong) this.#refuse(connHandle, streamId, 414);
    else if (head.hasBadLength) this.#refuse(connHandle, streamId, 400);
    // What came of the body in the same packet comes with the head.
    else this.#take(one);
  }

  #take({ connHandle, streamId, data, fin }: NativeEvent): void {
    const request = this.#connections.get(connHandle)?.streams.get(streamId);
    if (request === undefined || request.isAsked) return;
    if (data !== undefined && !this.#keep(request, data)) {
      this.#connections.forget(connHandle, streamId);
      this.#native.streamClose(connHandle, streamId, h3Error.excessiveLoad);
    } else if (fin === true) {
      this.#ask(connHandle, streamId);
    }
  }

  /**
   * Keeps a piece of a body; false where its client goes on far beyond what is taken.
   *
   * Who sends a little too much is let finish: a response before that may not be read.
   */
  #keep(request: Request, data: Uint8Array): boolean {
    if (request.tooMany === 0 && request.body.take(data, 0, data.length)) return true;
    request.tooMany += data.length;
    return request.tooMany <= BODY_BYTES_MAX;
  }

  #ask(handle: number, streamId: number): void {
    const connection = this.#connections.get(handle);
    const request = connection?.streams.get(streamId);
    if (connection === undefined || request === undefined || request.isAsked) return;
    request.isAsked = true;
    const { head, body } = request;
    const { contentLength } = head;
    if (request.tooMany > 0) {
      this.#refuse(handle, streamId, 413);
    } else if (contentLength >= 0 && contentLength !== body.bytes) {
      this.#refuse(handle, streamId, 400);
    } else if (!this.#give(connection, handle, streamId, request)) {
      this.#refuse(handle, streamId, 503);
    }
    body.drop();
  }

  #give(
    connection: Connection<Request>,
    handle: number,
    streamId: number,
    request: Request,
  ): boolean {
    const whose = { listener: this.#listener, view: connection.view };
    const { head, body } = request;
    const octets = body.octets.subarray(0, body.bytes);
    return this.#channels.give(
      connection.chosen,
      (id) => requestFrame(id, whose, head, octets),
      (back) => {
        if (this.#connections.forget(handle, streamId)) {
          this.#respond(handle, streamId, back, head.method === method.head);
        }
      },
    );
  }

  #respond(handle: number, streamId: number, back: Back | undefined, isHead: boolean): void {
    if (back?.kind !== handed.response) {
      this.#native.streamClose(handle, streamId, h3Error.internal);
      return;
    }
    const { status, fields, body } = readResponse(back);
    const headers = [
      { name: ":status", value: `${status}` },
      { name: "content-length", value: `${body.length}` },
      { name: "access-control-allow-origin", value: "*" },
      ...fields.map(([name, value]) => ({ name, value })),
    ];
    this.#send(handle, streamId, headers, isHead ? Buffer.alloc(0) : body);
  }

  #refuse(handle: number, streamId: number, status: number): void {
    if (!this.#connections.forget(handle, streamId)) return;
    this.#send(handle, streamId, [{ name: ":status", value: `${status}` }], Buffer.alloc(0));
  }

  #send(handle: number, streamId: number, headers: readonly NativeHeader[], body: Buffer): void {
    if (this.#native.sendResponse(handle, streamId, headers, body, true)) return;
    this.#native.streamClose(handle, streamId, h3Error.excessiveLoad);
  }
}

/** The head of a request, from the fields that mean something here. */
function headOf(headers: readonly NativeHeader[]): RequestHead {
  const head = new RequestHead();
  for (const { name, value } of headers) {
    const octets = Buffer.from(value, "latin1");
    if (name === ":method") head.setMethod(octets, 0, octets.length);
    else if (name === ":path") head.setTarget(octets, 0, octets.length);
    const field = FIELDS.get(name);
    if (field !== undefined) head.setField(field, octets, 0, octets.length);
  }
  return head;
}
