/**
 * Fields of a header block into a request's head, by the rules of HTTP/2 (RFC 9113 §8.2, §8.3).
 *
 * One reader serves all connections of a listener: it holds nothing between blocks.
 */
import { type FieldName, fieldName } from "../http/field-name.ts";
import { type RequestHead, method } from "../http/request-head.ts";
import type { FieldSink } from "./hpack-decoder.ts";

const SLASH = 0x2f;
const TRAILERS = Buffer.from("trailers");

export class HeadReader implements FieldSink {
  #head: RequestHead | undefined;
  #isMalformed = false;
  /** An ordinary field has come: pseudo-header fields may not follow it. */
  #hasFields = false;
  #hasScheme = false;
  #hasPath = false;
  #hasAuthority = false;

  /** Begins a block; without a head it is a trailer, which is looked over and forgotten. */
  begin(head: RequestHead | undefined): void {
    this.#head = head;
    head?.reset();
    this.#isMalformed = false;
    this.#hasFields = head === undefined;
    this.#hasScheme = false;
    this.#hasPath = false;
    this.#hasAuthority = false;
  }

  /** Says whether the block was a proper one; RFC 9113 §8.1.1: otherwise the stream is reset. */
  isProper(): boolean {
    const head = this.#head;
    this.#head = undefined;
    if (this.#isMalformed) return false;
    if (head === undefined) return true;
    return head.method !== method.none && this.#hasScheme && this.#hasPath && !head.hasBadLength;
  }

  malformedField(): void {
    this.#isMalformed = true;
  }

  field(name: FieldName, value: Uint8Array, at: number, end: number): void {
    if (name >= fieldName.method && name <= fieldName.otherPseudo) {
      this.#pseudo(name, value, at, end);
      return;
    }
    this.#hasFields = true;
    if (name === fieldName.other) return;
    if (name === fieldName.connection || name === fieldName.transferEncoding) {
      this.#isMalformed = true;
    } else if (name === fieldName.te) {
      if (!isTrailers(value, at, end)) this.#isMalformed = true;
    } else {
      this.#head?.setField(name, value, at, end);
    }
  }

  #pseudo(name: FieldName, value: Uint8Array, at: number, end: number): void {
    const head = this.#head;
    if (this.#hasFields || head === undefined) {
      this.#isMalformed = true;
    } else if (name === fieldName.method) {
      if (head.method !== method.none) this.#isMalformed = true;
      head.setMethod(value, at, end);
    } else if (name === fieldName.path) {
      if (this.#hasPath || value[at] !== SLASH || at === end) this.#isMalformed = true;
      this.#hasPath = true;
      head.setTarget(value, at, end);
    } else if (name === fieldName.scheme) {
      if (this.#hasScheme) this.#isMalformed = true;
      this.#hasScheme = true;
    } else if (name === fieldName.authority) {
      if (this.#hasAuthority) this.#isMalformed = true;
      this.#hasAuthority = true;
    } else {
      this.#isMalformed = true;
    }
  }
}

function isTrailers(value: Uint8Array, at: number, end: number): boolean {
  if (end - at !== TRAILERS.length) return false;
  for (let i = 0; i < TRAILERS.length; i++) if (value[at + i] !== TRAILERS[i]) return false;
  return true;
}
