/**
 * DNSKEY records: the keys of a zone (RFC 4034 §2).
 *
 *   | flags u16 | protocol u8 | algorithm u8 | public key … |
 */
import { getU16 } from "@lethe/wire/bytes.ts";

/** Bits of the flags field. */
export const keyFlag = { zone: 0x0100, revoke: 0x0080, sep: 0x0001 } as const;

/** The only value that the protocol field may have (RFC 4034 §2.1.2). */
const PROTOCOL = 3;
const FIXED_BYTES = 4;
const RSAMD5 = 1;

export interface DnsKey {
  /** The whole RDATA. */
  readonly rdata: Uint8Array;
  readonly flags: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
  readonly tag: number;
}

/** The key in this RDATA, or undefined where it is malformed or of another protocol. */
export function parseKey(rdata: Uint8Array): DnsKey | undefined {
  if (rdata.length <= FIXED_BYTES || rdata[2] !== PROTOCOL) return undefined;
  return {
    rdata,
    flags: getU16(rdata, 0),
    algorithm: rdata[3]!,
    publicKey: rdata.subarray(FIXED_BYTES),
    tag: keyTag(rdata),
  };
}

/** Says whether a key may sign records of its zone (RFC 4034 §2.1.1). */
export function isZoneKey(key: DnsKey): boolean {
  return (key.flags & keyFlag.zone) !== 0;
}

/** Says whether a key is marked as a secure entry point: a hint, never a condition. */
export function isSep(key: DnsKey): boolean {
  return (key.flags & keyFlag.sep) !== 0;
}

/** Says whether a key is marked as revoked (RFC 5011 §2.1). */
export function isRevoked(key: DnsKey): boolean {
  return (key.flags & keyFlag.revoke) !== 0;
}

/** The key tag of a DNSKEY's RDATA (RFC 4034 §B, §B.1 for algorithm 1). */
export function keyTag(rdata: Uint8Array): number {
  if (rdata[3] === RSAMD5) {
    return rdata.length < FIXED_BYTES + 3 ? 0 : getU16(rdata, rdata.length - 3);
  }
  let sum = 0;
  for (let i = 0; i < rdata.length; i++) sum += i % 2 === 0 ? rdata[i]! << 8 : rdata[i]!;
  sum += (sum >>> 16) & 0xffff;
  return sum & 0xffff;
}
