/** Trees against the roots that CT's implementations share, and against the definition. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { published } from "../test/published.ts";
import {
  MerkleTree,
  emptyTreeHash,
  isSameHash,
  leafHash,
  nodeHash,
  rangeHash,
  splitOf,
} from "./tree-hash.ts";

const { merkle } = published;

/** MTH(D) as RFC 9162 §2.1.1 writes it, over a list. */
function definition(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyTreeHash();
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(definition(hashes.slice(0, split)), definition(hashes.slice(split)));
}

test("hashes nothing, a leaf and a node as published", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  assert.equal(emptyTreeHash().toHex(), merkle.emptyRoot);
  assert.equal(leafHash(bytes("L123456")).toHex(), merkle.leafL123456);
  assert.equal(nodeHash(bytes("N123"), bytes("N456")).toHex(), merkle.nodeN123N456);
});

test("grows to the published roots", () => {
  const tree = new MerkleTree();
  assert.equal(tree.root()?.toHex(), merkle.emptyRoot);
  for (const [i, leaf] of merkle.leaves.entries()) {
    tree.append(leafHash(Uint8Array.fromHex(leaf)));
    assert.equal(tree.root()?.toHex(), merkle.roots[i]);
  }
  for (const [i, root] of merkle.roots.entries()) assert.equal(tree.root(i + 1)?.toHex(), root);
});

test("has the root of the definition at every size up to 300, and at every earlier size", () => {
  const tree = new MerkleTree();
  const hashes: Uint8Array[] = [];
  for (let size = 1; size <= 300; size++) {
    hashes.push(leafHash(Uint8Array.of(size & 0xff, size >> 8)));
    tree.append(hashes.at(-1)!);
    assert.equal(tree.size, size);
    if (size > 64 && size % 37 !== 0) continue;
    assert.deepEqual(tree.root(), definition(hashes));
    for (let old = 0; old < size; old += 7) {
      assert.deepEqual(tree.root(old), definition(hashes.slice(0, old)));
    }
  }
});

test("gives no hash of what is not complete, and no root of what is not there", () => {
  const tree = new MerkleTree();
  for (let i = 0; i < 5; i++) tree.append(leafHash(Uint8Array.of(i)));
  assert.notEqual(tree.hashAt(2, 0), undefined);
  assert.equal(tree.hashAt(2, 1), undefined);
  assert.equal(tree.hashAt(0, 5), undefined);
  assert.equal(tree.hashAt(0, -1), undefined);
  assert.equal(tree.hashAt(7, 0), undefined);
  assert.equal(tree.root(6), undefined);
  assert.equal(rangeHash(4, 7, tree.hashAt), undefined);
});

test("splits at the greatest power of two below the size", () => {
  const table: readonly (readonly [number, number])[] = [
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [2 ** 40, 2 ** 39],
    [2 ** 40 + 1, 2 ** 40],
    [2 ** 53 - 1, 2 ** 52],
  ];
  for (const [size, split] of table) assert.equal(splitOf(size), split);
});

test("compares hashes by length and by every byte", () => {
  const hash = leafHash(Uint8Array.of(1));
  const other = hash.slice();
  assert.ok(isSameHash(hash, other));
  other[31]! ^= 1;
  assert.ok(!isSameHash(hash, other));
  assert.ok(!isSameHash(hash, hash.subarray(1)));
});
