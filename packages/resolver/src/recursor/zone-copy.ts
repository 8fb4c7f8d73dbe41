/**
 * A whole zone in one piece of memory, which threads can share: packed once, then only read.
 *
 *   | number of records u32 | where each begins u32 … | records |
 *   record  | name | type u16 | class u16 | ttl u32 | size u16 | rdata |
 *
 * Records stand in canonical order (RFC 4034 §6.1), small letters in their owners, so that a name
 * is found by halving, what is below it follows it, and what denies it stands before it.
 */
import { compareBytes, getU16, getU32, setU16, setU32 } from "@lethe/wire/bytes.ts";
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

const FIXED_BYTES = 10;

/** Packs the records of a zone, duplicates left out. */
export function packZone(records: readonly ResourceRecord[]): SharedArrayBuffer {
  const small = records.map((record) => ({ ...record, name: lowerCase(record.name) }));
  const sorted = small.toSorted(compareRecords);
  const distinct = sorted.filter((one, i) => i === 0 || compareRecords(sorted[i - 1]!, one) !== 0);
  let size = 4 + 4 * distinct.length;
  for (const { name, rdata } of distinct) size += name.length + FIXED_BYTES + rdata.length;
  const memory = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(memory);
  setU32(bytes, 0, distinct.length);
  let at = 4 + 4 * distinct.length;
  for (const [i, { name, type, class: rrclass, ttl, rdata }] of distinct.entries()) {
    setU32(bytes, 4 + 4 * i, at);
    bytes.set(name, at);
    at += name.length;
    setU16(bytes, at, type);
    setU16(bytes, at + 2, rrclass);
    setU32(bytes, at + 4, ttl);
    setU16(bytes, at + 8, rdata.length);
    bytes.set(rdata, at + FIXED_BYTES);
    at += FIXED_BYTES + rdata.length;
  }
  return memory;
}

function compareRecords(a: ResourceRecord, b: ResourceRecord): number {
  return compareNames(a.name, b.name) || a.type - b.type || compareBytes(a.rdata, b.rdata);
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

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#count = getU32(this.#bytes, 0);
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
      const from = at + FIXED_BYTES;
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

  /** The NSEC set at a name, or the one before it, whose span the name lies in. */
  denialOf(name: Name): RecordSet | undefined {
    const first = this.#firstFrom(name);
    const from = first < this.#count && nameEqual(this.#nameOf(first), name) ? first : first - 1;
    let before: Name | undefined;
    for (let i = from; i >= 0; i--) {
      const owner = this.#nameOf(i);
      if (before !== undefined && nameEqual(owner, before)) continue;
      before = owner;
      const nsec = this.setsAt(owner).find((set) => set.type === rrType.NSEC);
      if (nsec !== undefined && nsec.rdatas.length > 0) return nsec;
    }
    return undefined;
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
    return getU32(this.#bytes, 4 + 4 * i);
  }

  #nameBytesAt(at: number): number {
    return uncompressedNameBytes(this.#bytes, at, this.#bytes.length);
  }
}
