/** Gathers the records of a section into record sets, each with its signatures. */
import { rrType } from "@lethe/wire/codes.ts";
import { parseSignature } from "../dnssec/signature.ts";
import { equalBytes } from "@lethe/wire/bytes.ts";
import { type Name, isAtOrUnder, nameEqual, nameKey } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";

interface Gathering {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  ttl: number;
  readonly rdatas: Uint8Array[];
  readonly signatures: Uint8Array[];
}

/** PERF: sections of up to this many records are looked through, longer ones go through a map. */
const LOOKED_THROUGH_MAX = 16;

/**
 * The record sets of a section, in the order of their first records.
 *
 * Duplicate records count once (RFC 2181 §5); the TTL is the smallest (§5.2). Signatures whose
 * set is absent come as a set without records, so that a caller can see them.
 */
export function gatherSets(records: readonly ResourceRecord[]): RecordSet[] {
  if (records.length === 0) return [];
  const found: Gathering[] = [];
  const byKey = records.length > LOOKED_THROUGH_MAX ? new Map<string, Gathering>() : undefined;
  for (const record of records) {
    const isSignature = record.type === rrType.RRSIG;
    const type = isSignature ? coveredType(record.rdata) : record.type;
    const key = byKey && `${type}/${record.class}/${nameKey(record.name)}`;
    let set = key === undefined ? found.find((one) => isOf(one, record, type)) : byKey?.get(key);
    if (set === undefined) {
      set = newSet(record, type, isSignature);
      found.push(set);
      if (key !== undefined) byKey?.set(key, set);
      continue;
    }
    set.ttl = Math.min(set.ttl, record.ttl);
    const into = isSignature ? set.signatures : set.rdatas;
    if (!into.some((rdata) => equalBytes(rdata, record.rdata))) into.push(record.rdata);
  }
  return found;
}

/**
 * A set of one record.
 *
 * PERF: most sets stay like that. An array that begins with its element takes one place for it;
 * one that begins empty takes seventeen as soon as something is put into it.
 */
function newSet(record: ResourceRecord, type: number, isSignature: boolean): Gathering {
  const { name, class: rrclass, ttl, rdata } = record;
  return isSignature
    ? { name, type, class: rrclass, ttl, rdatas: [], signatures: [rdata] }
    : { name, type, class: rrclass, ttl, rdatas: [rdata], signatures: [] };
}

function isOf(set: Gathering, record: ResourceRecord, type: number): boolean {
  return set.type === type && set.class === record.class && nameEqual(set.name, record.name);
}

/** The set of a name and type among others, or undefined. */
export function findSet(
  sets: readonly RecordSet[],
  name: Name,
  type: number,
): RecordSet | undefined {
  return sets.find(
    (set) => set.type === type && set.rdatas.length > 0 && nameEqual(set.name, name),
  );
}

/** The signer's name that is nearest to `home`, at it or above it, among signatures of sets. */
export function signerOver(home: Name, sets: readonly RecordSet[]): Name | undefined {
  let nearest: Name | undefined;
  for (const set of sets) {
    for (const rdata of set.signatures) {
      const signer = parseSignature(rdata)?.signer;
      if (signer === undefined || !isAtOrUnder(home, signer)) continue;
      if (nearest === undefined || signer.length > nearest.length) nearest = signer;
    }
  }
  return nearest;
}
