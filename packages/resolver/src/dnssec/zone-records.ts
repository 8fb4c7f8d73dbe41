/** All records of a zone in canonical order, and each as bytes (RFC 4034 §6). */
import { compareBytes, setU16, setU32 } from "@lethe/wire/bytes.ts";
import { compareNames } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";

/** Bytes of a record beside its name and data: type, class, TTL and length. */
export const RECORD_FIXED_BYTES = 10;

/** Records by name, type and data, without those that repeat another, TTL apart. */
export function distinctInOrder(records: readonly ResourceRecord[]): ResourceRecord[] {
  const sorted = records.toSorted(compareRecords);
  return sorted.filter((one, i) => i === 0 || compareRecords(sorted[i - 1]!, one) !== 0);
}

/** Bytes that records take together. */
export function recordsBytes(records: readonly ResourceRecord[]): number {
  let size = 0;
  for (const { name, rdata } of records) size += name.length + RECORD_FIXED_BYTES + rdata.length;
  return size;
}

/** Writes a record as it stands in messages, its name uncompressed, and gives its end. */
export function putRecord(into: Uint8Array, at: number, record: ResourceRecord): number {
  const { name, type, class: rrclass, ttl, rdata } = record;
  into.set(name, at);
  const fixedAt = at + name.length;
  setU16(into, fixedAt, type);
  setU16(into, fixedAt + 2, rrclass);
  setU32(into, fixedAt + 4, ttl);
  setU16(into, fixedAt + 8, rdata.length);
  into.set(rdata, fixedAt + RECORD_FIXED_BYTES);
  return fixedAt + RECORD_FIXED_BYTES + rdata.length;
}

function compareRecords(a: ResourceRecord, b: ResourceRecord): number {
  return compareNames(a.name, b.name) || a.type - b.type || compareBytes(a.rdata, b.rdata);
}
