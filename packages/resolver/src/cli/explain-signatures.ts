/** Keys, DS records and signatures as a person reads them, each signature checked by itself. */
import { typeToText } from "@lethe/wire/codes-text.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { algorithmRow, digestRow, isChecked } from "../dnssec/algorithm.ts";
import { digestMatches, namesKey, type Ds } from "../dnssec/ds.ts";
import { isNamed, type Trust } from "../dnssec/judge-keys.ts";
import { judgeSet, type ZoneKeys } from "../dnssec/judge-set.ts";
import { judgeNow } from "../dnssec/judging.ts";
import { isRevoked, isSep, isZoneKey } from "../dnssec/key.ts";
import { parseSignature, type Signature, type Unfit, whyUnfit } from "../dnssec/signature.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";

/** One RRSIG. */
export interface ShownSignature {
  /** The set that it covers: `www.example. A`. */
  readonly covers: string;
  readonly keyTag: number;
  readonly algorithm: string;
  readonly signer: string;
  readonly labels: number;
  /** ISO 8601, UTC. */
  readonly inception: string;
  readonly expiration: string;
  /** Whole days until it expires; negative where it has. */
  readonly daysLeft: number;
  /** `good`, `not checked` where the zone's keys are not proven, or why it proves nothing. */
  readonly state: string;
}

/** One DNSKEY. */
export interface ShownKey {
  readonly tag: number;
  readonly algorithm: string;
  readonly flags: number;
  readonly isZoneKey: boolean;
  readonly isSep: boolean;
  readonly isRevoked: boolean;
  /** A DS record of the parent, or the trust anchor, names it. */
  readonly isTrusted: boolean;
  /** The sets of this explanation that it signs. */
  readonly signs: readonly string[];
}

/** One DS record. */
export interface ShownDs {
  readonly keyTag: number;
  readonly algorithm: string;
  readonly digestType: string;
  readonly isSupported: boolean;
  /** `matches` a key, has the tag of one with `another digest`, or names `no key`. */
  readonly key: "matches" | "another digest" | "no key" | "unknown";
}

const UNFIT: Readonly<Record<Unfit, string>> = {
  "other-type": "covers another type",
  "other-signer": "is another zone's",
  labels: "has a wrong number of labels",
  "expires-before-inception": "expires before it begins",
  expired: "has expired",
  "not-yet-valid": "is not valid yet",
};

/** The signatures of a set; `keys` are its zone's, undefined where they are not proven. */
export function shownSignatures(
  set: RecordSet,
  keys: ZoneKeys | undefined,
  nowS: number,
): ShownSignature[] {
  const parsed = set.signatures.map((rdata) => ({ rdata, signature: parseSignature(rdata) }));
  return parsed.flatMap(({ rdata, signature }) => {
    if (signature === undefined) return [];
    const state =
      keys === undefined
        ? "not checked"
        : stateOf({ ...set, signatures: [rdata] }, signature, keys, nowS);
    return [shownSignature(set, signature, state, nowS)];
  });
}

function stateOf(set: RecordSet, signature: Signature, keys: ZoneKeys, nowS: number): string {
  if (!isChecked(signature.algorithm, false)) return "algorithm not checked";
  const unfit = whyUnfit(signature, set, keys.zone, nowS);
  if (unfit !== undefined) return UNFIT[unfit];
  const named = keys.keys.filter(
    (key) => key.tag === signature.keyTag && key.algorithm === signature.algorithm,
  );
  if (named.length === 0) return "of a key that the zone lacks";
  if (!named.some(isZoneKey)) return "key not marked as a zone's";
  if (named.every(isRevoked)) return "of a revoked key";
  const terms = { nowS, trustsSha1: false, work: new WorkBudget() };
  const { zone } = keys;
  return judgeNow(judgeSet(set, { zone, keys: keys.keys }, terms)).kind === "secure"
    ? "good"
    : "does not verify";
}

const DAY_S = 86400;

function shownSignature(
  set: RecordSet,
  signature: Signature,
  state: string,
  nowS: number,
): ShownSignature {
  // Times go round after 2106: each is meant to lie within 68 years of now (RFC 4034 §3.1.5).
  const inFull = (seconds: number): number => nowS + ((seconds - nowS) | 0);
  const text = (seconds: number): string => new Date(1000 * inFull(seconds)).toISOString();
  return {
    covers: `${nameToText(set.name)} ${typeToText(set.type)}`,
    keyTag: signature.keyTag,
    algorithm: algorithmText(signature.algorithm),
    signer: nameToText(signature.signer),
    labels: signature.labels,
    inception: text(signature.inception),
    expiration: text(signature.expiration),
    daysLeft: Math.floor((inFull(signature.expiration) - nowS) / DAY_S),
    state,
  };
}

/** The keys of a zone; what each signs is said by the good ones among `signatures`. */
export function shownKeys(
  { zone, keys }: ZoneKeys,
  trust: Trust,
  signatures: readonly ShownSignature[],
): ShownKey[] {
  return keys.map((key) => ({
    tag: key.tag,
    algorithm: algorithmText(key.algorithm),
    flags: key.flags,
    isZoneKey: isZoneKey(key),
    isSep: isSep(key),
    isRevoked: isRevoked(key),
    isTrusted: isNamed(zone, trust, key),
    signs: signatures
      .filter(({ keyTag, state }) => keyTag === key.tag && state === "good")
      .map(({ covers }) => covers),
  }));
}

/** The DS records of a zone, each beside the zone's keys, where these are known. */
export function shownDs(all: readonly Ds[], keys: ZoneKeys | undefined): ShownDs[] {
  return all.map((ds) => ({
    keyTag: ds.keyTag,
    algorithm: algorithmText(ds.algorithm),
    digestType: numbered(digestRow(ds.digestType).mnemonic, ds.digestType),
    isSupported: isChecked(ds.algorithm, false) && digestRow(ds.digestType).support === "checked",
    key: keyOf(ds, keys),
  }));
}

function keyOf(ds: Ds, keys: ZoneKeys | undefined): ShownDs["key"] {
  if (keys === undefined) return "unknown";
  const named = keys.keys.filter((key) => namesKey(ds, key));
  if (named.length === 0) return "no key";
  return named.some((key) => digestMatches(ds, keys.zone, key)) ? "matches" : "another digest";
}

function algorithmText(number: number): string {
  return numbered(algorithmRow(number).mnemonic, number);
}

function numbered(mnemonic: string, number: number): string {
  return mnemonic === "unassigned" ? `unassigned (${number})` : mnemonic;
}
