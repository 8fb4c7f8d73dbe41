/**
 * A name is wire bytes: length octet and label, again and again, down to the root's zero.
 *
 * A label may hold any byte (RFC 2181 §11), so a name is never a text here; `name-text.ts`
 * has the presentation form for the edges of a program. A `Name` is always whole, valid and
 * uncompressed: only the functions of this file and `name-text.ts` make one. Letter case is kept
 * and does not count in comparisons (RFC 4343).
 */
import { HEADER_BYTES } from "./header.ts";
import { wireLimits } from "./limits.ts";

declare const nameBrand: unique symbol;

/** A whole, uncompressed, valid name in wire form, the root's octet included. */
export type Name = Uint8Array & { readonly [nameBrand]: true };

declare const nameKeyBrand: unique symbol;

/** A name with its letter case folded, as a map key. Not for people: it holds raw bytes. */
export type NameKey = string & { readonly [nameKeyBrand]: true };

const BYTES_MAX = wireLimits.nameBytesMax.value;
const LABEL_MAX = wireLimits.labelBytesMax.value;
const POINTERS_MAX = wireLimits.pointersPerNameMax.value;

/** The name of the root: one zero octet. */
export const ROOT: Name = new Uint8Array(1) as Name;

/** Each byte with the ASCII capitals folded to small letters; other bytes stand for themselves. */
export const FOLD: Uint8Array = foldTable();

function foldTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < 256; i++) table[i] = i >= 0x41 && i <= 0x5a ? i + 0x20 : i;
  return table;
}

/** A name out of a message: where the next field starts, and how many pointers it took. */
export interface NameAt {
  readonly name: Name;
  readonly next: number;
  readonly pointers: number;
}

const scratch = new Uint8Array(BYTES_MAX);

/**
 * Reads the name at `at`, following compression pointers, or undefined where it is malformed.
 *
 * A pointer must point before the place where the name it belongs to began (RFC 1035 §4.1.4
 * speaks of a prior occurrence), so reading ends; and behind the header, which holds no name.
 * Input is hostile: never throws.
 */
export function readName(
  message: Uint8Array,
  at: number,
  end = message.length,
): NameAt | undefined {
  let size = 0;
  let next = -1;
  let pointers = 0;
  let cursor = at;
  let floor = at;
  while (cursor < end) {
    const octet = message[cursor]!;
    if (octet === 0) {
      scratch[size++] = 0;
      return { name: scratch.slice(0, size) as Name, next: next < 0 ? cursor + 1 : next, pointers };
    }
    if (octet <= LABEL_MAX) {
      const after = cursor + 1 + octet;
      if (after > end || size + 1 + octet >= BYTES_MAX) return undefined;
      while (cursor < after) scratch[size++] = message[cursor++]!;
    } else {
      if (octet < 0xc0 || cursor + 2 > end) return undefined;
      const target = ((octet & 0x3f) << 8) | message[cursor + 1]!;
      if (target >= floor || target < HEADER_BYTES) return undefined;
      if (++pointers > POINTERS_MAX) return undefined;
      if (next < 0) next = cursor + 2;
      floor = target;
      cursor = target;
    }
  }
  return undefined;
}

/**
 * The length in bytes of the uncompressed name at `at`, or 0 where it is compressed or malformed.
 *
 * PERF: allocates nothing; the fast lane asks it once per question.
 */
export function uncompressedNameBytes(message: Uint8Array, at: number, end: number): number {
  let cursor = at;
  while (cursor < end) {
    const octet = message[cursor]!;
    if (octet === 0) return cursor + 1 - at;
    if (octet > LABEL_MAX) return 0;
    cursor += 1 + octet;
    if (cursor - at >= BYTES_MAX) return 0;
  }
  return 0;
}

/** The name that these bytes are, or undefined where they are not exactly one uncompressed name. */
export function nameFromBytes(bytes: Uint8Array): Name | undefined {
  return bytes.length > 0 && uncompressedNameBytes(bytes, 0, bytes.length) === bytes.length
    ? (bytes as Name)
    : undefined;
}

/** The name of these labels, first label first; undefined where one is empty or all too long. */
export function nameFromLabels(labels: readonly Uint8Array[]): Name | undefined {
  let size = 1;
  for (const label of labels) {
    if (label.length === 0 || label.length > LABEL_MAX) return undefined;
    size += 1 + label.length;
  }
  if (size > BYTES_MAX) return undefined;
  const name = new Uint8Array(size);
  let at = 0;
  for (const label of labels) {
    name[at] = label.length;
    name.set(label, at + 1);
    at += 1 + label.length;
  }
  return name as Name;
}

/** The labels of a name, first label first, without the root's empty one. */
export function labelsOf(name: Name): Uint8Array[] {
  const labels: Uint8Array[] = [];
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) {
    labels.push(name.subarray(at + 1, at + 1 + name[at]!));
  }
  return labels;
}

/** How many labels a name has, the root not counted (RFC 4034 §3.1.3 counts the same way). */
export function labelCount(name: Name): number {
  let count = 0;
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) count++;
  return count;
}

/** Says whether two names are the same but for letter case (RFC 4343 §3). */
export function nameEqual(a: Name, b: Name): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (FOLD[a[i]!] !== FOLD[b[i]!]) return false;
  return true;
}

/** The name without its first label; the root is its own parent. */
export function parentOf(name: Name): Name {
  return name[0] === 0 ? name : (name.subarray(1 + name[0]!) as Name);
}

/** The ancestor of a name that has `count` labels, or the name itself where it has no more. */
export function ancestorWithLabels(name: Name, count: number): Name {
  let at = 0;
  for (let left = labelCount(name) - count; left > 0; left--) at += 1 + name[at]!;
  return at === 0 ? name : (name.subarray(at) as Name);
}

/** Says whether `name` is `ancestor` or lies below it: a subdomain in the sense of RFC 9499 §2. */
export function isAtOrUnder(name: Name, ancestor: Name): boolean {
  let at = 0;
  while (name.length - at > ancestor.length) at += 1 + name[at]!;
  if (name.length - at !== ancestor.length) return false;
  for (let i = 0; i < ancestor.length; i++) {
    if (FOLD[name[at + i]!] !== FOLD[ancestor[i]!]) return false;
  }
  return true;
}

/** Says whether `name` lies below `ancestor` and is not it. */
export function isUnder(name: Name, ancestor: Name): boolean {
  return name.length > ancestor.length && isAtOrUnder(name, ancestor);
}

/** How many labels, counted from the root, two names share. */
export function sharedLabels(a: Name, b: Name): number {
  let count = Math.min(labelCount(a), labelCount(b));
  let x = ancestorWithLabels(a, count);
  let y = ancestorWithLabels(b, count);
  while (!nameEqual(x, y)) {
    x = parentOf(x);
    y = parentOf(y);
    count--;
  }
  return count;
}

/** The name with its letters folded to small ones: the canonical form of RFC 4034 §6.2. */
export function lowerCase(name: Name): Name {
  const lowered = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) lowered[i] = FOLD[name[i]!]!;
  return lowered as Name;
}

/**
 * The name as a map key, equal for names that differ in letter case only.
 *
 * PERF: made in one piece. A text that grows letter by letter is a tree of its parts until a map
 * looks at it, and costs more than all else that a map does with it.
 */
export function nameKey(name: Name): NameKey {
  const folded: number[] = [];
  for (let i = 0; i < name.length; i++) folded.push(FOLD[name[i]!]!);
  return String.fromCharCode(...folded) as NameKey;
}

/** `name` with suffix `from` replaced by `to` (RFC 6672 §2.2); undefined where that is too long. */
export function replaceSuffix(name: Name, from: Name, to: Name): Name | undefined {
  const kept = name.length - from.length;
  if (kept + to.length > BYTES_MAX) return undefined;
  const replaced = new Uint8Array(kept + to.length);
  replaced.set(name.subarray(0, kept));
  replaced.set(to, kept);
  return replaced as Name;
}

/**
 * Orders names canonically: by their labels, last label first, folded (RFC 4034 §6.1).
 *
 * PERF: allocates two small arrays of label offsets; used by denial proofs, never per question.
 */
export function compareNames(a: Name, b: Name): number {
  const offsetsA = labelOffsets(a);
  const offsetsB = labelOffsets(b);
  const shared = Math.min(offsetsA.length, offsetsB.length);
  for (let i = 1; i <= shared; i++) {
    const difference = compareLabels(
      a,
      offsetsA[offsetsA.length - i]!,
      b,
      offsetsB[offsetsB.length - i]!,
    );
    if (difference !== 0) return difference;
  }
  return offsetsA.length - offsetsB.length;
}

function labelOffsets(name: Name): number[] {
  const offsets: number[] = [];
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) offsets.push(at);
  return offsets;
}

function compareLabels(a: Name, atA: number, b: Name, atB: number): number {
  const sizeA = a[atA]!;
  const sizeB = b[atB]!;
  const shared = Math.min(sizeA, sizeB);
  for (let i = 1; i <= shared; i++) {
    const difference = FOLD[a[atA + i]!]! - FOLD[b[atB + i]!]!;
    if (difference !== 0) return difference;
  }
  return sizeA - sizeB;
}
