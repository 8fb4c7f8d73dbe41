/**
 * Judges one record set by the keys of its zone (RFC 4035 §5.3).
 *
 * The zone whose keys these are is the whole claim to the set: a signature counts only where its
 * signer is that zone. So whoever calls passes the keys of the deepest zone that is known to
 * hold the set; a signature made above a known cut proves nothing below it.
 */
import { extendedError } from "@lethe/wire/codes.ts";
import { type Name, ancestorWithLabels } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
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

/** Why no signature proved the set, from the least telling to the most. */
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
type Reason = (typeof REASONS)[number];

const TELLING: Readonly<Record<Reason, Bogus>> = {
  "no-signature": bogus(extendedError.rrsigsMissing, "the zone is signed, these records are not"),
  unsupported: bogus(
    extendedError.rrsigsMissing,
    "the records are signed with unsupported algorithms only",
  ),
  "other-type": bogus(extendedError.rrsigsMissing, "the signatures cover another type"),
  "other-signer": bogus(extendedError.rrsigsMissing, "the signatures are not the zone's own"),
  labels: bogus(extendedError.dnssecBogus, "a signature with a wrong number of labels"),
  "no-key": bogus(extendedError.dnskeyMissing, "the zone lacks the key that signed the records"),
  "no-zone-key": bogus(
    extendedError.noZoneKeyBitSet,
    "the signing key is not marked as a zone key",
  ),
  "not-yet-valid": bogus(extendedError.signatureNotYetValid, "the signature is not valid yet"),
  "expires-before-inception": bogus(
    extendedError.signatureExpiredBeforeValid,
    "the signature expires before it becomes valid",
  ),
  expired: bogus(extendedError.signatureExpired, "the signature has expired"),
  "does-not-verify": bogus(extendedError.dnssecBogus, "a signature does not verify"),
};

/** Judges a set; it is proven by the first signature that applies and verifies. */
export function* judgeSet(
  set: RecordSet,
  { zone, keys, repute }: ZoneKeys,
  terms: Terms,
): Judging<ProvenSet | Bogus> {
  terms.work.enter(repute);
  let reason: Reason = "no-signature";
  for (const rdata of set.signatures.slice(0, SIGNATURES_MAX)) {
    const signature = parseSignature(rdata);
    if (signature === undefined) continue;
    const unfit = isChecked(signature.algorithm, terms.trustsSha1)
      ? whyUnfit(signature, set, zone, terms.nowS)
      : "unsupported";
    if (unfit !== undefined) {
      reason = moreTelling(reason, unfit);
      continue;
    }
    const named = keys.filter((key) => isNamedBy(key, signature));
    const candidates = named.filter((key) => isZoneKey(key) && !isRevoked(key));
    if (candidates.length === 0) {
      reason = moreTelling(reason, named.some((key) => !isZoneKey(key)) ? "no-zone-key" : "no-key");
    }
    for (const key of candidates.slice(0, KEYS_PER_TAG_MAX)) {
      if (!terms.work.payCheck()) return tooMuchWork();
      if (yield checkOf(key, signature, set)) return proven(signature, set, terms);
      terms.work.countFailure();
      reason = "does-not-verify";
    }
  }
  return TELLING[reason];
}

function moreTelling(a: Reason, b: Reason): Reason {
  return REASONS.indexOf(b) > REASONS.indexOf(a) ? b : a;
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
