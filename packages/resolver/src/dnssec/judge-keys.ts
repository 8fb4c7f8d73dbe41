/**
 * Judges the keys of a zone by what its parent, or a trust anchor, says of them (RFC 4035 §5.2).
 *
 * One path is enough: a DS that names a key, and a signature of that key over all the keys
 * (RFC 6840 §5.11); the operator may demand one for each algorithm. A zone none of whose DS records
 * can be used is insecure.
 */
import { extendedError } from "@lethe/wire/codes.ts";
import { equalBytes } from "@lethe/wire/bytes.ts";
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { tell, validationReasons as reasons } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import { isChecked } from "./algorithm.ts";
import { type Ds, digestMatches, namesKey, parseDs, usableDs } from "./ds.ts";
import { type ZoneKeys, judgeSet } from "./judge-set.ts";
import type { Judging, Terms } from "./judging.ts";
import { type DnsKey, isRevoked, isZoneKey, parseKey } from "./key.ts";
import { type Bogus, type Insecure, bogus, insecure } from "./verdict.ts";

const KEYS_MAX = limits.keysPerZoneMax.value;
const DS_MAX = limits.dsPerDelegationMax.value;

/** What is trusted of a zone beforehand: its DS records, or keys of a trust anchor. */
export interface Trust {
  readonly ds: readonly Ds[];
  readonly keys: readonly DnsKey[];
}

/** The keys of a zone, proven. */
export interface ProvenKeys extends ZoneKeys {
  readonly kind: "secure";
  /** Seconds that they may be kept. */
  readonly ttlS: number;
  /** The key that trust leads to: for those who ask how the answer came about. */
  readonly entry: DnsKey;
}

/** The DS records of a proven DS set. */
export function trustOf(dsSet: RecordSet): Trust {
  const ds = dsSet.rdatas.slice(0, DS_MAX).map(parseDs);
  return { ds: ds.filter((one) => one !== undefined), keys: [] };
}

/**
 * Why a zone with this trust counts as unsigned, or undefined where its keys must be proven.
 *
 * The caller asks this before it asks for the keys: an insecure zone's are not needed.
 */
export function whyInsecure(zone: Name, trust: Trust, terms: Terms): Insecure | undefined {
  const { trustsSha1 } = terms;
  if (trust.ds.length === 0 && trust.keys.length === 0) return insecure();
  if (usableOf(trust, terms).length > 0) return undefined;
  if (trust.keys.some((key) => isChecked(key.algorithm, trustsSha1))) return undefined;
  const isDigest = trust.ds.some((ds) => isChecked(ds.algorithm, trustsSha1));
  const reason = isDigest ? reasons.noDigest : reasons.noAlgorithm;
  return insecure(tell(reason, { zone: nameToText(zone) }));
}

/** Judges the DNSKEY set of `zone`; a set without records is one that the zone does not have. */
export function* judgeKeys(
  zone: Name,
  trust: Trust,
  set: RecordSet,
  terms: Terms,
): Judging<ProvenKeys | Insecure | Bogus> {
  const unsigned = whyInsecure(zone, trust, terms);
  if (unsigned !== undefined) return unsigned;
  const parsed = set.rdatas.slice(0, KEYS_MAX).map(parseKey);
  const keys = parsed.filter((key) => key !== undefined);
  if (keys.length === 0) return bogus(tell(reasons.noKeys, { zone: nameToText(zone) }));
  const entries = entriesOf(zone, trust, keys, terms);
  if (entries.length === 0) return noEntry(zone, trust, keys, terms);
  const algorithms = demandedOf(trust, terms);
  const missing = new Set(algorithms);
  let failure: Bogus | undefined;
  let proven: ProvenKeys | undefined;
  for (const entry of entries) {
    if (proven !== undefined && !missing.has(entry.algorithm)) continue;
    const judged = yield* judgeSet(set, { zone, keys: [entry] }, terms);
    if (judged.kind === "bogus") {
      if (terms.work.isSpent) return judged;
      // A key that no signature names says less than a signature that fails.
      if (failure === undefined || !isAboutKey(judged)) failure = judged;
      continue;
    }
    const ttlS = Math.min(proven?.ttlS ?? Infinity, judged.ttlS);
    proven = { kind: "secure", zone, keys, ttlS, entry: proven?.entry ?? entry, algorithms };
    missing.delete(entry.algorithm);
    if (missing.size === 0) return proven;
  }
  if (proven !== undefined) return bogus(tell(reasons.algorithmMissing, gapsOf(zone, missing)));
  if (failure !== undefined && !isAboutKey(failure)) return failure;
  return bogus(tell(reasons.keysUnsigned, { zone: nameToText(zone), tag: entries[0]!.tag }));
}

/** The algorithms that trust names, each of which must prove what it is there for; mostly none. */
function demandedOf(trust: Trust, terms: Terms): readonly number[] | undefined {
  if (terms.demand !== "every-algorithm") return undefined;
  const named = [...usableOf(trust, terms), ...trust.keys].map((one) => one.algorithm);
  return [...new Set(named)].filter((number) => isChecked(number, terms.trustsSha1));
}

function usableOf(trust: Trust, { trustsSha1, demand }: Terms): Ds[] {
  return usableDs(trust.ds, trustsSha1, demand === "any-digest");
}

function gapsOf(zone: Name, missing: ReadonlySet<number>): { zone: string; algorithms: string } {
  return { zone: nameToText(zone), algorithms: [...missing].join(", ") };
}

function isAboutKey({ errors }: Bogus): boolean {
  return errors[0]?.code === extendedError.dnskeyMissing;
}

/** The keys that trust leads to and that may sign. */
function entriesOf(zone: Name, trust: Trust, keys: readonly DnsKey[], terms: Terms): DnsKey[] {
  const { trustsSha1 } = terms;
  const usable = { ds: usableOf(trust, terms), keys: trust.keys };
  return keys.filter((key) => {
    if (!isZoneKey(key) || isRevoked(key) || !isChecked(key.algorithm, trustsSha1)) return false;
    return isNamed(zone, usable, key);
  });
}

/** Says whether trust names this very key of a zone, by itself or by its digest. */
export function isNamed(zone: Name, trust: Trust, key: DnsKey): boolean {
  if (trust.keys.some((trusted) => equalBytes(trusted.rdata, key.rdata))) return true;
  return trust.ds.some((ds) => namesKey(ds, key) && digestMatches(ds, zone, key));
}

function noEntry(zone: Name, trust: Trust, keys: readonly DnsKey[], terms: Terms): Bogus {
  const usable = usableOf(trust, terms);
  const named = keys.filter((key) => usable.some((ds) => namesKey(ds, key)));
  // The DS may name a key by the tag that it had when it was marked.
  const suspects = named.length > 0 ? named : keys;
  if (suspects.every((key) => !isZoneKey(key))) {
    return bogus(tell(reasons.noZoneKey, { zone: nameToText(zone), tag: suspects[0]!.tag }));
  }
  // RFC 8914 §4.10 speaks of keys that a DS record leads to.
  const reason = named.length > 0 || trust.ds.length > 0 ? reasons.noEntry : reasons.noTrustedKey;
  return bogus(tell(reason, { zone: nameToText(zone) }));
}
