/**
 * One client's connection of HTTP/1.1 (RFC 9112), over any socket of Node's.
 *
 * Requests are served one after the other: the next is read when the one before is answered, so
 * answers are in order whatever the client pipelines. What is refused closes the connection, since
 * nobody knows where the next request would begin.
 */
import type { Socket } from "node:net";
import { limits } from "../../base/limits.ts";
import type { Client } from "../../privacy/client.ts";
import { monotonicMs } from "../../system/clock.ts";
import { ByteQueue } from "../byte-queue.ts";
import { STREAM_MESSAGE_BYTES_MAX } from "../framing.ts";
import { Body } from "../http/body.ts";
import type { HttpHost } from "../http/host.ts";
import { method } from "../http/request-head.ts";
import { type HttpResponse, NOT_SAID, type Requesting, responseType } from "../http/service.ts";
import { reset } from "../reset.ts";
import type { Session } from "../session.ts";
import { Chunks } from "./chunks.ts";
import { headEnd, newHttp1Head, readHead } from "./read-head.ts";
import { responseHead } from "./response-head.ts";

const HEAD_BYTES_MAX = limits.http1HeadBytesMax.value;
const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;
const TURN_MAX = limits.questionsPerStreamTurnMax.value;
const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
/** Octets of the empty line that ends a head, and of the line before it. */
const HEAD_ENDING_BYTES = 4;

export class Http1Connection implements Session, Requesting {
  readonly listener: number;
  readonly client: Client;
  readonly #socket: Socket;
  readonly #host: HttpHost;
  readonly #queue = new ByteQueue();
  readonly #head = newHttp1Head();
  readonly #body = new Body();
  #chunks: Chunks | undefined;
  #place: "head" | "body" | "chunks" = "head";
  /** Octets of the head that were searched for its end. */
  #searched = 0;
  #isWaiting = false;
  #isEnding = false;
  #isSettling = false;
  #activeMs = monotonicMs();
  #heldBytes = 0;

  constructor(socket: Socket, client: Client, host: HttpHost) {
    this.listener = host.listener;
    this.client = client;
    this.#socket = socket;
    this.#host = host;
    socket.on("data", (chunk: Buffer) => {
      this.#queue.push(chunk);
      this.#read();
    });
    socket.on("drain", () => {
      this.#activeMs = monotonicMs();
      this.#read();
    });
    socket.on("end", () => this.end());
    // What went wrong is the client's affair; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => host.hold(-this.#heldBytes));
  }

  later(): (response: HttpResponse) => void {
    this.#isWaiting = true;
    return (response) => {
      this.#isWaiting = false;
      if (this.#socket.destroyed) return;
      this.#respond(response);
      if (this.#isSettling) return;
      this.#isSettling = true;
      this.#host.settleSoon(this);
    };
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isWaiting) this.#socket.destroySoon();
  }

  settle(): void {
    this.#isSettling = false;
    if (!this.#socket.destroyed) this.#read();
  }

  closeIfIdle(nowMs: number): void {
    if (this.#isWaiting || nowMs - this.#activeMs < this.#host.idleMs) return;
    if (this.#socket.writableLength > 0) reset(this.#socket);
    else this.#socket.destroy();
  }

  #read(): void {
    let turn = 0;
    while (this.#mayTake() && turn < TURN_MAX && this.#takeRequest()) turn++;
    if (this.#socket.destroyed) return;
    this.#hold();
    if (!this.#mayTake()) {
      this.#socket.pause();
    } else if (turn === TURN_MAX) {
      this.#socket.pause();
      this.#isSettling = true;
      this.#host.settleSoon(this);
    } else if (this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }

  #mayTake(): boolean {
    if (this.#isWaiting || this.#isEnding) return false;
    return !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  /** Takes as much of a request as has come; says whether another may follow at once. */
  #takeRequest(): boolean {
    if (this.#place === "head" && !this.#takeHead()) return false;
    const queue = this.#queue;
    if (this.#place === "chunks") {
      const state = this.#chunks!.take(queue, this.#body);
      if (state === "broken") return this.#refuse(400);
      if (state === "too-long") return this.#refuse(413);
      if (state === "more") return false;
      this.#serve(this.#body.octets, 0, this.#body.bytes);
      return true;
    }
    const length = Math.max(0, this.#head.request.contentLength);
    if (!queue.has(length)) return false;
    const { octets, at } = queue;
    this.#serve(octets, at, at + length);
    queue.consume(length);
    return true;
  }

  /** Reads a head when it is whole; says whether it is, and proper. */
  #takeHead(): boolean {
    const queue = this.#queue;
    const held = Math.min(queue.heldBytes, HEAD_BYTES_MAX);
    if (held === 0 || !queue.has(held)) return false;
    const { octets, at } = queue;
    const from = at + Math.max(0, this.#searched - HEAD_ENDING_BYTES);
    const end = headEnd(octets, from, at + held);
    this.#searched = held;
    if (end < 0) return held === HEAD_BYTES_MAX ? this.#refuse(431) : false;
    const head = this.#head;
    readHead(octets, at, end, head);
    queue.consume(end + HEAD_ENDING_BYTES - at);
    this.#searched = 0;
    if (head.status !== 0) return this.#refuse(head.status);
    const { contentLength } = head.request;
    if (contentLength > BODY_BYTES_MAX) return this.#refuse(413);
    this.#place = head.isChunked ? "chunks" : "body";
    if (head.isChunked) this.#chunks = new Chunks();
    const hasBody = head.isChunked || contentLength > 0;
    if (head.expectsContinue && hasBody && queue.heldBytes === 0) this.#socket.write(CONTINUE);
    return true;
  }

  #serve(body: Uint8Array, at: number, end: number): void {
    this.#place = "head";
    this.#activeMs = monotonicMs();
    if (this.#head.isLast) this.#isEnding = true;
    const { slot, service, answers } = this.#host;
    slot.octets = answers;
    slot.at = 0;
    slot.capacity = STREAM_MESSAGE_BYTES_MAX;
    const outcome = service.serve(this.#head.request, body, at, end, slot, this);
    this.#body.drop();
    if (outcome === "later") return;
    const { status, type, maxAgeS, length } = slot;
    this.#respond({ status, type, maxAgeS, body: answers.subarray(0, length) });
  }

  /** Tells why a request is not served, and closes: false, for there is no next one. */
  #refuse(status: number): false {
    this.#isEnding = true;
    const body = new Uint8Array(0);
    this.#respond({ status, type: responseType.text, maxAgeS: NOT_SAID, body });
    return false;
  }

  #respond(response: HttpResponse): void {
    if (this.#socket.destroyed) return;
    this.#activeMs = monotonicMs();
    const head = responseHead(response, this.#isEnding);
    const hasBody = this.#head.request.method !== method.head;
    this.#socket.write(hasBody ? Buffer.concat([head, response.body]) : head);
    if (this.#isEnding) this.#socket.destroySoon();
  }

  #hold(): void {
    if (this.#socket.destroyed) return;
    const heldBytes =
      this.#queue.heldBytes + this.#body.octets.length + this.#socket.writableLength;
    const more = heldBytes - this.#heldBytes;
    this.#heldBytes = heldBytes;
    if (more !== 0 && !this.#host.hold(more)) reset(this.#socket);
  }
}
