/** What the reference says can be proven, in a small signed tree by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { authorityZone } from "./hostile-host.ts";
import { HostileSigning, type Truth, weakest } from "./hostile-signing.ts";
import { type TreeZone, makeTree, nameOf } from "./hostile-tree.ts";
import { Dice } from "./seeded.ts";
import { find } from "./zone.ts";

/** Signed trees of some seeds, with every zone and how far the chain of trust reaches to it. */
function standings(seeds: number): [TreeZone, HostileSigning, Truth][] {
  return Array.from({ length: seeds }, (_, seed) => {
    const tree = makeTree(new Dice(seed));
    const signing = new HostileSigning(tree, new Dice(seed));
    return tree.zones.map((zone): [TreeZone, HostileSigning, Truth] => [
      zone,
      signing,
      signing.standingOf(zone),
    ]);
  }).flat();
}

test("zones of every standing occur, and none is better than the one above it", () => {
  const all = standings(30);
  const kinds = new Set(all.map(([, , truth]) => truth));
  assert.deepEqual([...kinds].toSorted(), ["bogus", "insecure", "secure"]);
  for (const [zone, signing, truth] of all) {
    if (zone.parent === undefined) assert.equal(truth, "secure");
    else if (signing.standingOf(zone.parent) !== "secure") {
      assert.equal(truth, signing.standingOf(zone.parent));
    }
  }
});

test("a secure zone has keys, and its parent vouches for it", () => {
  for (const [zone, signing, truth] of standings(3)) {
    if (truth !== "secure" || zone.parent === undefined) continue;
    const at = nameOf(zone.apex);
    const own = find(authorityZone(zone, signing), at, rrType.DNSKEY);
    assert.ok(own.kind === "node" && own.node.sets.has(rrType.DNSKEY));
    const above = find(authorityZone(zone.parent, signing), at, rrType.DS);
    assert.ok(above.kind === "node" && above.node.sets.has(rrType.DS));
  }
});

test("the weakest piece decides", () => {
  assert.equal(weakest([]), "secure");
  assert.equal(weakest(["secure", "secure or insecure"]), "secure or insecure");
  assert.equal(weakest(["secure or insecure", "insecure"]), "insecure");
  assert.equal(weakest(["insecure", "bogus", "secure"]), "bogus");
});
