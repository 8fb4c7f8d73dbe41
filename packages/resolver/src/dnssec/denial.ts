/**
 * Which proof each negative, wildcard or unsigned-delegation answer needs, and whether it is there.
 *
 * The records have been proven one by one (`judgeSet`), by the keys of the zone that is said to
 * deny; here is judged what they say together. The words are at the heads of `nsec.ts` and
 * `nsec3.ts`.
 *
 * | answer               | function        | RFC 4035 | RFC 5155 |
 * |----------------------|-----------------|----------|----------|
 * | no such name         | `proveNoName`   | §5.4     | §8.4     |
 * | no data of the type  | `proveNoData`   | §5.4     | §8.5–8.7 |
 * | from a wildcard      | `proveWildcard` | §5.3.4   | §8.8     |
 * | referral without DS  | `proveNoDs`     | §5.2     | §8.6, §8.9 |
 */
import { rrType } from "@lethe/wire/codes.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import { type Name, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { tell, validationReasons as reasons } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import {
  nsecProvesNoData,
  nsecProvesNoDs,
  nsecProvesNoName,
  nsecProvesWildcard,
} from "./denial-nsec.ts";
import { HashedDenial } from "./denial-nsec3.ts";
import type { ProvenSet } from "./judge-set.ts";
import type { Terms } from "./judging.ts";
import { type Nsec, parseNsec } from "./nsec.ts";
import { type Nsec3, parseNsec3, sameParameters } from "./nsec3.ts";
import { type Bogus, type Insecure, bogus, insecure, tooMuchWork } from "./verdict.ts";

const NSECS_MAX = limits.nsecRecordsPerProofMax.value;
const NSEC3S_MAX = limits.nsec3RecordsPerProofMax.value;
const ITERATIONS_MAX = limits.nsec3IterationsMax.value;

/** The records of one zone that deny. */
export interface Proofs {
  readonly zone: Name;
  readonly nsecs: readonly Nsec[];
  /** All of one salt and number of iterations: others are ignored (RFC 5155 §8.2). */
  readonly nsec3s: readonly Nsec3[];
  /** There was no record of a denial at all, not even one that says nothing. */
  readonly isAbsent: boolean;
  /** Why some record of the denial was not proven itself: tells more than that it is missing. */
  readonly failure: Bogus | undefined;
}

/** Proven; or proven that nothing can be; or neither. */
export type Proof = { readonly kind: "secure" } | Insecure | Bogus;

/**
 * What the absence of a DS means: no cut at that name, so that the same zone goes on below it; or
 * an unsigned delegation, below which all is insecure.
 */
export type NoDs = { readonly kind: "no-cut" } | Insecure | Bogus;

/** What one kind of record proves; undefined: not what was asked. */
export type Found = "secure" | "opt-out" | "too-much-work" | undefined;

/** What one kind of record proves of a DS that is not there. */
export type FoundNoDs = "no-cut" | "unsigned-cut" | "too-much-work" | undefined;

/**
 * The denials among proven sets of a zone.
 *
 * A record that was made from a wildcard is left out: its owner was chosen by whoever asked, and
 * what it says of that name and of its neighbours was never signed.
 */
export function gatherProofs(sets: readonly ProvenSet[], zone: Name, failure?: Bogus): Proofs {
  const nsecs: Nsec[] = [];
  const nsec3s: Nsec3[] = [];
  for (const { set, closestEncloser } of sets) {
    if (closestEncloser !== undefined) continue;
    for (const rdata of set.rdatas) {
      if (set.type === rrType.NSEC && nsecs.length < NSECS_MAX) {
        const nsec = parseNsec(set.name, rdata, zone);
        if (nsec !== undefined) nsecs.push(nsec);
      } else if (set.type === rrType.NSEC3 && nsec3s.length < NSEC3S_MAX) {
        const nsec3 = parseNsec3(set.name, rdata, zone);
        if (nsec3 !== undefined && sameParameters(nsec3, nsec3s[0] ?? nsec3)) nsec3s.push(nsec3);
      }
    }
  }
  return { zone, nsecs, nsec3s, isAbsent: sets.length === 0, failure };
}

/** Says whether a proven set is a record of its zone that denies, and not one made up from it. */
export function isUseful({ set, closestEncloser }: ProvenSet, zone: Name): boolean {
  const [rdata, ...others] = set.rdatas;
  if (rdata === undefined || others.length > 0 || closestEncloser !== undefined) return false;
  const parse = set.type === rrType.NSEC ? parseNsec : parseNsec3;
  return parse(set.name, rdata, zone) !== undefined;
}

/** Judges the denial of a name: neither it nor a wildcard that could stand for it exists. */
export function proveNoName(name: Name, proofs: Proofs, terms: Terms): Proof {
  return judge({ name }, proofs, terms, {
    nsec: () => nsecProvesNoName(name, proofs),
    nsec3: (hashed) => hashed.noName(name),
  });
}

/** Judges the denial of a type at a name that exists, or that a wildcard stands for. */
export function proveNoData(name: Name, type: number, proofs: Proofs, terms: Terms): Proof {
  return judge({ name, type }, proofs, terms, {
    nsec: () => nsecProvesNoData(name, type, proofs),
    nsec3: (hashed) => hashed.noData(name, type),
  });
}

/**
 * Judges that a set which was made from a wildcard had to be: no closer name exists.
 *
 * `closestEncloser` is the parent of that wildcard (`ProvenSet.closestEncloser`).
 */
export function proveWildcard(
  name: Name,
  closestEncloser: Name,
  proofs: Proofs,
  terms: Terms,
): Proof {
  return judge({ name }, proofs, terms, {
    nsec: () => nsecProvesWildcard(name, closestEncloser, proofs),
    nsec3: (hashed) => hashed.wildcard(name, closestEncloser),
  });
}

/**
 * Judges what the absence of a DS at `name` means.
 *
 * The proofs are the parent's: those of a zone for its own apex are refused, unless it is the
 * root's. The caller must never hold proofs of a zone above one that is known to be signed.
 */
export function proveNoDs(name: Name, proofs: Proofs, terms: Terms): NoDs {
  if (!isAtOrUnder(name, proofs.zone) || nameEqual(name, proofs.zone))
    return noReferral(name, proofs);
  const plain = nsecProvesNoDs(name, proofs);
  const found = plain ?? hashedDenial(proofs, terms, (hashed) => hashed.noDs(name));
  switch (found) {
    case "no-cut":
      return { kind: "no-cut" };
    case "unsigned-cut":
      return insecure();
    case "too-much-work":
      return tooMuchWork();
    case "too-many-iterations":
      return tooManyIterations(proofs);
    default:
      return noReferral(name, proofs);
  }
}

/** What is to be denied; without a type: the name. */
interface Wanted {
  readonly name: Name;
  readonly type?: number;
}

interface Provers {
  readonly nsec: () => Found;
  readonly nsec3: (hashed: HashedDenial) => Found;
}

function judge(wanted: Wanted, proofs: Proofs, terms: Terms, provers: Provers): Proof {
  if (!isAtOrUnder(wanted.name, proofs.zone)) return notProven(wanted, proofs);
  switch (provers.nsec() ?? hashedDenial(proofs, terms, provers.nsec3)) {
    case "secure":
      return { kind: "secure" };
    // Unsigned names may lie in the gap, so the denial itself is not secure (RFC 5155 §9.2).
    case "opt-out":
      return insecure();
    case "too-much-work":
      return tooMuchWork();
    case "too-many-iterations":
      return tooManyIterations(proofs);
    default:
      return notProven(wanted, proofs);
  }
}

/** Asks the NSEC3 records, if they may be asked (RFC 9276 §3.2). */
function hashedDenial<T>(
  proofs: Proofs,
  terms: Terms,
  ask: (hashed: HashedDenial) => T,
): T | "too-many-iterations" | undefined {
  const first = proofs.nsec3s[0];
  if (first === undefined) return undefined;
  if (first.iterations > (terms.nsec3IterationsMax ?? ITERATIONS_MAX)) return "too-many-iterations";
  return ask(new HashedDenial(proofs, first, terms.work));
}

/** NSEC Missing is said where none was there; records that were, and prove nothing, are bogus. */
function notProven({ name, type }: Wanted, proofs: Proofs): Bogus {
  if (proofs.failure !== undefined) return proofs.failure;
  const reason = proofs.isAbsent ? reasons.noDenial : reasons.noProof;
  const denied = type === undefined ? nameToText(name) : `${nameToText(name)} ${typeToText(type)}`;
  return bogus(tell(reason, { denied }));
}

function noReferral(name: Name, proofs: Proofs): Bogus {
  if (proofs.failure !== undefined) return proofs.failure;
  return bogus(tell(reasons.noReferralProof, { name: nameToText(name) }));
}

function tooManyIterations({ zone, nsec3s }: Proofs): Insecure {
  const { iterations } = nsec3s[0]!;
  return insecure(tell(reasons.tooManyIterations, { zone: nameToText(zone), iterations }));
}
