/**
 * Heads of responses, compressed (RFC 7541).
 *
 * A connection's table holds at most two fields: those that each DNS answer has. So the usual head
 * is `:status 200` and the two by index, and two short literals. A client that allows less
 * than the standard table gets literals only.
 */
import type { ResponseType } from "../http/service.ts";
import { NOT_SAID, responseType } from "../http/service.ts";
import { STATIC_COUNT } from "./hpack-table.ts";

/** RFC 7540's and RFC 9113's initial size of the table. */
const TABLE_BYTES = 4096;
/** The largest head without further fields. */
export const HEAD_BYTES_MAX = 128;

const staticIndex = {
  status: 8,
  accessControlAllowOrigin: 20,
  cacheControl: 24,
  contentLength: 28,
  contentType: 31,
} as const;
/** Statuses that are fields of the static table. */
const statusIndex = new Map([
  [200, 8],
  [204, 9],
  [206, 10],
  [304, 11],
  [400, 12],
  [404, 13],
  [500, 14],
]);
/** A change of the table's size, to none (RFC 7541 §6.3). */
const NO_TABLE = 0x20;
const INDEXED = 0x80;
const ADDED = 0x40;

/** The two fields, once they are in the table: what was added last has the lowest number. */
const TYPE_BY_INDEX = INDEXED | (STATIC_COUNT + 1);
const ORIGIN_BY_INDEX = INDEXED | (STATIC_COUNT + 2);

export class ResponseEncoder {
  #isTableAllowed = true;
  #mustSayNoTable = false;
  #hasFields = false;

  /** Takes SETTINGS_HEADER_TABLE_SIZE of the client. */
  allowTable(sizeBytes: number): void {
    if (sizeBytes >= TABLE_BYTES || !this.#isTableAllowed) return;
    this.#isTableAllowed = false;
    this.#mustSayNoTable = true;
  }

  /**
   * Writes a head at `at`, where `HEAD_BYTES_MAX` and the further fields find room; gives its end.
   *
   * `maxAgeS` is `NOT_SAID` where nothing is said about caches. PERF: allocates nothing without
   * further fields.
   */
  put(
    into: Uint8Array,
    at: number,
    status: number,
    type: ResponseType,
    maxAgeS: number,
    length: number,
  ): number {
    let end = at;
    if (this.#mustSayNoTable) {
      into[end++] = NO_TABLE;
      this.#mustSayNoTable = false;
    }
    end = putStatus(into, end, status);
    end = this.#putType(into, end, type);
    end = putLiteralNumber(into, end, staticIndex.contentLength, NO_PREFIX, length);
    if (maxAgeS === NOT_SAID) return end;
    return putLiteralNumber(into, end, staticIndex.cacheControl, MAX_AGE, maxAgeS);
  }

  #putType(into: Uint8Array, at: number, type: ResponseType): number {
    if (type !== responseType.dnsMessage || !this.#isTableAllowed) {
      const end = putLiteral(into, at, 0, staticIndex.contentType, typeOctets.get(type)!);
      return putLiteral(into, end, 0, staticIndex.accessControlAllowOrigin, ANY_ORIGIN);
    }
    if (this.#hasFields) {
      into[at] = ORIGIN_BY_INDEX;
      into[at + 1] = TYPE_BY_INDEX;
      return at + 2;
    }
    this.#hasFields = true;
    const origin = staticIndex.accessControlAllowOrigin;
    const end = putLiteral(into, at, ADDED, origin, ANY_ORIGIN);
    return putLiteral(into, end, ADDED, staticIndex.contentType, typeOctets.get(type)!);
  }
}

const typeOctets = new Map<ResponseType, Uint8Array>(
  Object.values(responseType).map((text) => [text, Buffer.from(text)]),
);
const ANY_ORIGIN = Buffer.from("*");
const MAX_AGE = Buffer.from("max-age=");
const NO_PREFIX = new Uint8Array(0);

/** Writes a further field: its name in lower case, neither in a table. */
export function putField(into: Uint8Array, at: number, name: string, value: string): number {
  into[at] = 0;
  const end = putString(into, at + 1, Buffer.from(name, "latin1"));
  return putString(into, end, Buffer.from(value, "latin1"));
}

/** The most octets that `putField` needs. */
export function fieldBytesMax(name: string, value: string): number {
  return 1 + 4 + name.length + 4 + value.length;
}

function putStatus(into: Uint8Array, at: number, status: number): number {
  const index = statusIndex.get(status);
  if (index === undefined) return putLiteralNumber(into, at, staticIndex.status, NO_PREFIX, status);
  into[at] = INDEXED | index;
  return at + 1;
}

/** A field with its name in the static table: added to the connection's where `form` says so. */
function putLiteral(
  into: Uint8Array,
  at: number,
  form: typeof ADDED | 0,
  index: number,
  value: Uint8Array,
): number {
  const end = putInteger(into, at, form, form === ADDED ? 6 : 4, index);
  return putString(into, end, value);
}

/** A field whose value is a number behind some text; its length is one octet. */
function putLiteralNumber(
  into: Uint8Array,
  at: number,
  index: number,
  prefix: Uint8Array,
  value: number,
): number {
  const lengthAt = putInteger(into, at, 0, 4, index);
  let end = lengthAt + 1;
  for (let i = 0; i < prefix.length; i++) into[end++] = prefix[i]!;
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  let rest = value;
  for (let i = end + digits - 1; i >= end; i--) {
    into[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  end += digits;
  into[lengthAt] = end - lengthAt - 1;
  return end;
}

/** RFC 7541 §5.1. */
function putInteger(
  into: Uint8Array,
  at: number,
  form: number,
  bits: number,
  value: number,
): number {
  const mask = (1 << bits) - 1;
  if (value < mask) {
    into[at] = form | value;
    return at + 1;
  }
  into[at] = form | mask;
  let rest = value - mask;
  let end = at + 1;
  for (; rest >= 128; rest >>>= 7) into[end++] = 0x80 | (rest & 0x7f);
  into[end] = rest;
  return end + 1;
}

function putString(into: Uint8Array, at: number, text: Uint8Array): number {
  const end = putInteger(into, at, 0, 7, text.length);
  into.set(text, end);
  return end + text.length;
}
