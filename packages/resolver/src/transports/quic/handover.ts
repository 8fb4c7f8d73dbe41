/**
 * What the QUIC process and a worker say to each other over the socket between them.
 *
 *   to the worker    bytes(4) id(4) kind(1) 0(1) listener(2) view(2)   question, or request
 *   from the worker  bytes(4) id(4) kind(1)                            answer, response, or nothing
 *
 * Numbers are big-endian; `bytes` counts what follows the header. An id is the QUIC process's, and
 * names what waits for the answer.
 *   question, answer  a DNS message
 *   request           method(1) content-type(1) accept(1) target's length(2), the target, the body
 *   response          status(2) max-age(4) fields' length(2), the fields a line each, the body
 *
 * PRIVACY: this is all that is handed over. A client's address stays in the QUIC process.
 */
import { limits } from "../../base/limits.ts";
import type { ByteQueue } from "../byte-queue.ts";
import { method, type RequestHead } from "../http/request-head.ts";
import { type HttpResponse, NOT_SAID } from "../http/service.ts";

export const handed = { question: 1, request: 2, answer: 3, response: 4, nothing: 5 } as const;

/** Octets of the header in front of what a worker is given. */
export const GIVEN_HEADER_BYTES = 14;
/** Octets of the header in front of what comes back. */
export const BACK_HEADER_BYTES = 9;
const REQUEST_HEADER_BYTES = 5;
const RESPONSE_HEADER_BYTES = 8;

/** The longest thing that is said either way: a request with target and body at their longest. */
const HANDED_BYTES_MAX =
  REQUEST_HEADER_BYTES + limits.httpTargetBytesMax.value + limits.httpBodyBytesMax.value;

/** Whose question it is, as far as a worker needs to know. */
export interface Whose {
  readonly listener: number;
  readonly view: number;
}

function givenHeader(frame: Buffer, id: number, kind: number, whose: Whose): void {
  frame.writeUInt32BE(frame.length - GIVEN_HEADER_BYTES, 0);
  frame.writeUInt32BE(id, 4);
  frame[8] = kind;
  frame[9] = 0;
  frame.writeUInt16BE(whose.listener, 10);
  frame.writeInt16BE(whose.view, 12);
}

/** A question that is handed to a worker. */
export function questionFrame(id: number, whose: Whose, message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(GIVEN_HEADER_BYTES + message.length);
  givenHeader(frame, id, handed.question, whose);
  frame.set(message, GIVEN_HEADER_BYTES);
  return frame;
}

/** A request that is handed to a worker. */
export function requestFrame(id: number, whose: Whose, head: RequestHead, body: Uint8Array) {
  const at = GIVEN_HEADER_BYTES + REQUEST_HEADER_BYTES;
  const frame = Buffer.allocUnsafe(at + head.targetBytes + body.length);
  givenHeader(frame, id, handed.request, whose);
  frame[GIVEN_HEADER_BYTES] = head.method;
  frame[GIVEN_HEADER_BYTES + 1] = head.contentType;
  frame[GIVEN_HEADER_BYTES + 2] = head.accept;
  frame.writeUInt16BE(head.targetBytes, GIVEN_HEADER_BYTES + 3);
  frame.set(head.target.subarray(0, head.targetBytes), at);
  frame.set(body, at + head.targetBytes);
  return frame;
}

/** Reads the head of a request at `octets[at, end)` into `head`; gives where its body begins. */
export function readRequest(
  octets: Uint8Array,
  at: number,
  end: number,
  head: RequestHead,
): number {
  head.reset();
  head.method = Object.values(method).find((one) => one === octets[at]) ?? method.other;
  head.contentType = octets[at + 1]!;
  head.accept = octets[at + 2]!;
  const from = at + REQUEST_HEADER_BYTES;
  const to = Math.min(end, from + octets[at + 3]! * 0x100 + octets[at + 4]!);
  head.setTarget(octets, from, to);
  head.contentLength = end - to;
  return to;
}

/** What a worker was given, where it lies: `octets[at, end)`. */
export interface Given extends Whose {
  readonly id: number;
  readonly kind: number;
  readonly octets: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/**
 * Takes the next whole thing that a worker was given; undefined where there is none yet.
 *
 * The library is native code that speaks with strangers, so what comes from its process is looked
 * at: "broken" where no such thing can have been handed over.
 */
export function takeGiven(queue: ByteQueue): Given | "broken" | undefined {
  if (!queue.has(GIVEN_HEADER_BYTES)) return undefined;
  if (viewOf(queue.octets, queue.at).getUint32(0) > HANDED_BYTES_MAX) return "broken";
  const bytes = wholeBytes(queue, GIVEN_HEADER_BYTES);
  if (bytes === undefined) return undefined;
  const { octets, at } = queue;
  const view = viewOf(octets, at);
  const from = at + GIVEN_HEADER_BYTES;
  return {
    id: view.getUint32(4),
    kind: octets[at + 8]!,
    listener: view.getUint16(10),
    view: view.getInt16(12),
    octets,
    at: from,
    end: from + bytes,
  };
}

/** The header in front of what a worker gives back, at `frame[at, …)`. */
export function writeBackHeader(
  frame: Uint8Array,
  at: number,
  id: number,
  kind: number,
  bytes: number,
): void {
  const view = viewOf(frame, at);
  view.setUint32(0, bytes);
  view.setUint32(4, id);
  frame[at + 8] = kind;
}

/** A response that goes back. */
export function responseFrame(id: number, response: HttpResponse): Buffer {
  const { status, type, maxAgeS, body, fields = [] } = response;
  const lines = [["content-type", type] as const, ...fields];
  const text = Buffer.from(lines.map(([name, value]) => `${name}: ${value}\n`).join(""), "latin1");
  const bytes = RESPONSE_HEADER_BYTES + text.length + body.length;
  const frame = Buffer.allocUnsafe(BACK_HEADER_BYTES + bytes);
  writeBackHeader(frame, 0, id, handed.response, bytes);
  frame.writeUInt16BE(status, BACK_HEADER_BYTES);
  frame.writeInt32BE(maxAgeS, BACK_HEADER_BYTES + 2);
  frame.writeUInt16BE(text.length, BACK_HEADER_BYTES + 6);
  frame.set(text, BACK_HEADER_BYTES + RESPONSE_HEADER_BYTES);
  frame.set(body, BACK_HEADER_BYTES + RESPONSE_HEADER_BYTES + text.length);
  return frame;
}

/** What came back, where it lies. */
export interface Back {
  readonly id: number;
  readonly kind: number;
  readonly octets: Uint8Array;
  readonly at: number;
  readonly end: number;
}

export function takeBack(queue: ByteQueue): Back | undefined {
  const bytes = wholeBytes(queue, BACK_HEADER_BYTES);
  if (bytes === undefined) return undefined;
  const { octets, at } = queue;
  const from = at + BACK_HEADER_BYTES;
  return {
    id: viewOf(octets, at).getUint32(4),
    kind: octets[at + 8]!,
    octets,
    at: from,
    end: from + bytes,
  };
}

/** A response that came back; its body is a copy. */
export function readResponse({ octets, at, end }: Back): {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
} {
  const view = viewOf(octets, at);
  const maxAgeS = view.getInt32(2);
  const from = at + RESPONSE_HEADER_BYTES;
  const to = from + view.getUint16(6);
  const lines = Buffer.from(octets.subarray(from, to)).toString("latin1").split("\n").slice(0, -1);
  const fields = lines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)] as const;
  });
  if (maxAgeS !== NOT_SAID) fields.push(["cache-control", `max-age=${maxAgeS}`]);
  return { status: view.getUint16(0), fields, body: Buffer.from(octets.subarray(to, end)) };
}

/** Octets behind a header of this size, where all of them are there; the queue shows both. */
function wholeBytes(queue: ByteQueue, headerBytes: number): number | undefined {
  if (!queue.has(headerBytes)) return undefined;
  const bytes = viewOf(queue.octets, queue.at).getUint32(0);
  return queue.has(headerBytes + bytes) ? bytes : undefined;
}

function viewOf(octets: Uint8Array, at: number): DataView {
  return new DataView(octets.buffer, octets.byteOffset + at);
}
