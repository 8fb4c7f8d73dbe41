/**
 * Judges one record set by the keys of its zone (RFC 4035 §5.3).
 *
 * The zone whose keys these are is the whole claim to the set: a signature counts only where its
 * signer is that zone. So whoever calls passes the keys of the deepest zone that is known to
 * hold the set; a signature made above a known cut proves nothing below it.
 */
import { typeToText } from "@lethe/wire/codes-text.ts";
import { type Name, ancestorWithLabels } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type Reason, tell, validationReasons as reasons } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import { isChecked } from "./algorithm.ts";
import { signedBytes, signedLabels } from "./canonical.ts";
import type { Judging, SignatureCheck, Terms } from "./judging.ts";
import { type DnsKey, isRevoked, isZoneKey } from "./key.ts";
import { type Signature, parseSignature, provenTtlS, whyUnfit } from "./signature.ts";
import { type Bogus, bogus, tooMuchWork } from "./verdict.ts";
import type { Repute } from "./work-budget.ts";

const KEYS_PER_TAG_MAX = limits.keysPerTagMax.value;
const SIGNATURES_MAX = limits.signaturesPerSetMax.value;

/** The keys of a zone, proven, those that may not sign its records among them. */
export interface ZoneKeys {
  readonly zone: Name;
  readonly keys: readonly DnsKey[];
  /** What the zone has cost in vain; absent while its keys are being proven. */
  readonly repute?: Repute;
  /** Algorithms each of which must have signed what is proven; absent: any one is enough. */
  readonly algorithms?: readonly number[] | undefined;
}

/** A set that a key of its zone has signed. */
export interface ProvenSet {
  readonly kind: "secure";
  readonly set: RecordSet;
  /** Seconds that it may be kept. */
  readonly ttlS: number;
  /**
   * Where the set was made from a wildcard: the wildcard's parent. The set counts only together
   * with a proof that no closer name exists (`proveWildcard`).
   */
  readonly closestEncloser: Name | undefined;
}

/** Why a signature did not prove a set, from the least telling to the most. */
const REASONS = [
  "no-signature",
  "unsupported",
  "other-type",
  "other-signer",
  "labels",
  "no-key",
  "no-zone-key",
  "not-yet-valid",
  "expires-before-inception",
  "expired",
  "does-not-verify",
] as const;

const ROWS = {
  "no-signature": reasons.unsigned,
  unsupported: reasons.unsupportedSignature,
  "other-type": reasons.otherType,
  "other-signer": reasons.otherSigner,
  labels: reasons.wrongLabels,
  "no-key": reasons.noKey,
  "no-zone-key": reasons.noZoneKey,
  "not-yet-valid": reasons.notYetValid,
  "expires-before-inception": reasons.expiresBeforeValid,
  expired: reasons.expired,
  "does-not-verify": reasons.doesNotVerify,
} as const satisfies Record<(typeof REASONS)[number], Reason>;

/** The most telling of the reasons so far, and the signature that it is about. */
class Telling {
  #reason: (typeof REASONS)[number] = "no-signature";
  #signature: Signature | undefined;

  add(reason: (typeof REASONS)[number], signature: Signature): void {
    if (REASONS.indexOf(reason) <= REASONS.indexOf(this.#reason)) return;
    this.#reason = reason;
    this.#signature = signature;
  }

  bogus(set: RecordSet, zone: Name): Bogus {
    const { keyTag, expiration, inception } = this.#signature ?? NO_SIGNATURE;
    const gaps = {
      name: nameToText(set.name),
      type: typeToText(set.type),
      zone: nameToText(zone),
      tag: keyTag,
      expiration,
      inception,
    };
    return bogus(tell(ROWS[this.#reason], gaps));
  }
}

const NO_SIGNATURE = { keyTag: 0, expiration: 0, inception: 0 };

/**
 * Judges a set; it is proven by the first signature that applies and verifies, or by the first of
 * each algorithm where every one is demanded.
 */
export function* judgeSet(
  set: RecordSet,
  { zone, keys, repute, algorithms = [] }: ZoneKeys,
  terms: Terms,
): Judging<ProvenSet | Bogus> {
  terms.work.enter(repute);
  const telling = new Telling();
  let proof: ProvenSet | undefined;
  let missing = algorithms;
  for (const rdata of set.signatures.slice(0, SIGNATURES_MAX)) {
    const signature = parseSignature(rdata);
    if (signature === undefined) continue;
    if (proof !== undefined && !missing.includes(signature.algorithm)) continue;
    const named = keys.filter((key) => isNamedBy(key, signature));
    const unfit = isChecked(signature.algorithm, terms.trustsSha1)
      ? whyUnfit(signature, set, zone, terms.nowS)
      : whyUnchecked(named);
    if (unfit !== undefined) {
      telling.add(unfit, signature);
      continue;
    }
    const candidates = named.filter((key) => isZoneKey(key) && !isRevoked(key));
    if (candidates.length === 0) {
      telling.add(named.some((key) => !isZoneKey(key)) ? "no-zone-key" : "no-key", signature);
    }
    for (const key of candidates.slice(0, KEYS_PER_TAG_MAX)) {
      if (!terms.work.payCheck()) return tooMuchWork();
      if (yield checkOf(key, signature, set)) {
        proof = shorter(proven(signature, set, terms), proof);
        missing = missing.filter((number) => number !== signature.algorithm);
        if (missing.length === 0) return proof;
        break;
      }
      terms.work.countFailure();
      telling.add("does-not-verify", signature);
    }
  }
  if (proof === undefined) return telling.bogus(set, zone);
  const gaps = { zone: nameToText(zone), algorithms: missing.join(", ") };
  return bogus(tell(reasons.algorithmMissing, gaps));
}

/** Of two proofs of a set the one that ends sooner. */
function shorter(one: ProvenSet, other: ProvenSet | undefined): ProvenSet {
  return other === undefined || one.ttlS < other.ttlS ? one : other;
}

/** Where the zone has no such key at all, that says more than that nobody could use it. */
function whyUnchecked(named: readonly DnsKey[]): "unsupported" | "no-key" {
  return named.length > 0 ? "unsupported" : "no-key";
}

function isNamedBy(key: DnsKey, signature: Signature): boolean {
  return key.tag === signature.keyTag && key.algorithm === signature.algorithm;
}

/** The check of one signature over a set with one key. */
function checkOf(key: DnsKey, signature: Signature, set: RecordSet): SignatureCheck {
  return {
    algorithm: key.algorithm,
    key: key.publicKey,
    signed: signedBytes(signature.head, set.name, set.type, set.class, set.rdatas),
    signature: signature.signature,
  };
}

function proven(signature: Signature, set: RecordSet, terms: Terms): ProvenSet {
  const isExpanded = signature.labels < signedLabels(set.name);
  return {
    kind: "secure",
    set,
    ttlS: provenTtlS(signature, set, terms.nowS),
    closestEncloser: isExpanded ? ancestorWithLabels(set.name, signature.labels) : undefined,
  };
}
