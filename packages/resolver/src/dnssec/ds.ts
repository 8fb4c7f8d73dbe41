/**
 * DS records: the digest of a key that the parent vouches for (RFC 4034 §5).
 *
 *   | key tag u16 | algorithm u8 | digest type u8 | digest … |
 */
import { equalBytes, getU16 } from "@lethe/wire/bytes.ts";
import { type Name, lowerCase } from "@lethe/wire/name.ts";
import { digestRow, digestType, isChecked } from "./algorithm.ts";
import { digest } from "./crypto.ts";
import type { DnsKey } from "./key.ts";

const FIXED_BYTES = 4;

export interface Ds {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

/** The DS in this RDATA, or undefined where it is malformed. */
export function parseDs(rdata: Uint8Array): Ds | undefined {
  if (rdata.length <= FIXED_BYTES) return undefined;
  return {
    keyTag: getU16(rdata, 0),
    algorithm: rdata[2]!,
    digestType: rdata[3]!,
    digest: rdata.subarray(FIXED_BYTES),
  };
}

/**
 * Those of the records that can lead to a key: supported algorithm, supported digest.
 *
 * `anyDigest`: also those with SHA-1 beside better ones.
 */
export function usableDs(all: readonly Ds[], trustsSha1: boolean, anyDigest = false): Ds[] {
  const usable = all.filter(
    (ds) => isChecked(ds.algorithm, trustsSha1) && digestRow(ds.digestType).support === "checked",
  );
  // An attacker who can forge SHA-1 must not choose it (RFC 4509 §3).
  const strong = usable.filter((ds) => ds.digestType !== digestType.SHA1);
  return strong.length > 0 && !anyDigest ? strong : usable;
}

/** Says whether tag and algorithm of a key are those that a DS names. */
export function namesKey(ds: Ds, key: DnsKey): boolean {
  return ds.keyTag === key.tag && ds.algorithm === key.algorithm;
}

/** Says whether a DS is the digest of this key of this zone (RFC 4034 §5.1.4). */
export function digestMatches(ds: Ds, zone: Name, key: DnsKey): boolean {
  const bytes = new Uint8Array(zone.length + key.rdata.length);
  bytes.set(lowerCase(zone));
  bytes.set(key.rdata, zone.length);
  const made = digest(ds.digestType, bytes);
  return made !== undefined && equalBytes(made, ds.digest);
}
