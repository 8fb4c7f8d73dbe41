/** Proofs: published ones, all of small trees, and every way to spoil one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { published } from "../test/published.ts";
import {
  type Proof,
  checkConsistency,
  checkInclusion,
  consistencyProof,
  inclusionProof,
} from "./proof.ts";
import { MerkleTree, leafHash } from "./tree-hash.ts";

const { merkle, rekor, sigsum } = published;
const SMALL = 64;

const leaf = (i: number): Uint8Array => leafHash(Uint8Array.of(i & 0xff, i >> 8));
function treeOf(size: number): MerkleTree {
  const tree = new MerkleTree();
  for (let i = 0; i < size; i++) tree.append(leaf(i));
  return tree;
}
const hex = (proof: Proof | undefined): string[] | undefined => proof?.map((one) => one.toHex());
const fromHex = (proof: readonly string[]): Uint8Array[] =>
  proof.map((one) => Uint8Array.fromHex(one));

const shared = new MerkleTree();
for (const one of merkle.leaves) shared.append(leafHash(Uint8Array.fromHex(one)));

test("makes and takes the published inclusion proofs", () => {
  for (const { index, size, proof } of merkle.inclusion) {
    assert.deepEqual(hex(inclusionProof(index, size, shared.hashAt)), proof);
    const at = leafHash(Uint8Array.fromHex(merkle.leaves[index]!));
    const root = Uint8Array.fromHex(merkle.roots[size - 1]!);
    assert.deepEqual(checkInclusion(index, size, at, fromHex(proof), root), { kind: "proven" });
  }
});

test("makes and takes the published consistency proofs", () => {
  for (const { old, size, proof } of merkle.consistency) {
    assert.deepEqual(hex(consistencyProof(old, size, shared.hashAt)), proof);
    const head = (n: number): { size: number; root: Uint8Array } => ({
      size: n,
      root: Uint8Array.fromHex(merkle.roots[n - 1]!),
    });
    const verdict = checkConsistency(head(old), head(size), fromHex(proof));
    assert.deepEqual(verdict, { kind: "proven" });
  }
});

test("takes the proof of an entry in Sigstore's log", () => {
  const entry = leafHash(Uint8Array.fromBase64(rekor.entry));
  const proof = rekor.proof.map((one) => Uint8Array.fromBase64(one));
  const root = Uint8Array.fromBase64(rekor.root);
  const check = (index: number, hashes: Proof): string =>
    checkInclusion(index, rekor.size, entry, hashes, root).kind;
  assert.equal(check(rekor.index, proof), "proven");
  assert.equal(check(rekor.index - 1, proof), "refused");
  assert.equal(check(rekor.index, proof.slice(1)), "refused");
});

test("takes the consistency proofs that a witness's tests carry", () => {
  const heads = sigsum.heads.map(({ size, root }) => ({ size, root: Uint8Array.fromHex(root) }));
  for (const { old, size, proof } of sigsum.proofs) {
    const verdict = checkConsistency(heads[old]!, heads[size]!, fromHex(proof));
    assert.deepEqual(verdict, { kind: "proven" });
  }
});

test(`proves every leaf of every tree of up to ${SMALL} leaves, and no other leaf by that`, () => {
  const tree = treeOf(SMALL);
  for (let size = 1; size <= SMALL; size++) {
    const root = tree.root(size)!;
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(index, size, tree.hashAt)!;
      assert.equal(checkInclusion(index, size, leaf(index), proof, root).kind, "proven");
      assert.equal(checkInclusion(index, size, leaf(index + 1), proof, root).kind, "refused");
      for (let other = 0; other < size; other++) {
        if (other === index) continue;
        assert.equal(checkInclusion(other, size, leaf(index), proof, root).kind, "refused");
      }
      for (const bad of spoiled(proof, root)) {
        assert.equal(checkInclusion(index, size, leaf(index), bad, root).kind, "refused");
      }
    }
  }
});

test(`proves every pair of trees of up to ${SMALL} leaves, and no other pair by that`, () => {
  const tree = treeOf(SMALL);
  const heads = Array.from({ length: SMALL + 1 }, (_, size) => ({ size, root: tree.root(size)! }));
  for (let size = 0; size <= SMALL; size++) {
    for (let old = 0; old <= size; old++) {
      const proof = consistencyProof(old, size, tree.hashAt)!;
      const now = heads[size]!;
      const before = heads[old]!;
      assert.equal(checkConsistency(before, now, proof).kind, "proven", `${old} ${size}`);
      assert.equal(checkConsistency(now, before, proof).kind, old === size ? "proven" : "refused");
      for (const bad of spoiled(proof, now.root)) {
        assert.equal(checkConsistency(before, now, bad).kind, "refused", `${old} ${size}`);
      }
      for (const wrong of [old - 1, old + 1, size + 1]) {
        if (wrong === old || (old === 0 && wrong === 0)) continue;
        const moved = { size: wrong, root: before.root };
        assert.equal(checkConsistency(moved, now, proof).kind, "refused", `${wrong} ${size}`);
      }
      const forged = { size: old, root: leaf(1000) };
      assert.equal(checkConsistency(forged, now, proof).kind, "refused");
    }
  }
});

test("finds a history of which one leaf was exchanged", () => {
  const honest = treeOf(40);
  for (let changed = 0; changed < 30; changed++) {
    const forked = new MerkleTree();
    for (let i = 0; i < 50; i++) forked.append(leaf(i === changed ? 999 : i));
    const old = { size: 30, root: honest.root(30)! };
    const proof = consistencyProof(30, 50, forked.hashAt)!;
    assert.equal(checkConsistency(old, { size: 50, root: forked.root()! }, proof).kind, "refused");
  }
});

test("proves leaves of trees of any size, out of a source that has every hash", () => {
  // In this tree all leaves are one: each complete subtree has one hash by its level.
  const levels = [leaf(0)];
  const one = new MerkleTree();
  one.append(leaf(0));
  for (let level = 1; level < 53; level++) {
    const pair = new MerkleTree();
    pair.append(levels[level - 1]!);
    pair.append(levels[level - 1]!);
    levels.push(pair.root()!);
  }
  const read = (level: number): Uint8Array | undefined => levels[level];
  const sizes = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      const proof = inclusionProof(small - 1, large, read)!;
      const root = rootOf(large);
      assert.equal(checkInclusion(small - 1, large, leaf(0), proof, root).kind, "proven");
      const between = consistencyProof(small, large, read)!;
      assert.ok(between.length <= 63);
      const old = { size: small, root: rootOf(small) };
      assert.equal(checkConsistency(old, { size: large, root }, between).kind, "proven");
    }),
    { numRuns: 200 },
  );
  function rootOf(size: number): Uint8Array {
    // The first leaf's proof leads to the root, whichever way it was made.
    const proof = consistencyProof(1, size, read)!;
    const tree = new MerkleTree();
    tree.append(leaf(0));
    let root = tree.root()!;
    for (const sibling of proof) {
      const pair = new MerkleTree();
      pair.append(root);
      pair.append(sibling);
      root = pair.root()!;
    }
    return root;
  }
});

test("refuses sizes, indices and hashes that cannot be", () => {
  const tree = treeOf(8);
  const root = tree.root()!;
  for (const bad of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.equal(inclusionProof(bad, 8, tree.hashAt), undefined);
    assert.equal(inclusionProof(0, bad, tree.hashAt), undefined);
    assert.equal(consistencyProof(bad, 8, tree.hashAt), undefined);
    assert.equal(consistencyProof(1, bad, tree.hashAt), undefined);
    assert.equal(checkInclusion(bad, 8, leaf(0), [], root).kind, "refused");
    assert.equal(checkInclusion(0, bad, leaf(0), [], root).kind, "refused");
    const head = { size: bad, root };
    assert.equal(checkConsistency(head, { size: 8, root }, []).kind, "refused");
    assert.equal(checkConsistency({ size: 1, root }, head, []).kind, "refused");
  }
  assert.equal(inclusionProof(8, 8, tree.hashAt), undefined);
  assert.equal(inclusionProof(0, 9, tree.hashAt), undefined);
  assert.equal(consistencyProof(9, 8, tree.hashAt), undefined);
  assert.equal(checkInclusion(0, 1, root.subarray(1), [], root.subarray(1)).kind, "refused");
  const empty = { size: 0, root };
  assert.equal(checkConsistency(empty, { size: 8, root }, []).kind, "refused");
});

/** A proof with one thing wrong with it. */
function spoiled(proof: Proof, root: Uint8Array): Uint8Array[][] {
  const bad = [
    [...proof, root],
    [root, ...proof],
    [...proof, new Uint8Array()],
    [...proof, new Uint8Array(31)],
  ];
  if (proof.length > 0) bad.push(proof.slice(1), proof.slice(0, -1), [proof[0]!, ...proof]);
  for (let i = 0; i < proof.length; i++) {
    const flipped = proof[i]!.slice();
    flipped[i % 32]! ^= 8;
    bad.push(proof.with(i, flipped));
  }
  return bad;
}
