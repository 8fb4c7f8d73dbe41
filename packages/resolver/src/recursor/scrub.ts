/**
 * Removes from a reply what its server may not say.
 *
 * A server was asked because it serves a zone; what it says of names outside that zone is not
 * believed (RFC 2181 §5.4.1, RFC 5452 §6), nor is a denial that reaches out of it. Within the zone,
 * addresses that are none are left out, one name has one alias, and record sets are bounded: a set
 * that nobody needs whole is cut, so that it cannot flush the cache. Addresses of names outside the
 * zone stand apart: they may lead to the servers of the zone that they came with, and to nothing
 * else.
 */
import { rrType } from "@lethe/wire/codes.ts";
import type { Message } from "@lethe/wire/message.ts";
import { type Name, isAtOrUnder, nameFromBytes, uncompressedNameBytes } from "@lethe/wire/name.ts";
import { isMisshapenAddress } from "@lethe/wire/rdata-names.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { gatherSets } from "./sets.ts";

const NS_MAX = limits.nsNamesPerDelegationMax.value;
const SIGNATURES_MAX = limits.signaturesPerSetMax.value;

/** The three sections of a reply as record sets, without what its server may not say. */
export interface Scrubbed {
  readonly answer: readonly RecordSet[];
  readonly authority: readonly RecordSet[];
  readonly additional: readonly RecordSet[];
  /** Addresses in the additional section of names outside the server's zone: hearsay. */
  readonly outside: readonly RecordSet[];
  /** The answer section held addresses that are none. */
  readonly hadMisshapen: boolean;
}

/** Scrubs a reply that a server of `zone` gave to a question of `rrclass`. */
export function scrub(reply: Message, zone: Name, rrclass: number): Scrubbed {
  const section = (records: readonly ResourceRecord[]): readonly RecordSet[] => {
    if (records.length === 0) return NOTHING;
    const said = records.every((record) => maySay(record, zone, rrclass))
      ? records
      : records.filter((record) => maySay(record, zone, rrclass));
    const sets = gatherSets(said);
    return sets.every(isBounded) ? sets : sets.map(bounded);
  };
  return {
    answer: section(reply.answer),
    authority: section(reply.authority),
    additional: onlyAddresses(section(reply.additional)),
    outside: addressesOutside(reply, zone, rrclass),
    hadMisshapen: reply.answer.some(isMisshapenAddress),
  };
}

const NOTHING: readonly RecordSet[] = [];

function onlyAddresses(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.every(isOfAddresses) ? sets : sets.filter(isOfAddresses);
}

/** What a reply says of addresses that its server is not asked about; mostly nothing. */
function addressesOutside(reply: Message, zone: Name, rrclass: number): readonly RecordSet[] {
  if (reply.additional.length === 0) return NOTHING;
  const records = reply.additional.filter(
    (record) =>
      isOfAddresses(record) &&
      record.class === rrclass &&
      !isAtOrUnder(record.name, zone) &&
      !isMisshapenAddress(record),
  );
  return records.length === 0 ? NOTHING : gatherSets(records);
}

function isOfAddresses({ type }: { readonly type: number }): boolean {
  return type === rrType.A || type === rrType.AAAA;
}

function maySay(record: ResourceRecord, zone: Name, rrclass: number): boolean {
  if (record.class !== rrclass || !isAtOrUnder(record.name, zone)) return false;
  return !isMisshapenAddress(record) && !overreaches(record, zone);
}

/** Says whether an NSEC record denies names outside the zone: its next name lies there. */
function overreaches({ type, rdata }: ResourceRecord, zone: Name): boolean {
  if (type !== rrType.NSEC) return false;
  const next = nameFromBytes(rdata.subarray(0, uncompressedNameBytes(rdata, 0, rdata.length)));
  return next !== undefined && !isAtOrUnder(next, zone);
}

/** How many records a set may keep: one where more make no sense, and not every server. */
function rdatasMax({ type }: RecordSet): number {
  if (type === rrType.CNAME || type === rrType.DNAME || type === rrType.SOA) return 1;
  return type === rrType.NS ? NS_MAX : Number.POSITIVE_INFINITY;
}

function isBounded(set: RecordSet): boolean {
  return set.rdatas.length <= rdatasMax(set) && set.signatures.length <= SIGNATURES_MAX;
}

function bounded(set: RecordSet): RecordSet {
  if (isBounded(set)) return set;
  return {
    ...set,
    rdatas: set.rdatas.slice(0, rdatasMax(set)),
    signatures: set.signatures.slice(0, SIGNATURES_MAX),
  };
}
