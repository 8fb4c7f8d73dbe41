/**
 * What a field of RDATA must be able to do: be read from bytes into text, and from text into bytes.
 *
 * A type's format is a row of fields (rdata-format.ts). Fields are read left to right; the last
 * ones may take all that is left.
 */
import { setU16, setU32 } from "./bytes.ts";
import type { Name } from "./name.ts";
import type { Token } from "./text-token.ts";

/** RDATA that is being read, field by field. */
export interface RdataCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Words that are being read, field by field, and the origin of relative names. */
export interface TokenCursor {
  readonly tokens: readonly Token[];
  at: number;
  readonly origin: Name | undefined;
}

/** One field of a type's RDATA. */
export interface Field {
  /** The field at the cursor as text, empty where it is absent; undefined where malformed. */
  readonly toText: (from: RdataCursor) => string | undefined;
  /** Appends the field that the next words stand for; the reason where they stand for none. */
  readonly fromText: (from: TokenCursor, to: RdataBuilder) => string | undefined;
}

/** RDATA in the making: grows as fields are appended. */
export class RdataBuilder {
  #bytes = new Uint8Array(256);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#size++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    setU16(this.#bytes, this.#size, value);
    this.#size += 2;
  }

  u32(value: number): void {
    this.#room(4);
    setU32(this.#bytes, this.#size, value);
    this.#size += 4;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** The bytes so far, as a copy. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  #room(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#size + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** The next `count` bytes, or undefined where fewer are left. */
export function takeBytes(from: RdataCursor, count: number): Uint8Array | undefined {
  if (from.at + count > from.bytes.length) return undefined;
  const bytes = from.bytes.subarray(from.at, from.at + count);
  from.at += count;
  return bytes;
}

/** The next `count` bytes, six at most, as a big-endian number; undefined where fewer are left. */
export function takeNumber(from: RdataCursor, count: number): number | undefined {
  const bytes = takeBytes(from, count);
  return bytes?.reduce((value, byte) => value * 256 + byte, 0);
}

/** All bytes that are left. */
export function takeRest(from: RdataCursor): Uint8Array {
  const bytes = from.bytes.subarray(from.at);
  from.at = from.bytes.length;
  return bytes;
}

/** The next word, or undefined where none is left. */
export function takeToken(from: TokenCursor): Token | undefined {
  return from.tokens[from.at++];
}

/** The text of the next word, empty where none is left or the word is in quotes and empty. */
export function takeWord(from: TokenCursor): string {
  return from.tokens[from.at++]?.text ?? "";
}

/** All words that are left. */
export function takeTokens(from: TokenCursor): readonly Token[] {
  const rest = from.tokens.slice(from.at);
  from.at = from.tokens.length;
  return rest;
}

/** A field of fixed size whose text is one word. */
export function wordField(
  size: number,
  what: string,
  print: (bytes: Uint8Array) => string | undefined,
  parse: (word: string) => Uint8Array | undefined,
): Field {
  return {
    toText: (from) => {
      const bytes = takeBytes(from, size);
      return bytes === undefined ? undefined : print(bytes);
    },
    fromText: (from, to) => {
      const bytes = parse(takeWord(from));
      if (bytes?.length !== size) return `${what} expected`;
      to.bytes(bytes);
      return undefined;
    },
  };
}
