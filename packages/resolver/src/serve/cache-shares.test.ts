/** How memory is divided among the caches of everybody and of views. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../base/limits.ts";
import { type MemoryShare, shares } from "./cache-shares.ts";

const MIB = 2 ** 20;
const TABLES = 5;

/** Bytes that a recursor's caches take. */
function bytesOf({ rrsetsBytes, denialBytes }: MemoryShare): number {
  return rrsetsBytes + TABLES * denialBytes;
}

for (const views of [0, 1, 4, limits.viewsMax.value]) {
  test(`with ${views} views that resolve for themselves all memory is used, and no more`, () => {
    const share = shares(256 * MIB, views);
    const all = share.answersBytes + bytesOf(share.everybody) + views * bytesOf(share.view);
    assert.ok(all <= 256 * MIB && all > 255 * MIB, `${all / MIB} MiB`);
  });
}

test("everybody's caches are no smaller with many views than with one", () => {
  const one = shares(64 * MIB, 1);
  const many = shares(64 * MIB, limits.viewsMax.value);
  assert.deepEqual(many.everybody, one.everybody);
  assert.deepEqual(one.view, one.everybody);
  assert.equal(many.answersBytes, one.answersBytes);
});

test("no store is smaller than a store may be", () => {
  const { everybody, view } = shares(limits.cacheBytesMin.value, limits.viewsMax.value);
  for (const { rrsetsBytes } of [everybody, view]) {
    assert.ok(rrsetsBytes >= limits.storeBytesMin.value);
  }
});
