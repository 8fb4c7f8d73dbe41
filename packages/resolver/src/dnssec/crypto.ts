/**
 * Hashes and signature checks: the only file below the system floor that uses the platform.
 *
 * Keys and signatures are hostile. What is malformed gives `undefined` or `false`, never throws.
 * Whoever calls decides how many checks there are in one turn of the loop, and which go aside.
 *
 * PERF: importing a key costs more than a check of RSA, so callers keep what `importKey` gives.
 */
import { type KeyObject, createPublicKey, hash, verify } from "node:crypto";
import { limits } from "../base/limits.ts";
import { algorithm, digestType } from "./algorithm.ts";

const MODULUS_BITS_MIN = limits.rsaModulusBitsMin.value;
const MODULUS_BITS_MAX = limits.rsaModulusBitsMax.value;
const EXPONENT_BITS_MAX = limits.rsaExponentBitsMax.value;

/** A key that is ready to check signatures. */
export interface VerifyingKey {
  readonly algorithm: number;
  readonly key: KeyObject;
  /** Length in bytes that a signature must have. */
  readonly signatureBytes: number;
}

/** The hash that an algorithm signs; null where the algorithm hashes by itself. */
const SIGNED_HASH: ReadonlyMap<number, string | null> = new Map([
  [algorithm.RSASHA1, "sha1"],
  [algorithm.RSASHA1_NSEC3_SHA1, "sha1"],
  [algorithm.RSASHA256, "sha256"],
  [algorithm.RSASHA512, "sha512"],
  [algorithm.ECDSAP256SHA256, "sha256"],
  [algorithm.ECDSAP384SHA384, "sha384"],
  [algorithm.ED25519, null],
  [algorithm.ED448, null],
]);

const DIGEST_NAME: ReadonlyMap<number, string> = new Map([
  [digestType.SHA1, "sha1"],
  [digestType.SHA256, "sha256"],
  [digestType.SHA384, "sha384"],
]);

/** Bytes of the public key field of an RSA key of 2048 bits with an exponent of three bytes. */
const RSA_2048_BYTES = 260;

/** Says whether a check takes several times as long as one of ECDSA P-256. */
export function isDear(number: number, publicKey: Uint8Array): boolean {
  switch (number) {
    case algorithm.ECDSAP384SHA384:
    case algorithm.ED448:
      return true;
    case algorithm.RSASHA1:
    case algorithm.RSASHA1_NSEC3_SHA1:
    case algorithm.RSASHA256:
    case algorithm.RSASHA512:
      return publicKey.length > RSA_2048_BYTES;
    default:
      return false;
  }
}

/** Makes a public key ready, or gives undefined where it is malformed or of no known algorithm. */
export function importKey(number: number, publicKey: Uint8Array): VerifyingKey | undefined {
  switch (number) {
    case algorithm.RSASHA1:
    case algorithm.RSASHA1_NSEC3_SHA1:
    case algorithm.RSASHA256:
    case algorithm.RSASHA512:
      return importRsa(number, publicKey);
    case algorithm.ECDSAP256SHA256:
      return importEcdsa(number, "P-256", 32, publicKey);
    case algorithm.ECDSAP384SHA384:
      return importEcdsa(number, "P-384", 48, publicKey);
    case algorithm.ED25519:
      return importEdwards(number, "Ed25519", 32, publicKey);
    case algorithm.ED448:
      return importEdwards(number, "Ed448", 57, publicKey);
    default:
      return undefined;
  }
}

/** Says whether a signature over these bytes was made with the private half of the key. */
export function verifySignature(
  key: VerifyingKey,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== key.signatureBytes) return false;
  const hashName = SIGNED_HASH.get(key.algorithm) ?? null;
  try {
    return verify(hashName, signed, { key: key.key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

/**
 * Checks a signature in the platform's pool of threads; calls back in a later turn of the loop.
 *
 * False: it cannot be good, and nobody calls back.
 */
export function verifySignatureAside(
  key: VerifyingKey,
  signed: Uint8Array,
  signature: Uint8Array,
  done: (isGood: boolean) => void,
): boolean {
  if (signature.length !== key.signatureBytes) return false;
  const hashName = SIGNED_HASH.get(key.algorithm) ?? null;
  const asked = { key: key.key, dsaEncoding: "ieee-p1363" } as const;
  try {
    verify(hashName, signed, asked, signature, (error, isGood) => done(error === null && isGood));
    return true;
  } catch {
    return false;
  }
}

/** The digest of a DS record's type over these bytes, or undefined where the type is unknown. */
export function digest(type: number, bytes: Uint8Array): Uint8Array | undefined {
  const name = DIGEST_NAME.get(type);
  return name === undefined ? undefined : hashed(name, bytes);
}

/** SHA-1, for the owner names of NSEC3 records (RFC 5155 §11). */
export function sha1(bytes: Uint8Array): Uint8Array {
  return hashed("sha1", bytes);
}

/** The digest of a zone's records (RFC 8976 §2.2.3). */
export function zoneHash(name: "sha384" | "sha512", bytes: Uint8Array): Uint8Array {
  return hashed(name, bytes);
}

/** A plain array: a `Buffer` would share its memory with its slices. */
function hashed(name: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash(name, bytes, "buffer"));
}

type PublicJwk = Readonly<Record<string, string>>;

function importJwk(
  number: number,
  jwk: PublicJwk,
  signatureBytes: number,
): VerifyingKey | undefined {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return { algorithm: number, key, signatureBytes };
  } catch {
    return undefined;
  }
}

/**
 * RFC 3110 §2: a length of one octet, or of zero and two octets, the exponent, the modulus.
 *
 * Leading zeros, which that section forbids, are passed over: they change nothing.
 */
function importRsa(number: number, publicKey: Uint8Array): VerifyingKey | undefined {
  const isLong = publicKey[0] === 0;
  const exponentBytes = isLong
    ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0)
    : (publicKey[0] ?? 0);
  const exponentAt = isLong ? 3 : 1;
  if (exponentBytes === 0 || exponentAt + exponentBytes >= publicKey.length) return undefined;
  const exponent = withoutZeros(publicKey.subarray(exponentAt, exponentAt + exponentBytes));
  const modulus = withoutZeros(publicKey.subarray(exponentAt + exponentBytes));
  const modulusBits = bitLength(modulus);
  if (modulusBits < MODULUS_BITS_MIN || modulusBits > MODULUS_BITS_MAX) return undefined;
  const exponentBits = bitLength(exponent);
  // An exponent of one makes every text its own signature; an even one has no private half.
  if (exponentBits < 2 || exponentBits > EXPONENT_BITS_MAX) return undefined;
  if ((exponent.at(-1)! & 1) === 0 || (modulus.at(-1)! & 1) === 0) return undefined;
  const jwk = { kty: "RSA", n: base64url(modulus), e: base64url(exponent) };
  return importJwk(number, jwk, modulus.length);
}

/** RFC 6605 §4: the two coordinates. A point off the curve is refused. */
function importEcdsa(
  number: number,
  crv: string,
  size: number,
  publicKey: Uint8Array,
): VerifyingKey | undefined {
  if (publicKey.length !== 2 * size) return undefined;
  const x = base64url(publicKey.subarray(0, size));
  const y = base64url(publicKey.subarray(size));
  return importJwk(number, { kty: "EC", crv, x, y }, 2 * size);
}

/** RFC 8080 §3: the encoded point. */
function importEdwards(
  number: number,
  crv: string,
  size: number,
  publicKey: Uint8Array,
): VerifyingKey | undefined {
  if (publicKey.length !== size) return undefined;
  return importJwk(number, { kty: "OKP", crv, x: base64url(publicKey) }, 2 * size);
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return bytes.subarray(at);
}

/** Bits of a number whose first byte is not zero. */
function bitLength(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : 8 * bytes.length - Math.clz32(bytes[0]!) + 24;
}
