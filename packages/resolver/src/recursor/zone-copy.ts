/**
 * A whole zone in one piece of memory, which threads can share: packed once, then only read.
 *
 *   | number of records u32 | number of denials u32 | where each record begins u32 … |
 *   | which of them deny u32 … | records |
 *   record  | name | type u16 | class u16 | ttl u32 | size u16 | rdata |
 *
 * Records stand in canonical order (RFC 4034 §6.1), small letters in their owners, so that a name
 * is found by halving and what is below it follows it. The denials are the NSEC3 records of a zone
 * that hashes its names, else the NSEC records; of hashes in base 32 the canonical order is theirs
 * (RFC 5155 §1.3), so what denies a name, or its hash, is found by halving too.
 */
import { getU16, getU32, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  compareNames,
  isAtOrUnder,
  lowerCase,
  nameEqual,
  nameFromBytes,
  uncompressedNameBytes,
} from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../base/assert.ts";
import {
  RECORD_FIXED_BYTES,
  distinctInOrder,
  putRecord,
  recordsBytes,
} from "../dnssec/zone-records.ts";

/** Bytes before the places of the records. */
const HEAD_BYTES = 8;

/** Packs the records of a zone, duplicates left out. */
export function packZone(records: readonly ResourceRecord[]): SharedArrayBuffer {
  const small = records.map((record) => ({ ...record, name: lowerCase(record.name) }));
  const distinct = distinctInOrder(small);
  const isHashed = distinct.some((record) => record.type === rrType.NSEC3PARAM);
  const denying = isHashed ? rrType.NSEC3 : rrType.NSEC;
  const denials = distinct.flatMap((record, i) => (record.type === denying ? [i] : []));
  const headBytes = HEAD_BYTES + 4 * (distinct.length + denials.length);
  const memory = new SharedArrayBuffer(headBytes + recordsBytes(distinct));
  const bytes = new Uint8Array(memory);
  setU32(bytes, 0, distinct.length);
  setU32(bytes, 4, denials.length);
  let at = headBytes;
  for (const [i, record] of distinct.entries()) {
    setU32(bytes, HEAD_BYTES + 4 * i, at);
    at = putRecord(bytes, at, record);
  }
  for (const [i, record] of denials.entries()) {
    setU32(bytes, HEAD_BYTES + 4 * (distinct.length + i), record);
  }
  return memory;
}

interface Gathered {
  readonly rdatas: Uint8Array[];
  readonly signatures: Uint8Array[];
  ttl: number;
}

/** Reads a packed zone. What it gives is copied out of the shared memory. */
export class ZoneCopy {
  readonly #bytes: Uint8Array;
  readonly #count: number;
  readonly #denials: number;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#count = getU32(this.#bytes, 0);
    this.#denials = getU32(this.#bytes, 4);
  }

  /** The sets at a name, with their signatures. */
  setsAt(name: Name): RecordSet[] {
    const found = new Map<number, Gathered>();
    let rrclass = 0;
    for (let i = this.#firstFrom(name); i < this.#count; i++) {
      if (!nameEqual(this.#nameOf(i), name)) break;
      const at = this.#fieldsAt(i);
      const own = getU16(this.#bytes, at);
      rrclass = getU16(this.#bytes, at + 2);
      const ttl = getU32(this.#bytes, at + 4);
      const from = at + RECORD_FIXED_BYTES;
      const rdata = this.#bytes.slice(from, from + getU16(this.#bytes, at + 8));
      const type = own === rrType.RRSIG ? coveredType(rdata) : own;
      const set = found.get(type) ?? { rdatas: [], signatures: [], ttl };
      found.set(type, set);
      set.ttl = Math.min(set.ttl, ttl);
      (own === rrType.RRSIG ? set.signatures : set.rdatas).push(rdata);
    }
    return [...found].map(([type, set]) => ({ name, type, class: rrclass, ...set }));
  }

  /** Says whether a name has records, or is above one that has. */
  has(name: Name): boolean {
    const i = this.#firstFrom(name);
    return i < this.#count && isAtOrUnder(this.#nameOf(i), name);
  }

  /**
   * The set that denies a name, or is at it: the last one up to it, in a circle (RFC 5155 §1.3).
   *
   * `name`: in a zone that hashes its names, what the name's hash makes of it.
   */
  denialOf(name: Name): RecordSet | undefined {
    if (this.#denials === 0) return undefined;
    let low = 0;
    let high = this.#denials;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareNames(this.#nameOf(this.#denialAt(middle)), name) <= 0) low = middle + 1;
      else high = middle;
    }
    const i = this.#denialAt((low === 0 ? this.#denials : low) - 1);
    const type = getU16(this.#bytes, this.#fieldsAt(i));
    return this.setsAt(this.#nameOf(i)).find((set) => set.type === type);
  }

  /** The number of the first record whose owner is a name or stands behind it. */
  #firstFrom(name: Name): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareNames(this.#nameOf(middle), name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nameOf(i: number): Name {
    const at = this.#placeOf(i);
    const name = nameFromBytes(this.#bytes.slice(at, at + this.#nameBytesAt(at)));
    assert(name !== undefined, "packed zones hold whole names");
    return name;
  }

  #fieldsAt(i: number): number {
    const at = this.#placeOf(i);
    return at + this.#nameBytesAt(at);
  }

  #placeOf(i: number): number {
    return getU32(this.#bytes, HEAD_BYTES + 4 * i);
  }

  /** The number of the record that denies as the `i`-th. */
  #denialAt(i: number): number {
    return getU32(this.#bytes, HEAD_BYTES + 4 * (this.#count + i));
  }

  #nameBytesAt(at: number): number {
    return uncompressedNameBytes(this.#bytes, at, this.#bytes.length);
  }
}
