/** Tiles: their paths, which there are, and every proof out of nothing but tiles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tlogLimits } from "./limits.ts";
import { checkConsistency, checkInclusion, consistencyProof, inclusionProof } from "./proof.ts";
import {
  type Tile,
  isTileOf,
  parseTile,
  parseTilePath,
  tileAt,
  tileBytes,
  tilePath,
  tileReader,
  tilesOf,
} from "./tile.ts";
import { MerkleTree, leafHash, rootHash } from "./tree-hash.ts";

const full = tlogLimits.tileHashesMax.value;

test("writes the paths of tlog-tiles and reads them again", () => {
  const table: readonly (readonly [string, Tile])[] = [
    ["tile/0/000", { level: 0, index: 0, width: 256 }],
    ["tile/0/x001/x234/067", { level: 0, index: 1234067, width: 256 }],
    ["tile/1/001.p/17", { level: 1, index: 1, width: 17 }],
    ["tile/63/x123/x456/078.p/255", { level: 63, index: 123456078, width: 255 }],
    ["tile/entries/x001/000", { level: "entries", index: 1000, width: 256 }],
    ["tile/entries/273.p/112", { level: "entries", index: 273, width: 112 }],
  ];
  for (const [path, tile] of table) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  }
});

test("reads no other path: tileLevelMax and tileHashesMax bound it", () => {
  assert.notEqual(parseTilePath(`tile/${tlogLimits.tileLevelMax.value}/000`), undefined);
  const paths = [
    `tile/${tlogLimits.tileLevelMax.value + 1}/000`,
    `tile/0/000.p/${full}`,
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/0/000.p/1/",
    "tile/00/000",
    "tile/01/000",
    "tile/-1/000",
    "tile/data/000",
    "tile/8/0/000",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/001/001",
    "tile/0/x001/x001",
    "tile/0/x999/x999/x999/x999/x999/999",
    `tile/0/${"x001/".repeat(10_000)}001`,
    "tile/0/000\n",
    "/tile/0/000",
    "tile/0/../0/000",
    "tile/0/%30%30%30",
    "TILE/0/000",
    "",
  ];
  for (const path of paths) assert.equal(parseTilePath(path), undefined, path.slice(0, 60));
});

test("any text that reads as a tile is the one path of that tile", () => {
  const text = fc.stringMatching(/^tile\/[0-9a-z]{1,7}\/[x0-9/]{0,14}(\.p\/[0-9]{0,4})?$/);
  fc.assert(
    fc.property(text, (path) => {
      const tile = parseTilePath(path);
      assert.ok(tile === undefined || tilePath(tile) === path);
    }),
  );
});

test("has the tiles that tlog-tiles counts for 70,000 leaves, and for 256", () => {
  const count = (size: number, level: Tile["level"], partial?: number): number =>
    [...tilesOf(size)].filter((tile) => tile.level === level && tile.width === (partial ?? full))
      .length;
  assert.equal(count(70_000, 0), 273);
  assert.equal(count(70_000, 0, 112), 1);
  assert.equal(count(70_000, 1), 1);
  assert.equal(count(70_000, 1, 17), 1);
  assert.equal(count(70_000, 2, 1), 1);
  assert.equal(count(70_000, "entries"), 273);
  assert.equal([...tilesOf(70_000)].length, 273 + 1 + 1 + 1 + 1 + 273 + 1);
  const paths = [...tilesOf(256)].map(tilePath);
  assert.deepEqual(paths, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
  assert.deepEqual([...tilesOf(0)], []);
});

test("the tiles of two sizes are those of the smaller and those since", () => {
  fc.assert(
    fc.property(fc.nat(70_000), fc.nat(70_000), (a, b) => {
      const [old, size] = [Math.min(a, b), Math.max(a, b)];
      const before = new Set([...tilesOf(old)].map(tilePath));
      const since = [...tilesOf(size, old)].map(tilePath);
      for (const path of since) assert.ok(!before.has(path), path);
      const all = new Set([...before, ...since]);
      for (const tile of tilesOf(size)) assert.ok(all.has(tilePath(tile)));
      for (const path of all) assert.ok(isTileOf(parseTilePath(path)!, size));
    }),
    { numRuns: 30 },
  );
});

test("no tile beyond the tree is its own", () => {
  assert.ok(isTileOf({ level: 0, index: 0, width: 5 }, 5));
  assert.ok(!isTileOf({ level: 0, index: 0, width: 6 }, 5));
  assert.ok(!isTileOf({ level: 1, index: 0, width: 1 }, 255));
  assert.ok(isTileOf({ level: 1, index: 0, width: 1 }, 256));
  assert.ok(!isTileOf({ level: 63, index: 0, width: 1 }, Number.MAX_SAFE_INTEGER));
  assert.equal(tileAt(0, 5, 5), undefined);
  assert.equal(tileAt(0, -1, 5), undefined);
  assert.deepEqual(tileAt(1, 256, 2 ** 20), { level: 1, index: 1, width: 256 });
});

test("makes every proof of a tree of 1,000 leaves out of its tiles alone", () => {
  const tree = new MerkleTree();
  for (let i = 0; i < 1000; i++) tree.append(leafHash(Uint8Array.of(i & 0xff, i >> 8)));
  const files = new Map<string, Uint8Array>();
  for (const tile of tilesOf(1000)) {
    if (tile.level !== "entries") files.set(tilePath(tile), tileBytes(tile, tree.hashAt)!);
  }
  const read = tileReader(1000, (tile) => files.get(tilePath(tile)));
  assert.deepEqual(rootHash(1000, read), tree.root());
  const head = { size: 1000, root: tree.root()! };
  for (let i = 0; i < 1000; i += 13) {
    const proof = inclusionProof(i, 1000, read)!;
    const leaf = leafHash(Uint8Array.of(i & 0xff, i >> 8));
    assert.equal(checkInclusion(i, 1000, leaf, proof, head.root).kind, "proven");
    const old = { size: i, root: tree.root(i)! };
    assert.equal(checkConsistency(old, head, consistencyProof(i, 1000, read)!).kind, "proven");
  }
  files.delete("tile/0/002");
  assert.equal(inclusionProof(513, 1000, read), undefined);
  assert.equal(rootHash(1000, read)?.length, 32);
});

test("a tile has exactly the bytes that its width says", () => {
  const tile: Tile = { level: 0, index: 0, width: 2 };
  assert.equal(parseTile(tile, new Uint8Array(64))?.length, 2);
  for (const length of [0, 32, 63, 65, 96]) {
    assert.equal(parseTile(tile, new Uint8Array(length)), undefined);
  }
  assert.equal(
    tileBytes({ ...tile, level: "entries" }, () => new Uint8Array(32)),
    undefined,
  );
  assert.equal(
    tileBytes(tile, () => undefined),
    undefined,
  );
});
