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
  isUseful,
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

/** Records of a zone that deny, proven: what one answer needed, and of use for others. */
export interface ProvenDenial {
  readonly zone: Name;
  /** The zone's SOA, where the answer had it. */
  readonly soa: ProvenSet | undefined;
  readonly sets: readonly ProvenSet[];
}

/** Data or a denial that is proven, and for how long it may be kept. */
export interface Secure {
  readonly kind: "secure";
  readonly ttlS: number;
  /** What denied: the answer, or names closer than the wildcard that it was made from. */
  readonly denial?: ProvenDenial;
  /** Where the set was made from a wildcard: the wildcard's parent. */
  readonly closestEncloser?: Name | undefined;
  /** What of the denials proves that it had to be. */
  readonly proofSets?: readonly RecordSet[];
  /** The name was said not to be there, and it is proven that it is, without data. */
  readonly isNoData?: true;
}

/** What stands at a name below a zone: another signed zone, or no cut; else the zone's end. */
export type Cut =
  | { readonly kind: "signed-cut"; readonly trust: Trust; readonly ttlS: number }
  | {
      readonly kind: "no-cut";
      readonly ttlS: number;
      readonly denial?: ProvenDenial;
      /** For an alias stands at the name. */
      readonly isAlias?: true;
    }
  | (Insecure & { readonly denial?: ProvenDenial })
  | Bogus;

/** What a denial says. */
export type Denied =
  /** `type`: what was asked of just this name; the proof may show that only that is absent. */
  | { readonly kind: "no-name"; readonly name: Name; readonly type?: number }
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
  // What a DNAME at a wildcard means is not defined (RFC 4592 §4.4), and it SHOULD NOT be there
  // (RFC 6672 §3.3): whoever replays one would redirect names of his own choice.
  if (set.type === rrType.DNAME) {
    return bogus(tell(validationReasons.wildcardDname, { name: nameToText(set.name) }));
  }
  const { proofs, denial, ttlS } = yield* judgeProofs(authority, keys, terms);
  const { closestEncloser } = proven;
  const proof = proveWildcard(set.name, closestEncloser, proofs, terms);
  if (proof.kind === "secure") {
    const covers = (one: ProvenSet): boolean => {
      const alone = gatherProofs([one], keys.zone);
      return proveWildcard(set.name, closestEncloser, alone, terms).kind === "secure";
    };
    const proofSets = denial.sets.filter(covers).map((one) => one.set);
    return { ...proof, ttlS: Math.min(ttlS, proven.ttlS), denial, closestEncloser, proofSets };
  }
  return proof.kind === "bogus" && proofs.isAbsent && proofs.failure === undefined
    ? bogus(tell(validationReasons.noWildcardProof, { name: nameToText(set.name) }))
    : proof;
}

/** Judges a denial by its authority section: the SOA, and the records that prove it. */
export function* judgeDenial(
  denied: Denied,
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<Secure | Insecure | Bogus> {
  const { proofs, denial, ttlS } = yield* judgeProofs(authority, keys, terms);
  const proof = prove(denied, proofs, terms);
  if (proof.kind === "bogus") return proof;
  const soa = authority.find((set) => set.type === rrType.SOA && set.rdatas.length > 0);
  if (soa === undefined) return proof.kind === "secure" ? { ...proof, ttlS, denial } : proof;
  // A denial that proves little, for opt-out or its iterations, still comes from a signed zone.
  const proven = yield* judgeSet(soa, keys, terms);
  if (proven.kind === "bogus") return proven;
  if (proof.kind !== "secure") return proof;
  return { ...proof, ttlS: Math.min(ttlS, proven.ttlS), denial: { ...denial, soa: proven } };
}

type Proven = Exclude<Proof, { readonly kind: "secure" }> | Pick<Secure, "kind" | "isNoData">;

/**
 * Proves a denial.
 *
 * Some servers say NXDOMAIN of a name that has only names below it (RFC 8020 §2). An RCODE is not
 * signed: where the proof shows that the name is there, the proof is right.
 */
function prove(denied: Denied, proofs: Proofs, terms: Terms): Proven {
  if (denied.kind === "no-data") return proveNoData(denied.name, denied.type, proofs, terms);
  const proof = proveNoName(denied.name, proofs, terms);
  if (proof.kind !== "bogus" || denied.type === undefined || terms.work.isSpent) return proof;
  const noData = proveNoData(denied.name, denied.type, proofs, terms);
  return noData.kind === "secure" ? { kind: "secure", isNoData: true } : proof;
}

/**
 * Judges denials that came beside something else, as what they are: records of the zone.
 *
 * They are of use for other questions, whatever they were sent along for.
 */
export function* judgeSpareProofs(
  authority: readonly RecordSet[],
  keys: ZoneKeys,
  terms: Terms,
): Judging<ProvenDenial> {
  return (yield* judgeProofs(authority, keys, terms)).denial;
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
    return judged.kind === "secure" ? { kind: "no-cut", ttlS: judged.ttlS, isAlias: true } : judged;
  }
  const { proofs, denial, ttlS } = yield* judgeProofs(authority, keys, terms);
  const absent = proveNoDs(name, proofs, terms);
  if (absent.kind === "no-cut") return { kind: "no-cut", ttlS, denial };
  return absent.kind === "insecure" ? { ...absent, denial } : absent;
}

interface JudgedProofs {
  readonly proofs: Proofs;
  readonly denial: ProvenDenial;
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
  const { zone } = keys;
  const useful = proven.filter((one) => isUseful(one, zone));
  return {
    proofs: gatherProofs(proven, zone, failure),
    denial: { zone, soa: undefined, sets: useful },
    ttlS,
  };
}

function isDenial(set: RecordSet): boolean {
  return (set.type === rrType.NSEC || set.type === rrType.NSEC3) && set.rdatas.length > 0;
}
