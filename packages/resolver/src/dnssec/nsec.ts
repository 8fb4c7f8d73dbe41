/**
 * NSEC records: which names and types a zone does not have (RFC 4034 §4, RFC 4035 §5.4).
 *
 * Words, as RFC 4592 §3.3.1 and RFC 7129 §5 use them:
 * - A record *matches* a name that is its owner. Its bitmap then tells that name's types.
 * - A record *covers* a name that sorts between its owner and its next name. That name has no
 *   records; it still exists, as an *empty non-terminal*, where the next name lies below it.
 * - The *closest encloser* of a name that does not exist is its longest ancestor that does.
 *   With NSEC the covering record tells it: the longest ancestor that the name shares with
 *   either end of the gap.
 * - The *next closer* name is the ancestor of the name that is one label longer than that.
 * - The *source of synthesis* is the wildcard `*.<closest encloser>`.
 */
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  compareNames,
  isAtOrUnder,
  isUnder,
  nameEqual,
  nameFromBytes,
  sharedLabels,
  uncompressedNameBytes,
} from "@lethe/wire/name.ts";
import { hasType, isTypeBitmap } from "./type-bitmap.ts";

export interface Nsec {
  readonly owner: Name;
  readonly next: Name;
  readonly bitmap: Uint8Array;
}

/**
 * The NSEC of a zone in this RDATA, or undefined where it is malformed or says too much.
 *
 * Both ends of the gap must lie in the zone, and only the last record of the zone leads back to
 * its apex (RFC 4034 §4.1.1). A next name outside would let a zone deny names of others.
 */
export function parseNsec(owner: Name, rdata: Uint8Array, zone: Name): Nsec | undefined {
  const nextBytes = uncompressedNameBytes(rdata, 0, rdata.length);
  const next = nameFromBytes(rdata.subarray(0, nextBytes));
  const bitmap = rdata.subarray(nextBytes);
  if (next === undefined || !isTypeBitmap(bitmap)) return undefined;
  if (!isAtOrUnder(owner, zone) || !isAtOrUnder(next, zone)) return undefined;
  if (!nameEqual(next, zone) && compareNames(owner, next) >= 0) return undefined;
  return { owner, next, bitmap };
}

/** Says whether a record matches a name. */
export function nsecMatches(nsec: Nsec, name: Name): boolean {
  return nameEqual(nsec.owner, name);
}

/**
 * Says whether a record covers a name of its zone and may say so.
 *
 * The parent's record at a cut, and one at a DNAME, say nothing of the names below: these are
 * another zone's, or another place's (RFC 6840 §4.1).
 */
export function nsecCovers(nsec: Nsec, name: Name, zone: Name): boolean {
  if (!isUnder(name, zone) || compareNames(nsec.owner, name) >= 0) return false;
  const isLast = nameEqual(nsec.next, zone);
  if (!isLast && compareNames(name, nsec.next) >= 0) return false;
  return !(isUnder(name, nsec.owner) && leadsElsewhere(nsec.bitmap));
}

/** Says whether the names below one with this bitmap are somewhere else: a cut, or a DNAME. */
export function leadsElsewhere(bitmap: Uint8Array): boolean {
  return isCut(bitmap) || hasType(bitmap, rrType.DNAME);
}

/** Says whether a bitmap is the parent's at a zone cut. */
export function isCut(bitmap: Uint8Array): boolean {
  return hasType(bitmap, rrType.NS) && !hasType(bitmap, rrType.SOA);
}

/** Says whether a name that this record covers exists nonetheless, without records. */
export function isEmptyNonTerminal(nsec: Nsec, name: Name): boolean {
  return isUnder(nsec.next, name);
}

/** How many labels the closest encloser of a name has that this record covers. */
export function closestEncloserLabels(nsec: Nsec, name: Name): number {
  return Math.max(sharedLabels(name, nsec.owner), sharedLabels(name, nsec.next));
}
