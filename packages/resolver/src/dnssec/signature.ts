/**
 * RRSIG records: what each says, and whether it applies to a record set (RFC 4034 §3).
 *
 *   | covered u16 | algorithm u8 | labels u8 | original TTL u32 | expiration u32 | inception u32 |
 *   | key tag u16 | signer's name | signature … |
 */
import { getU16, getU32 } from "@lethe/wire/bytes.ts";
import {
  type Name,
  isAtOrUnder,
  labelCount,
  nameEqual,
  nameFromBytes,
  uncompressedNameBytes,
} from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { signedLabels } from "./canonical.ts";

const SIGNER_AT = 18;

export interface Signature {
  readonly covered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtlS: number;
  /** Seconds since 1970 modulo 2^32, compared by RFC 1982 §3.2. */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: Name;
  /** The RDATA before the signature itself. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
}

/** The signature in this RDATA, or undefined where it is malformed. */
export function parseSignature(rdata: Uint8Array): Signature | undefined {
  const signerBytes = uncompressedNameBytes(rdata, SIGNER_AT, rdata.length);
  const headBytes = SIGNER_AT + signerBytes;
  const signer = nameFromBytes(rdata.subarray(SIGNER_AT, headBytes));
  if (signer === undefined || headBytes >= rdata.length) return undefined;
  return {
    covered: getU16(rdata, 0),
    algorithm: rdata[2]!,
    labels: rdata[3]!,
    originalTtlS: getU32(rdata, 4),
    expiration: getU32(rdata, 8),
    inception: getU32(rdata, 12),
    keyTag: getU16(rdata, 16),
    signer,
    head: rdata.subarray(0, headBytes),
    signature: rdata.subarray(headBytes),
  };
}

/** Why a signature does not apply to a set. */
export type Unfit =
  | "other-type"
  | "other-signer"
  | "labels"
  | "expires-before-inception"
  | "expired"
  | "not-yet-valid";

/**
 * Why a signature cannot prove a set of `zone`, or undefined where it may (RFC 4035 §5.3.1).
 *
 * The labels field must lie between those of the signer and those of the owner. Fewer than the
 * signer's would name a wildcard above the zone, and let one signature of the zone's parent
 * stand for names of its child.
 */
export function whyUnfit(
  signature: Signature,
  set: RecordSet,
  zone: Name,
  nowS: number | undefined,
): Unfit | undefined {
  if (signature.covered !== set.type) return "other-type";
  if (!nameEqual(signature.signer, zone) || !isAtOrUnder(set.name, zone)) return "other-signer";
  if (signature.labels > signedLabels(set.name)) return "labels";
  if (signature.labels < labelCount(zone)) return "labels";
  if (isBefore(signature.expiration, signature.inception)) return "expires-before-inception";
  if (nowS === undefined) return undefined;
  if (hasEnded(signature, nowS)) return "expired";
  if (isBefore(nowS, signature.inception)) return "not-yet-valid";
  return undefined;
}

/** Says whether a signature's time is over. */
export function hasEnded({ expiration }: Signature, nowS: number): boolean {
  return isBefore(expiration, nowS);
}

/** Compares times of 32 bits on their circle (RFC 1982 §3.2, RFC 4034 §3.1.5). */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Seconds that a proven set may be kept: no longer than it is signed for (RFC 4035 §5.3.3). */
export function provenTtlS(signature: Signature, set: RecordSet, nowS: number | undefined): number {
  const ttlS = Math.min(set.ttl, signature.originalTtlS);
  return nowS === undefined ? ttlS : Math.min(ttlS, (signature.expiration - nowS) | 0);
}
