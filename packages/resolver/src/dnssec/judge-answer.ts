/**
 * Judges what a reply says: data, a denial, or whether there is a cut below a zone.
 *
 * Each of the three proves the records that it needs one by one and then what they say together.
 * The keys are those of the deepest zone known to hold the name; `README.md` tells how a caller
 * gets there.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { tell, validationReasons } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import {
  type Proof,
  type Proofs,
  gatherProofs,
  proveNoData,
  proveNoDs,
  proveNoName,
  proveWildcard,
} from "./denial.ts";
import { type Trust, trustOf } from "./judge-keys.ts";
import { type ProvenSet, type ZoneKeys, judgeSet } from "./judge-set.ts";
import type { Judging, Terms } from "./judging.ts";
import { type Bogus, type Insecure, bogus } from "./verdict.ts";

const PROOF_SETS_MAX = limits.nsecRecordsPerProofMax.value + limits.nsec3RecordsPerProofMax.value;

/** Data or a denial that is proven, and for how long it may be kept. */
export interface Secure {
  readonly kind: "secure";
  readonly ttlS: number;
}

/** What stands at a name below a zone: another signed zone, or no cut; else the zone's end. */
export type Cut =
  | { readonly kind: "signed-cut"; readonly trust: Trust; readonly ttlS: number }
  | { readonly kind: "no-cut"; readonly ttlS: number }
  | Insecure
  | Bogus;

/** What a denial says. */
export type Denied =
  | { readonly kind: "no-name"; readonly name: Name }
  | { readonly kind: "no-data"; readonly name: Name; readonly type: number };

/** Judges a set of an answer; one from a wildcard together with the proof that it had to be. */
export function* judgeData(
  set: RecordSet,
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<Secure | Insecure | Bogus> {
  const proven = yield* judgeSet(set, keys, terms);
  if (proven.kind === "bogus" || proven.closestEncloser === undefined) return proven;
  const { proofs, ttlS } = yield* judgeProofs(authority, keys, terms);
  const proof = proveWildcard(set.name, proven.closestEncloser, proofs, terms);
  return proof.kind === "secure" ? { ...proof, ttlS: Math.min(ttlS, proven.ttlS) } : proof;
}

/** Judges a denial by its authority section: the SOA, and the records that prove it. */
export function* judgeDenial(
  denied: Denied,
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<Secure | Insecure | Bogus> {
  const { proofs, ttlS } = yield* judgeProofs(authority, keys, terms);
  const proof = prove(denied, proofs, terms);
  if (proof.kind === "bogus") return proof;
  const soa = authority.find((set) => set.type === rrType.SOA && set.rdatas.length > 0);
  if (soa === undefined) return proof.kind === "secure" ? { kind: "secure", ttlS } : proof;
  // A denial that proves little, for opt-out or its iterations, still comes from a signed zone.
  const proven = yield* judgeSet(soa, keys, terms);
  if (proven.kind === "bogus") return proven;
  if (proof.kind !== "secure") return proof;
  return { ...proof, ttlS: Math.min(ttlS, proven.ttlS) };
}

function prove(denied: Denied, proofs: Proofs, terms: Terms): Proof {
  return denied.kind === "no-name"
    ? proveNoName(denied.name, proofs, terms)
    : proveNoData(denied.name, denied.type, proofs, terms);
}

/**
 * Judges what the reply to a question for the DS of `name` says of a cut there.
 *
 * An alias in the place of the DS is no cut: at a cut nothing else stands (RFC 2181 §10.1). It
 * must be proven like any data, from a wildcard too, or it could hide the DS.
 */
export function* judgeCut(
  name: Name,
  answer: readonly RecordSet[],
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<Cut> {
  const at = (type: number): RecordSet | undefined =>
    answer.find((set) => set.type === type && set.rdatas.length > 0 && nameEqual(set.name, name));
  const dsSet = at(rrType.DS);
  if (dsSet !== undefined) {
    const proven = yield* judgeSet(dsSet, keys, terms);
    if (proven.kind === "bogus") return proven;
    if (proven.closestEncloser !== undefined) {
      return bogus(tell(validationReasons.dsFromWildcard, { name: nameToText(name) }));
    }
    return { kind: "signed-cut", trust: trustOf(dsSet), ttlS: proven.ttlS };
  }
  const alias = at(rrType.CNAME);
  if (alias !== undefined) {
    const judged = yield* judgeData(alias, authority, keys, terms);
    return judged.kind === "secure" ? { kind: "no-cut", ttlS: judged.ttlS } : judged;
  }
  const { proofs, ttlS } = yield* judgeProofs(authority, keys, terms);
  const absent = proveNoDs(name, proofs, terms);
  return absent.kind === "no-cut" ? { kind: "no-cut", ttlS } : absent;
}

interface JudgedProofs {
  readonly proofs: Proofs;
  /** Seconds that the shortest of them may be kept. */
  readonly ttlS: number;
}

/** Proves the denials of an authority section; those that fail leave their reason. */
function* judgeProofs(
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<JudgedProofs> {
  const proven: ProvenSet[] = [];
  let failure: Bogus | undefined;
  let ttlS = Number.POSITIVE_INFINITY;
  const sets = authority.filter(isDenial).slice(0, PROOF_SETS_MAX);
  for (const set of sets) {
    const judged = yield* judgeSet(set, keys, terms);
    if (judged.kind === "bogus") {
      failure ??= judged;
      continue;
    }
    proven.push(judged);
    ttlS = Math.min(ttlS, judged.ttlS);
  }
  return { proofs: gatherProofs(proven, keys.zone, failure), ttlS };
}

function isDenial(set: RecordSet): boolean {
  return (set.type === rrType.NSEC || set.type === rrType.NSEC3) && set.rdatas.length > 0;
}
