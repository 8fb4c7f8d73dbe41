/**
 * Record sets and denials as bytes: what the record-set cache keeps in its store.
 *
 *   set     | 0 | trust | verdict | proofs, damaged | TTL u16 | records                      |
 *           | { name, type u16, records }*                                                   |
 *   denial  | 1 no data, 2 no name | sets | verdict | 0 | 0 u16 | { name, type u16, records }* |
 *   cut     | a set, of type NS | TTL u32 | addresses u16 | { name's number u8, size u8, IP }* |
 *           | TTL u32 | sets u8 | { name, type u16, records }* |
 *   records | count u16 | signatures u16 | { size u16, RDATA }*                              |
 *
 * The highest bit of an address's size says that its name stands outside the parent's zone.
 * A set's name, type and class are its key; its TTL is the time to its expiry, and the one that it
 * had at first, up to 65535, is kept for when it is told past its time. The sets of a
 * denial, and those that prove a wildcard, have names of their own, uncompressed, and live as long
 * as what they prove.
 */
import { getU16, getU32, setU16, setU32 } from "@lethe/wire/bytes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Verdict } from "../dnssec/verdict.ts";

export const packedKind = { set: 0, noData: 1, noName: 2 } as const;

/** Offsets in a packed set or denial. */
export const packedAt = {
  kind: 0,
  trust: 1,
  sets: 1,
  verdict: 2,
  proofs: 3,
  ttl: 4,
  body: 6,
} as const;

/** Set in the number of proofs where the set's reply was damaged; there are few proofs. */
const DAMAGED = 0x80;

/** Told past their time, sets get a TTL of minutes: more than this need not be known. */
const TTL_MAX = 0xffff;

const VERDICTS: readonly Verdict[] = ["indeterminate", "insecure", "secure", "bogus"];

/** The number that a verdict is kept as. */
function verdictCode(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

/** The verdict that a number stands for. */
export function verdictOf(code: number): Verdict {
  return VERDICTS[code] ?? "indeterminate";
}

/** How many bytes a packed set takes. */
export function packedSetBytes(set: RecordSet, proofs: readonly RecordSet[] = []): number {
  return packedAt.body + recordsBytes(set) + namedSetsBytes(proofs);
}

/** How many bytes a packed denial takes. */
export function packedDenialBytes(authority: readonly RecordSet[]): number {
  return packedAt.body + namedSetsBytes(authority);
}

function namedSetsBytes(sets: readonly RecordSet[]): number {
  let size = 0;
  for (const set of sets) size += set.name.length + 2 + recordsBytes(set);
  return size;
}

/** Writes a set at `at`, where the caller has made room, and gives the place behind it. */
export function packSet(
  out: Uint8Array,
  at: number,
  set: RecordSet,
  trust: number,
  verdict: Verdict,
  proofs: readonly RecordSet[] = [],
  isDamaged = false,
): number {
  out[at + packedAt.kind] = packedKind.set;
  out[at + packedAt.trust] = trust;
  out[at + packedAt.verdict] = verdictCode(verdict);
  out[at + packedAt.proofs] = proofs.length | (isDamaged ? DAMAGED : 0);
  setU16(out, at + packedAt.ttl, Math.min(set.ttl, TTL_MAX));
  return writeNamedSets(out, writeRecords(out, at + packedAt.body, set), proofs);
}

/** An address of the name server that is the `index`th record of an NS set. */
export interface GlueAddress {
  readonly index: number;
  readonly ip: Uint8Array;
  /** The name stands outside the zone of the server that told it. */
  readonly isOutside: boolean;
}

/** Set in an address's size where its name stands outside. */
const OUTSIDE = 0x80;

/** How many bytes a packed cut takes. */
export function packedCutBytes(
  servers: RecordSet,
  glue: readonly GlueAddress[],
  signed: readonly RecordSet[],
): number {
  let size = packedSetBytes(servers) + 6 + 5 + namedSetsBytes(signed);
  for (const { ip } of glue) size += 2 + ip.length;
  return size;
}

/** Writes a cut at `at`; the caller has made room. */
export function packCut(
  out: Uint8Array,
  at: number,
  servers: RecordSet,
  glue: readonly GlueAddress[],
  ttlS: number,
  signed: readonly RecordSet[],
): void {
  let cursor = packSet(out, at, servers, 0, "indeterminate");
  setU32(out, cursor, ttlS);
  setU16(out, cursor + 4, glue.length);
  cursor += 6;
  for (const { index, ip, isOutside } of glue) {
    out[cursor] = index;
    out[cursor + 1] = ip.length | (isOutside ? OUTSIDE : 0);
    out.set(ip, cursor + 2);
    cursor += 2 + ip.length;
  }
  setU32(out, cursor, Math.min(ttlS, ...signed.map((set) => set.ttl)));
  out[cursor + 4] = signed.length;
  writeNamedSets(out, cursor + 5, signed);
}

/** What stands behind the set of a packed cut. */
interface PackedGlue {
  /** The cut's TTL at first. */
  readonly ttlS: number;
  readonly glue: GlueAddress[];
  /** Where the signed sets stand. */
  readonly end: number;
}

/** Reads what stands behind the set of a packed cut, but for the signed sets. */
export function unpackGlue(bytes: Uint8Array, at: number): PackedGlue {
  let cursor = behindRecords(bytes, at + packedAt.body);
  const glue: GlueAddress[] = [];
  const ttlS = getU32(bytes, cursor);
  let left = getU16(bytes, cursor + 4);
  for (cursor += 6; left > 0; left--) {
    const size = bytes[cursor + 1]!;
    const end = cursor + 2 + (size & ~OUTSIDE);
    const isOutside = (size & OUTSIDE) !== 0;
    glue.push({ index: bytes[cursor]!, ip: bytes.slice(cursor + 2, end), isOutside });
    cursor = end;
  }
  return { ttlS, glue, end: cursor };
}

/** Reads the signed sets of a packed cut, `ageS` after they were told; none of them is expired. */
export function unpackSigned(
  bytes: Uint8Array,
  end: number,
  rrclass: number,
  ageS: number,
): RecordSet[] {
  const leftS = getU32(bytes, end) - ageS;
  return leftS <= 0 ? [] : readNamedSets(bytes, end + 5, bytes[end + 4]!, rrclass, leftS);
}

/** Writes a denial at `at`; the caller has made room. */
export function packDenial(
  out: Uint8Array,
  at: number,
  kind: number,
  authority: readonly RecordSet[],
  verdict: Verdict,
): void {
  out[at + packedAt.kind] = kind;
  out[at + packedAt.sets] = authority.length;
  out[at + packedAt.verdict] = verdictCode(verdict);
  writeNamedSets(out, at + packedAt.body, authority);
}

/** Writes sets with their names at `at`, and gives the place behind them. */
function writeNamedSets(out: Uint8Array, at: number, sets: readonly RecordSet[]): number {
  let cursor = at;
  for (const set of sets) {
    out.set(set.name, cursor);
    cursor += set.name.length;
    setU16(out, cursor, set.type);
    cursor = writeRecords(out, cursor + 2, set);
  }
  return cursor;
}

/** Reads a packed set; what it gives is copied out of the store. */
export function unpackSet(
  bytes: Uint8Array,
  at: number,
  key: { readonly name: Name; readonly type: number; readonly class: number },
  ttl: number,
): RecordSet {
  const { rdatas, signatures } = readRecords(bytes, { at: at + packedAt.body });
  return { name: key.name, type: key.type, class: key.class, ttl, rdatas, signatures };
}

/** Reads the sets of a packed denial; what it gives is copied out of the store. */
export function unpackDenial(
  bytes: Uint8Array,
  at: number,
  rrclass: number,
  ttl: number,
): RecordSet[] {
  return readNamedSets(bytes, at + packedAt.body, bytes[at + packedAt.sets]!, rrclass, ttl);
}

/** Reads the sets that prove a packed set from a wildcard; they are copied out of the store. */
export function unpackProofs(
  bytes: Uint8Array,
  at: number,
  rrclass: number,
  ttl: number,
): RecordSet[] {
  const count = bytes[at + packedAt.proofs]! & ~DAMAGED;
  if (count === 0) return [];
  return readNamedSets(bytes, behindRecords(bytes, at + packedAt.body), count, rrclass, ttl);
}

/** The TTL that a packed set had at first, up to 65535. */
export function firstTtlOf(bytes: Uint8Array, at: number): number {
  return getU16(bytes, at + packedAt.ttl);
}

/** Says whether a packed set came in a reply with records that are none. */
export function isDamagedSet(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + packedAt.proofs]! & DAMAGED) !== 0;
}

/** The place behind records that begin at `at`. */
function behindRecords(bytes: Uint8Array, at: number): number {
  let cursor = at + 4;
  const records = getU16(bytes, at) + getU16(bytes, at + 2);
  for (let left = records; left > 0; left--) cursor += 2 + getU16(bytes, cursor);
  return cursor;
}

function readNamedSets(
  bytes: Uint8Array,
  at: number,
  count: number,
  rrclass: number,
  ttl: number,
): RecordSet[] {
  const sets: RecordSet[] = [];
  const cursor = { at };
  for (let left = count; left > 0; left--) {
    let end = cursor.at;
    while (bytes[end] !== 0) end += 1 + bytes[end]!;
    const name = bytes.slice(cursor.at, end + 1) as Name;
    const type = getU16(bytes, end + 1);
    cursor.at = end + 3;
    sets.push({ name, type, class: rrclass, ttl, ...readRecords(bytes, cursor) });
  }
  return sets;
}

function recordsBytes(set: RecordSet): number {
  let size = 4;
  for (const rdata of set.rdatas) size += 2 + rdata.length;
  for (const signature of set.signatures) size += 2 + signature.length;
  return size;
}

function writeRecords(out: Uint8Array, at: number, set: RecordSet): number {
  setU16(out, at, set.rdatas.length);
  setU16(out, at + 2, set.signatures.length);
  let cursor = at + 4;
  for (const rdata of set.rdatas) cursor = writeRdata(out, cursor, rdata);
  for (const signature of set.signatures) cursor = writeRdata(out, cursor, signature);
  return cursor;
}

function writeRdata(out: Uint8Array, at: number, rdata: Uint8Array): number {
  setU16(out, at, rdata.length);
  out.set(rdata, at + 2);
  return at + 2 + rdata.length;
}

function readRecords(
  bytes: Uint8Array,
  cursor: { at: number },
): { rdatas: Uint8Array[]; signatures: Uint8Array[] } {
  const counts = [getU16(bytes, cursor.at), getU16(bytes, cursor.at + 2)] as const;
  cursor.at += 4;
  const rdatas = readRdatas(bytes, cursor, counts[0]);
  return { rdatas, signatures: readRdatas(bytes, cursor, counts[1]) };
}

function readRdatas(bytes: Uint8Array, cursor: { at: number }, count: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let left = count; left > 0; left--) {
    const start = cursor.at + 2;
    cursor.at = start + getU16(bytes, cursor.at);
    found.push(bytes.slice(start, cursor.at));
  }
  return found;
}
