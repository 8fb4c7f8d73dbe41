/**
 * Keys whose order byte by byte is the order of a zone's denials.
 *
 * NSEC records stand in the canonical order of their owners (RFC 4034 §6.1), which compares labels
 * from the last to the first. The key of a name has its labels in that order, those of the zone
 * left out, each closed with a zero byte; what would be mistaken for the end of a label is escaped:
 *
 *   any.wild.example in example   w i l d 0  a n y 0          00 → 01 01, 01 → 01 02
 *
 * NSEC3 records stand in the order of their hashes, and so do the texts of these.
 */
import { FOLD, type Name } from "@lethe/wire/name.ts";
import { wireLimits } from "@lethe/wire/limits.ts";

/** Bytes that a key has at most: every byte of a name escaped. */
export const DENIAL_KEY_BYTES_MAX: number = 2 * wireLimits.nameBytesMax.value;

const ESCAPE = 1;
/** The digits of base 32 with extended hex alphabet (RFC 4648 §7). */
const DIGITS = new TextEncoder().encode("0123456789abcdefghijklmnopqrstuv");

/** Where the labels of the name that is being written begin; a name has at most 127. */
const labelsAt = new Uint8Array(128);

/**
 * Writes the key of a name at or below a zone, and gives its length: 0 for the zone itself.
 *
 * PERF: allocates nothing.
 */
export function writeNameKey(out: Uint8Array, name: Name, zone: Name): number {
  const end = name.length - zone.length;
  let labels = 0;
  for (let at = 0; at < end; at += 1 + name[at]!) labelsAt[labels++] = at;
  let cursor = 0;
  while (labels > 0) {
    const at = labelsAt[--labels]!;
    for (let i = at + 1; i <= at + name[at]!; i++) {
      const byte = FOLD[name[i]!]!;
      if (byte <= ESCAPE) out[cursor++] = ESCAPE;
      out[cursor++] = byte <= ESCAPE ? byte + 1 : byte;
    }
    out[cursor++] = 0;
  }
  return cursor;
}

/** Writes the key of a hash, its text in base 32, and gives its length. PERF: allocates nothing. */
export function writeHashKey(out: Uint8Array, hash: Uint8Array): number {
  let cursor = 0;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < hash.length; i++) {
    bits = ((bits << 8) | hash[i]!) & 0xfff;
    for (held += 8; held >= 5; held -= 5) out[cursor++] = DIGITS[(bits >>> (held - 5)) & 31]!;
  }
  return cursor;
}
