/**
 * NSEC3 records: the same denials as NSEC over hashed names (RFC 5155).
 *
 *   | hash u8 | flags u8 | iterations u16 | salt length u8, salt | hash length u8, next hash |
 *   | type bitmap … |
 *
 * Words (RFC 5155 §1.3, §8.3):
 * - A record *matches* a name whose hash is its owner's first label, and *covers* one whose hash
 *   lies between that and the next hash, on the circle of all hashes.
 * - The *closest encloser* of a name is its longest ancestor that exists: here a matching record
 *   proves that it does. The *next closer* name is one label longer; a covering record proves
 *   that it does not exist. The two records are the *closest encloser proof*.
 * - *Opt-out*: unsigned delegations may lie in the gap, unmentioned (RFC 5155 §6). A name in such
 *   a gap is not proven absent; it is proven that nothing signed has that name.
 */
import { compareBytes, equalBytes, getU16 } from "@lethe/wire/bytes.ts";
import { type Name, lowerCase, nameEqual, parentOf } from "@lethe/wire/name.ts";
import { sha1 } from "./crypto.ts";
import { isTypeBitmap } from "./type-bitmap.ts";
import type { WorkBudget } from "./work-budget.ts";

/** The only hash that is defined (RFC 5155 §11). */
const HASH_SHA1 = 1;
const HASH_BYTES = 20;
const HASH_LABEL_BYTES = 32;
const FLAG_OPT_OUT = 1;
const FIXED_BYTES = 5;

/** How the names of a zone are hashed. */
export interface Nsec3Parameters {
  readonly iterations: number;
  readonly salt: Uint8Array;
}

export interface Nsec3 extends Nsec3Parameters {
  /** The hash that the owner's first label stands for. */
  readonly hash: Uint8Array;
  readonly nextHash: Uint8Array;
  readonly bitmap: Uint8Array;
  readonly isOptOut: boolean;
}

/**
 * The NSEC3 of a zone in this RDATA, or undefined where it is malformed or to be ignored.
 *
 * The owner stands directly below the apex (RFC 5155 §3); one that stands deeper may be an
 * ordinary name of the zone, at which somebody was allowed to write what he likes. Unknown
 * hashes and flags are ignored (RFC 5155 §8.1, §8.2).
 */
export function parseNsec3(owner: Name, rdata: Uint8Array, zone: Name): Nsec3 | undefined {
  if (rdata.length < FIXED_BYTES || rdata[0] !== HASH_SHA1) return undefined;
  if ((rdata[1]! & ~FLAG_OPT_OUT) !== 0) return undefined;
  const saltEnd = FIXED_BYTES + rdata[4]!;
  const hashEnd = saltEnd + 1 + (rdata[saltEnd] ?? 0);
  if (rdata[saltEnd] !== HASH_BYTES || hashEnd > rdata.length) return undefined;
  const bitmap = rdata.subarray(hashEnd);
  if (!isTypeBitmap(bitmap) || !nameEqual(parentOf(owner), zone)) return undefined;
  const hash = hashInLabel(owner);
  if (hash === undefined) return undefined;
  return {
    hash,
    nextHash: rdata.subarray(saltEnd + 1, hashEnd),
    bitmap,
    isOptOut: (rdata[1]! & FLAG_OPT_OUT) !== 0,
    iterations: getU16(rdata, 2),
    salt: rdata.subarray(FIXED_BYTES, saltEnd),
  };
}

/** The bytes that the first label of a name stands for in base 32 (RFC 4648 §7). */
function hashInLabel(owner: Name): Uint8Array | undefined {
  if (owner[0] !== HASH_LABEL_BYTES) return undefined;
  const hash = new Uint8Array(HASH_BYTES);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of lowerCase(owner).subarray(1, 1 + HASH_LABEL_BYTES)) {
    const digit = letter - (letter <= 0x39 ? 0x30 : 0x61 - 10);
    const isDigit = letter >= 0x30 && digit < 32 && (letter <= 0x39 || letter >= 0x61);
    if (!isDigit) return undefined;
    bits = ((bits << 5) | digit) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    hash[at++] = bits >>> held;
  }
  return hash;
}

/** Says whether two records hash names the same way. */
export function sameParameters(a: Nsec3Parameters, b: Nsec3Parameters): boolean {
  return a.iterations === b.iterations && equalBytes(a.salt, b.salt);
}

/**
 * The hash of a name (RFC 5155 §5), or undefined where the budget does not pay for it.
 *
 * PERF: about a microsecond for each iteration; long names and salts cost more blocks.
 */
export function hashName(
  name: Name,
  { iterations, salt }: Nsec3Parameters,
  work: WorkBudget,
): Uint8Array | undefined {
  const blocks = blocksOf(name.length + salt.length);
  const blocksAgain = iterations * blocksOf(HASH_BYTES + salt.length);
  if (!work.payHash(blocks + blocksAgain)) return undefined;
  const first = new Uint8Array(name.length + salt.length);
  first.set(lowerCase(name));
  first.set(salt, name.length);
  let hash = sha1(first);
  const again = new Uint8Array(HASH_BYTES + salt.length);
  again.set(salt, HASH_BYTES);
  for (let i = 0; i < iterations; i++) {
    again.set(hash);
    hash = sha1(again);
  }
  return hash;
}

/** How many blocks of 64 bytes SHA-1 works through, its padding of nine bytes included. */
function blocksOf(sizeBytes: number): number {
  return Math.ceil((sizeBytes + 9) / 64);
}

/** Says whether a record covers a hash. A record that is alone covers all but its own. */
export function coversHash(nsec3: Nsec3, hash: Uint8Array): boolean {
  const isAfter = compareBytes(nsec3.hash, hash) < 0;
  const isBefore = compareBytes(hash, nsec3.nextHash) < 0;
  const isLast = compareBytes(nsec3.hash, nsec3.nextHash) >= 0;
  return isLast ? isAfter || isBefore : isAfter && isBefore;
}
