/** What NSEC records prove (RFC 4035 §5.4); the words are at the head of `nsec.ts`. */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ancestorWithLabels, labelCount } from "@lethe/wire/name.ts";
import { wildcardBelow } from "./canonical.ts";
import type { Found, FoundNoDs, Proofs } from "./denial.ts";
import {
  type Nsec,
  closestEncloserLabels,
  isCut,
  isEmptyNonTerminal,
  nsecCovers,
  nsecMatches,
} from "./nsec.ts";
import { hasType, hasTypeBut } from "./type-bitmap.ts";

/** No such name: it is covered and empty, and so is the wildcard that could stand for it. */
export function nsecProvesNoName(name: Name, proofs: Proofs): Found {
  const covering = coveringOf(name, proofs);
  if (covering === undefined || isEmptyNonTerminal(covering, name)) return undefined;
  const wildcard = wildcardOver(name, covering);
  if (wildcard === undefined) return "secure";
  const overWildcard = coveringOf(wildcard, proofs);
  // A wildcard that exists without records answers "no data", not "no name" (RFC 4592 §2.2.2).
  if (overWildcard === undefined || isEmptyNonTerminal(overWildcard, wildcard)) return undefined;
  return "secure";
}

/** No data: the name is matched without the type, is empty, or a wildcard stands for it. */
export function nsecProvesNoData(name: Name, type: number, proofs: Proofs): Found {
  const matching = matchingOf(name, proofs);
  if (matching !== undefined) return lacks(matching.bitmap, type, name) ? "secure" : undefined;
  const covering = coveringOf(name, proofs);
  if (covering === undefined) return undefined;
  if (isEmptyNonTerminal(covering, name)) return "secure";
  const wildcard = wildcardOver(name, covering);
  if (wildcard === undefined) return undefined;
  const atWildcard = matchingOf(wildcard, proofs);
  if (atWildcard !== undefined) {
    return lacks(atWildcard.bitmap, type, wildcard) ? "secure" : undefined;
  }
  const overWildcard = coveringOf(wildcard, proofs);
  return overWildcard !== undefined && isEmptyNonTerminal(overWildcard, wildcard)
    ? "secure"
    : undefined;
}

/** A wildcard was right: the name is covered, and nothing closer than the wildcard's parent is. */
export function nsecProvesWildcard(name: Name, closestEncloser: Name, proofs: Proofs): Found {
  const covering = coveringOf(name, proofs);
  if (covering === undefined || isEmptyNonTerminal(covering, name)) return undefined;
  const labels = closestEncloserLabels(covering, name);
  return labels === labelCount(closestEncloser) ? "secure" : undefined;
}

/** No DS: the parent's record at the name says so, or the name has no records at all. */
export function nsecProvesNoDs(name: Name, proofs: Proofs): FoundNoDs {
  const matching = matchingOf(name, proofs);
  if (matching === undefined) return coveringOf(name, proofs) === undefined ? undefined : "no-cut";
  return noDsIn(matching.bitmap);
}

/** What the bitmap of a name says of its DS; one with SOA is the child's, who has no say. */
export function noDsIn(bitmap: Uint8Array): FoundNoDs {
  if (hasType(bitmap, rrType.DS) || hasType(bitmap, rrType.SOA)) return undefined;
  return hasType(bitmap, rrType.NS) ? "unsigned-cut" : "no-cut";
}

/**
 * Says whether the bitmap of a name proves that it lacks a type (RFC 6840 §4.1, §4.3).
 *
 * At a cut the parent speaks for DS alone, and the child for all but DS.
 */
export function lacks(bitmap: Uint8Array, type: number, name: Name): boolean {
  if (type === rrType.ANY) return isBare(bitmap);
  if (hasType(bitmap, type) || hasType(bitmap, rrType.CNAME)) return false;
  if (type !== rrType.DS) return !isCut(bitmap);
  return !hasType(bitmap, rrType.SOA) || labelCount(name) === 0;
}

/** Says whether a name has nothing but its denial: all types are denied by that alone. */
function isBare(bitmap: Uint8Array): boolean {
  return !hasTypeBut(bitmap, PROOF_TYPES);
}

const PROOF_TYPES: ReadonlySet<number> = new Set([rrType.NSEC, rrType.RRSIG, rrType.NXNAME]);

function matchingOf(name: Name, { nsecs }: Proofs): Nsec | undefined {
  return nsecs.find((nsec) => nsecMatches(nsec, name));
}

function coveringOf(name: Name, { nsecs, zone }: Proofs): Nsec | undefined {
  return nsecs.find((nsec) => nsecCovers(nsec, name, zone));
}

/** The wildcard that could stand for a name which this record covers; none where it is too long. */
function wildcardOver(name: Name, covering: Nsec): Name | undefined {
  return wildcardBelow(ancestorWithLabels(name, closestEncloserLabels(covering, name)));
}
