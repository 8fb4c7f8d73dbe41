/**
 * Inclusion and consistency proofs: made from any source of hashes, and checked.
 *
 * Proofs are lists of hashes, leaf to root. Checking trusts nothing but the roots it is given.
 */
import { tlogLimits } from "./limits.ts";
import {
  HASH_BYTES,
  type HashReader,
  emptyTreeHash,
  isSameHash,
  nodeHash,
  rangeHash,
  splitOf,
} from "./tree-hash.ts";

export type Proof = readonly Uint8Array[];

/** What checking found; a refusal says why in a few words. */
export type ProofVerdict =
  | { readonly kind: "proven" }
  | { readonly kind: "refused"; readonly why: string };

const PROVEN: ProofVerdict = { kind: "proven" };

/** PATH(index, D[size]) of RFC 9162 §2.1.3.1; undefined where the reader lacks a hash. */
export function inclusionProof(
  index: number,
  size: number,
  read: HashReader,
): Uint8Array[] | undefined {
  if (!isCount(index) || !isCount(size) || index >= size) return undefined;
  const proof: (Uint8Array | undefined)[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(rangeHash(middle, end, read));
      end = middle;
    } else {
      proof.push(rangeHash(start, middle, read));
      start = middle;
    }
  }
  return whole(proof);
}

/**
 * PROOF(old, D[size]) of RFC 9162 §2.1.4.1; undefined where the reader lacks a hash. From the
 * empty tree and from a tree to itself the proof is empty.
 */
export function consistencyProof(
  old: number,
  size: number,
  read: HashReader,
): Uint8Array[] | undefined {
  if (!isCount(old) || !isCount(size) || old > size) return undefined;
  if (old === 0 || old === size) return [];
  const proof: (Uint8Array | undefined)[] = [];
  let start = 0;
  let end = size;
  while (old < end) {
    const middle = start + splitOf(end - start);
    if (old <= middle) {
      proof.push(rangeHash(middle, end, read));
      end = middle;
    } else {
      proof.push(rangeHash(start, middle, read));
      start = middle;
    }
  }
  // The old root itself is known to whoever checks, and left out where it is this subtree.
  if (start > 0) proof.push(rangeHash(start, end, read));
  return whole(proof);
}

/** The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or why it leads nowhere. */
export function rootOfInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: Proof,
): { readonly kind: "root"; readonly root: Uint8Array } | Refusal {
  if (!isCount(index) || !isCount(size) || index >= size) return refused("no such leaf");
  if (!areHashes([leaf, ...proof])) return refused("a hash does not have 32 bytes");
  let node = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of proof) {
    if (last === 0) return refused("the proof is too long");
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? { kind: "root", root } : refused("the proof is too short");
}

/** Says whether a leaf stands at an index of the tree with this size and root. */
export function checkInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: Proof,
  root: Uint8Array,
): ProofVerdict {
  const found = rootOfInclusion(index, size, leaf, proof);
  if (found.kind === "refused") return found;
  return isSameHash(found.root, root) ? PROVEN : refused("the proof leads to another root");
}

/** A tree's head: how many leaves, and the root over them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Says whether the old tree's leaves are the first leaves of the new (RFC 9162 §2.1.4.2). */
export function checkConsistency(old: TreeHead, current: TreeHead, proof: Proof): ProofVerdict {
  if (!isCount(old.size) || !isCount(current.size)) return refused("a size is not a count");
  if (old.size > current.size) return refused("the old tree is the larger");
  if (!areHashes([old.root, current.root, ...proof])) {
    return refused("a hash does not have 32 bytes");
  }
  if (old.size === 0 || old.size === current.size) return checkWithoutHashes(old, current, proof);
  const isWholeSubtree = Number.isInteger(Math.log2(old.size));
  const path = isWholeSubtree ? [old.root, ...proof] : [...proof];
  if (path.length === 0 || proof.length === 0) return refused("the proof is empty");
  let node = old.size - 1;
  let last = current.size - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  let oldRoot = path[0]!;
  let root = path[0]!;
  for (const sibling of path.slice(1)) {
    if (last === 0) return refused("the proof is too long");
    if (node % 2 === 1 || node === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) return refused("the proof is too short");
  if (!isSameHash(oldRoot, old.root)) return refused("the proof leads to another old root");
  return isSameHash(root, current.root) ? PROVEN : refused("the proof leads to another root");
}

/** From the empty tree, or from a tree to itself: there is nothing to show but equal roots. */
function checkWithoutHashes(old: TreeHead, current: TreeHead, proof: Proof): ProofVerdict {
  if (proof.length > 0) return refused("the proof should be empty");
  const expected = old.size === 0 ? emptyTreeHash() : current.root;
  return isSameHash(old.root, expected) ? PROVEN : refused("the roots of one size differ");
}

type Refusal = Extract<ProofVerdict, { kind: "refused" }>;

function refused(why: string): Refusal {
  return { kind: "refused", why };
}

/** Says whether a number can be a size or an index. */
export function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= tlogLimits.treeLeavesMax.value;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

/** A proof whose hashes were all there, leaf to root. */
function whole(fromTheRoot: readonly (Uint8Array | undefined)[]): Uint8Array[] | undefined {
  const hashes = fromTheRoot.filter((hash) => hash !== undefined);
  return hashes.length === fromTheRoot.length ? hashes.toReversed() : undefined;
}
