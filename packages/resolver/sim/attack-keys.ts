/**
 * Keys and signatures whose only purpose is work: many keys of one tag, signatures that are wrong.
 *
 * The tag of a key is a sum (RFC 4034 §B), and thirteen bits of its flags mean nothing, so keys of
 * any wanted tag are quickly found. All of them are points of their curve: a check of one costs
 * what any check costs.
 */
import { createECDH } from "node:crypto";
import { setU16, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, lowerCase } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import { signedLabels } from "../src/dnssec/canonical.ts";
import { type DnsKey, keyFlag, keyTag } from "../src/dnssec/key.ts";
import { Dice } from "./seeded.ts";
import { joined } from "./signer-bytes.ts";
import { dnsKey } from "./signer-keys.ts";
import type { Validity } from "./signer.ts";

/** The two curves: bytes of a coordinate, and the prime below which they lie (SEC 2). */
const CURVES = {
  [algorithm.ECDSAP256SHA256]: {
    name: "prime256v1",
    sizeBytes: 32,
    prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  },
  [algorithm.ECDSAP384SHA384]: {
    name: "secp384r1",
    sizeBytes: 48,
    prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  },
} as const;
const RSA_BYTES = 512;
/** 2^32 + 1: the largest exponent that is believed. */
const LARGE_EXPONENT = Uint8Array.of(1, 0, 0, 0, 1);

/** Zone keys that share one tag. Of all algorithms ECDSA P-384 is the dearest to check. */
export function collidingKeys(
  number: keyof typeof CURVES,
  count: number,
  tag: number,
  seed: number,
): DnsKey[] {
  const dice = new Dice(seed);
  const keys: DnsKey[] = [];
  while (keys.length < count) {
    for (const publicKey of pointAndItsMirror(number, dice)) {
      const key = withTag(number, publicKey, tag);
      if (key !== undefined && keys.length < count) keys.push(key);
    }
  }
  return keys;
}

/** A point of the curve, and the one below it: two keys for the price of one. */
function pointAndItsMirror(number: keyof typeof CURVES, dice: Dice): [Uint8Array, Uint8Array] {
  const { name, sizeBytes, prime } = CURVES[number];
  const scalar = dice.bytes(sizeBytes);
  // Below the order of the curve, whose first byte is 255, and not zero.
  scalar[0] = 1;
  const exchange = createECDH(name);
  exchange.setPrivateKey(scalar);
  const point = new Uint8Array(exchange.getPublicKey()).subarray(1);
  const y = BigInt(`0x${point.subarray(sizeBytes).toHex()}`);
  const mirrored = (prime - y).toString(16).padStart(2 * sizeBytes, "0");
  return [point, joined(point.subarray(0, sizeBytes), Uint8Array.fromHex(mirrored))];
}

/** The key with flags that give it the tag, if there are such flags of a zone key. */
function withTag(number: number, publicKey: Uint8Array, tag: number): DnsKey | undefined {
  const { rdata } = dnsKey(0, number, publicKey);
  for (const carry of [0, 1]) {
    const flags = (tag - keyTag(rdata) - carry) & 0xffff;
    const isUsable = (flags & keyFlag.zone) !== 0 && (flags & keyFlag.revoke) === 0;
    const key = dnsKey(flags, number, publicKey);
    if (isUsable && key.tag === tag) return key;
  }
  return undefined;
}

/** An RSA key of 4096 bits and a large exponent: nobody knows its private half. */
export function dearRsaKey(seed: number): DnsKey {
  const modulus = new Dice(seed).bytes(RSA_BYTES);
  modulus[0]! |= 0x80;
  modulus[RSA_BYTES - 1]! |= 1;
  const length = Uint8Array.of(LARGE_EXPONENT.length);
  return dnsKey(keyFlag.zone, algorithm.RSASHA256, joined(length, LARGE_EXPONENT, modulus));
}

/** Bytes of a signature of each algorithm. */
const SIGNATURE_BYTES: Readonly<Record<number, number>> = {
  [algorithm.RSASHA256]: RSA_BYTES,
  [algorithm.RSASHA512]: RSA_BYTES,
  [algorithm.ECDSAP256SHA256]: 64,
  [algorithm.ECDSAP384SHA384]: 96,
  [algorithm.ED25519]: 64,
  [algorithm.ED448]: 114,
};

/** What a made-up signature claims to be. */
export interface Claim extends Validity {
  readonly owner: Name;
  readonly type: number;
  readonly ttl: number;
  readonly signer: Name;
  readonly key: DnsKey;
}

/** As many RRSIG records as wanted that fit a set in everything and verify with no key. */
export function wrongSignatures(count: number, claim: Claim, seed: number): ResourceRecord[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => wrongSignature(claim, dice));
}

function wrongSignature(claim: Claim, dice: Dice): ResourceRecord {
  const { owner, type, ttl, key } = claim;
  const signer = lowerCase(claim.signer);
  const head = new Uint8Array(18 + signer.length);
  setU16(head, 0, type);
  head[2] = key.algorithm;
  head[3] = signedLabels(owner);
  setU32(head, 4, ttl);
  setU32(head, 8, claim.expirationS);
  setU32(head, 12, claim.inceptionS);
  setU16(head, 16, key.tag);
  head.set(signer, 18);
  const signature = dice.bytes(SIGNATURE_BYTES[key.algorithm] ?? 64);
  // Both numbers of ECDSA, and that of RSA, lie in the range that is looked at.
  signature[0] = 1;
  signature[signature.length / 2] = 1;
  if (key.algorithm === algorithm.ED25519) signature[63] = 0;
  return { name: owner, type: rrType.RRSIG, class: 1, ttl, rdata: joined(head, signature) };
}
