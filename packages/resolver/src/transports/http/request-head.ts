/**
 * The head of one request, as far as this server reads it: method, target, and four fields.
 *
 * Both versions of HTTP fill it field by field from where the octets lie. The object is reused for
 * request after request. PERF: nothing is allocated while targets fit into what earlier ones took.
 * PRIVACY: nothing else of a head is kept, so nothing else can be told.
 */
import { limits } from "../../base/limits.ts";
import { type FieldName, fieldName } from "./field-name.ts";
import { type MediaType, mediaType, mediaTypeAt, mediaTypesAt } from "./media-type.ts";

const TARGET_BYTES_MAX = limits.httpTargetBytesMax.value;
/** More is no length of a body that is taken; kept apart from what is no number. */
const LENGTH_DIGITS_MAX = 9;

export const method = { none: 0, get: 1, head: 2, post: 3, options: 4, other: 5 } as const;
export type Method = (typeof method)[keyof typeof method];

const METHODS: readonly [Uint8Array, Method][] = [
  [Buffer.from("GET"), method.get],
  [Buffer.from("POST"), method.post],
  [Buffer.from("HEAD"), method.head],
  [Buffer.from("OPTIONS"), method.options],
];

/** No `content-length` stands in the head. */
export const NO_LENGTH = -1;

export class RequestHead {
  method: Method = method.none;
  /** The path and the query: `target[0, targetBytes)`. */
  target = new Uint8Array(256);
  targetBytes = 0;
  /** The target was longer than is taken: `targetBytes` is 0. */
  isTargetTooLong = false;
  contentType: MediaType = mediaType.none;
  contentLength = NO_LENGTH;
  /** The types that `accept` names, as bits. */
  accept: MediaType = mediaType.none;
  /** `content-length` said two things, or no number. */
  hasBadLength = false;

  reset(): void {
    this.method = method.none;
    this.targetBytes = 0;
    this.isTargetTooLong = false;
    this.contentType = mediaType.none;
    this.contentLength = NO_LENGTH;
    this.accept = mediaType.none;
    this.hasBadLength = false;
  }

  /** Methods are case-sensitive (RFC 9110 §9.1). */
  setMethod(octets: Uint8Array, at: number, end: number): void {
    this.method = method.other;
    for (const [text, code] of METHODS) {
      if (isSame(text, octets, at, end)) this.method = code;
    }
  }

  setTarget(octets: Uint8Array, at: number, end: number): void {
    const bytes = end - at;
    if (bytes > TARGET_BYTES_MAX) {
      this.isTargetTooLong = true;
      return;
    }
    if (bytes > this.target.length) this.target = new Uint8Array(TARGET_BYTES_MAX);
    for (let i = 0; i < bytes; i++) this.target[i] = octets[at + i]!;
    this.targetBytes = bytes;
  }

  /** Takes one of the fields that mean something here; others are let by. */
  setField(name: FieldName, octets: Uint8Array, at: number, end: number): void {
    if (name === fieldName.contentType) {
      this.contentType = mediaTypeAt(octets, at, end);
    } else if (name === fieldName.accept) {
      this.accept |= mediaTypesAt(octets, at, end);
    } else if (name === fieldName.contentLength) {
      this.#setLength(octets, at, end);
    }
  }

  /** RFC 9110 §8.6: digits; a second field must say the same. */
  #setLength(octets: Uint8Array, at: number, end: number): void {
    let length = 0;
    if (at === end || end - at > LENGTH_DIGITS_MAX) this.hasBadLength = true;
    for (let i = at; i < end; i++) {
      const digit = octets[i]! - 0x30;
      if (digit < 0 || digit > 9) this.hasBadLength = true;
      length = length * 10 + digit;
    }
    if (this.contentLength !== NO_LENGTH && this.contentLength !== length) {
      this.hasBadLength = true;
    }
    this.contentLength = length;
  }
}

function isSame(text: Uint8Array, octets: Uint8Array, at: number, end: number): boolean {
  if (text.length !== end - at) return false;
  for (let i = 0; i < text.length; i++) if (octets[at + i] !== text[i]) return false;
  return true;
}
