/**
 * Record sets and denials as bytes: what the record-set cache keeps in its store.
 *
 *   set     | 0 | trust | verdict | damaged | records                                             |
 *   denial  | 1 no data, 2 no name | sets | verdict | 0 | { name, type u16, records }*      |
 *   cut     | a set, of type NS | TTL u32 | addresses u16 | { name's number u8, size u8, IP }* |
 *   records | count u16 | signatures u16 | { size u16, RDATA }*                              |
 *
 * The highest bit of an address's size says that its name stands outside the parent's zone.
 * A set's name, type and class are its key; its TTL is the time to its expiry. The sets of a
 * denial have names of their own, uncompressed, and live as long as the denial.
 */
import { getU16, getU32, setU16, setU32 } from "@lethe/wire/bytes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Verdict } from "../dnssec/verdict.ts";

export const packedKind = { set: 0, noData: 1, noName: 2 } as const;

/** Offsets in a packed set or denial. */
export const packedAt = { kind: 0, trust: 1, sets: 1, verdict: 2, damaged: 3, body: 4 } as const;

const VERDICTS: readonly Verdict[] = ["indeterminate", "insecure", "secure", "bogus"];

/** The number that a verdict is kept as. */
export function verdictCode(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

/** The verdict that a number stands for. */
export function verdictOf(code: number): Verdict {
  return VERDICTS[code] ?? "indeterminate";
}

/** How many bytes a packed set takes. */
export function packedSetBytes(set: RecordSet): number {
  return packedAt.body + recordsBytes(set);
}

/** How many bytes a packed denial takes. */
export function packedDenialBytes(authority: readonly RecordSet[]): number {
  let size: number = packedAt.body;
  for (const set of authority) size += set.name.length + 2 + recordsBytes(set);
  return size;
}

/** Writes a set at `at`, where the caller has made room, and gives the place behind it. */
export function packSet(
  out: Uint8Array,
  at: number,
  set: RecordSet,
  trust: number,
  verdict: Verdict,
  isDamaged = false,
): number {
  out[at + packedAt.kind] = packedKind.set;
  out[at + packedAt.trust] = trust;
  out[at + packedAt.verdict] = verdictCode(verdict);
  out[at + packedAt.damaged] = isDamaged ? 1 : 0;
  return writeRecords(out, at + packedAt.body, set);
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
export function packedCutBytes(servers: RecordSet, glue: readonly GlueAddress[]): number {
  let size = packedSetBytes(servers) + 6;
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
}

/** Reads what stands behind the set of a packed cut: its TTL at first, and the addresses. */
export function unpackGlue(
  bytes: Uint8Array,
  at: number,
): { readonly ttlS: number; readonly glue: GlueAddress[] } {
  let cursor = at + packedAt.body + 4;
  const records = getU16(bytes, at + packedAt.body) + getU16(bytes, at + packedAt.body + 2);
  for (let left = records; left > 0; left--) cursor += 2 + getU16(bytes, cursor);
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
  return { ttlS, glue };
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
  let cursor = at + packedAt.body;
  for (const set of authority) {
    out.set(set.name, cursor);
    cursor += set.name.length;
    setU16(out, cursor, set.type);
    cursor = writeRecords(out, cursor + 2, set);
  }
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
  const sets: RecordSet[] = [];
  const cursor = { at: at + packedAt.body };
  for (let left = bytes[at + packedAt.sets]!; left > 0; left--) {
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
