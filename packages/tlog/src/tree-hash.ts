/** The hashes of a Merkle tree, and the tree of a list of them (RFC 9162 §2.1). */
import { sha256 } from "./sha256.ts";

/** Octets of a tree's hash. */
export const HASH_BYTES = 32;

/** The hash of the tree without leaves: that of nothing. */
export const emptyTreeHash: () => Uint8Array = () => sha256(new Uint8Array());

/** The hash of a leaf: its bytes behind a zero, so that no leaf is mistaken for a node. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length);
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** The hash of a node over its two children's. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** Says whether two hashes are the same. They are public: time may tell where they differ. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Where hashes come from: that of the complete subtree over the 2^level leaves from
 * index · 2^level on; undefined where the source has it not.
 */
export type HashReader = (level: number, index: number) => Uint8Array | undefined;

/** The greatest power of two below a size of two or more: where RFC 9162 §2.1.1 splits a tree. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/**
 * MTH(D[start:end]) of RFC 9162 §2.1.1, with complete subtrees from a reader; undefined where
 * it lacks one. The start must be a multiple of the next power of two from the length on, as it
 * is wherever the RFC's recursions split.
 */
export function rangeHash(start: number, end: number, read: HashReader): Uint8Array | undefined {
  const size = end - start;
  if (size === 0) return emptyTreeHash();
  const level = Math.log2(size);
  if (Number.isInteger(level) && 2 ** level === size) return read(level, start / size);
  const middle = start + splitOf(size);
  const left = rangeHash(start, middle, read);
  const right = left === undefined ? undefined : rangeHash(middle, end, read);
  return left === undefined || right === undefined ? undefined : nodeHash(left, right);
}

/** The root of the first `size` leaves. */
export function rootHash(size: number, read: HashReader): Uint8Array | undefined {
  return rangeHash(0, size, read);
}

/** A tree in memory that grows by leaves: every complete subtree's hash, 64 bytes a leaf. */
export class MerkleTree {
  /** By level: the hashes of its complete subtrees from the left, end to end. */
  readonly #levels: Uint8Array[] = [];
  #size = 0;

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes the hash of one more leaf. */
  append(hash: Uint8Array): void {
    let index = this.#size++;
    let current = hash;
    for (let level = 0; ; level++) {
      this.#put(level, index, current);
      if (index % 2 === 0) return;
      current = nodeHash(this.hashAt(level, index - 1)!, current);
      index = (index - 1) / 2;
    }
  }

  /** The hash of a complete subtree; undefined where it is not complete. */
  readonly hashAt: HashReader = (level, index) => {
    if (index < 0 || (index + 1) * 2 ** level > this.#size) return undefined;
    return this.#levels[level]?.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  };

  /** The root over the first leaves: all of them, or as many as asked for. */
  root(size: number = this.#size): Uint8Array | undefined {
    return size > this.#size ? undefined : rootHash(size, this.hashAt);
  }

  #put(level: number, index: number, hash: Uint8Array): void {
    const at = index * HASH_BYTES;
    let bytes = this.#levels[level] ?? new Uint8Array(4 * HASH_BYTES);
    if (at >= bytes.length) {
      const longer = new Uint8Array(2 * bytes.length);
      longer.set(bytes);
      bytes = longer;
    }
    bytes.set(hash, at);
    this.#levels[level] = bytes;
  }
}
