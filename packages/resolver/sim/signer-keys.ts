/**
 * Keys for signed test zones, made from a seed: the same seed gives the same key.
 *
 * ECDSA keys are the same each time, their signatures are not: the platform draws the nonce.
 */
import { type KeyObject, createECDH, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { setU16 } from "@lethe/wire/bytes.ts";
import { assert } from "../src/base/assert.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import { type DnsKey, keyFlag, parseKey } from "../src/dnssec/key.ts";
import { Dice } from "./seeded.ts";
import { TEST_RSA_KEYS } from "./signer-rsa-keys.ts";
import { joined } from "./signer-bytes.ts";

/** Flags of DNSKEY records as most zones have them. */
const KSK_FLAGS = keyFlag.zone | keyFlag.sep;
const ZSK_FLAGS = keyFlag.zone;

/** What a key signs: the zone's keys, everything else, or all. */
export type Role = "keys" | "rest" | "all";

export interface SigningKey {
  readonly key: DnsKey;
  readonly role: Role;
  /** Absent for algorithms that nobody here can use: their signatures are made-up bytes. */
  readonly privateKey: KeyObject | undefined;
}

export interface KeyPlan {
  readonly algorithm: number;
  readonly role: Role;
  readonly seed: number;
  /** Default: a zone key, a secure entry point where it signs the keys. */
  readonly flags?: number;
}

const RSAMD5 = 1;
const UNUSABLE_KEY_BYTES = 64;

/** Makes a key. */
export function makeSigningKey(plan: KeyPlan): SigningKey {
  const { role } = plan;
  const flags = plan.flags ?? (role === "rest" ? ZSK_FLAGS : KSK_FLAGS);
  const privateKey = makePrivateKey(plan.algorithm, new Dice(plan.seed));
  const publicKey =
    privateKey === undefined
      ? new Dice(plan.seed).bytes(UNUSABLE_KEY_BYTES)
      : publicKeyField(privateKey);
  return { key: dnsKey(flags, plan.algorithm, publicKey), role, privateKey };
}

/** The DNSKEY with these fields. */
export function dnsKey(flags: number, number: number, publicKey: Uint8Array): DnsKey {
  const rdata = new Uint8Array(4 + publicKey.length);
  setU16(rdata, 0, flags);
  rdata[2] = 3;
  rdata[3] = number;
  rdata.set(publicKey, 4);
  const key = parseKey(rdata);
  assert(key !== undefined, "a key that was just made can be read");
  return key;
}

/** The signature field of an RRSIG over these bytes. */
export function signBytes({ key, privateKey }: SigningKey, bytes: Uint8Array): Uint8Array {
  if (privateKey === undefined) return new Dice(bytes.length).bytes(UNUSABLE_KEY_BYTES);
  const signed = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return new Uint8Array(sign(hashOf(key.algorithm), bytes, signed));
}

function hashOf(number: number): string | null {
  switch (number) {
    case RSAMD5:
      return "md5";
    case algorithm.RSASHA1:
    case algorithm.RSASHA1_NSEC3_SHA1:
      return "sha1";
    case algorithm.RSASHA512:
      return "sha512";
    case algorithm.ECDSAP384SHA384:
      return "sha384";
    case algorithm.ED25519:
    case algorithm.ED448:
      return null;
    default:
      return "sha256";
  }
}

function makePrivateKey(number: number, dice: Dice): KeyObject | undefined {
  switch (number) {
    case RSAMD5:
    case algorithm.RSASHA1:
    case algorithm.RSASHA1_NSEC3_SHA1:
    case algorithm.RSASHA256:
    case algorithm.RSASHA512:
      return fromDer(Uint8Array.fromBase64(dice.pick(TEST_RSA_KEYS)));
    case algorithm.ECDSAP256SHA256:
      return ecdsa("prime256v1", "P-256", 32, dice);
    case algorithm.ECDSAP384SHA384:
      return ecdsa("secp384r1", "P-384", 48, dice);
    case algorithm.ED25519:
      return fromDer(withPrefix("302e020100300506032b657004220420", dice.bytes(32)));
    case algorithm.ED448:
      return fromDer(withPrefix("3047020100300506032b6571043b0439", dice.bytes(57)));
    default:
      return undefined;
  }
}

function fromDer(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}

/** RFC 8410 §7: an Edwards key is its seed behind a fixed head. */
function withPrefix(head: string, seed: Uint8Array): Uint8Array {
  return joined(Uint8Array.fromHex(head), seed);
}

function ecdsa(curve: string, crv: string, size: number, dice: Dice): KeyObject {
  const scalar = dice.bytes(size);
  // Below the order of the curve, whose first byte is 255, and not zero.
  scalar[0] = 1;
  const exchange = createECDH(curve);
  exchange.setPrivateKey(scalar);
  const point = exchange.getPublicKey();
  const x = base64url(point.subarray(1, 1 + size));
  const y = base64url(point.subarray(1 + size));
  const jwk = { kty: "EC", crv, x, y, d: base64url(scalar) };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** The public key field of a DNSKEY: RFC 3110 §2, RFC 6605 §4, RFC 8080 §3. */
function publicKeyField(privateKey: KeyObject): Uint8Array {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  if (jwk.kty === "RSA") {
    const exponent = fromBase64url(jwk.e);
    return joined(Uint8Array.of(exponent.length), exponent, fromBase64url(jwk.n));
  }
  if (jwk.kty === "EC") return joined(fromBase64url(jwk.x), fromBase64url(jwk.y));
  return fromBase64url(jwk.x);
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function fromBase64url(text: string | undefined): Uint8Array {
  return Uint8Array.fromBase64(text ?? "", { alphabet: "base64url" });
}
