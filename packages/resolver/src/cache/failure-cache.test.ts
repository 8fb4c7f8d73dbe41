/** Failures: how long they are remembered, and how they are forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Failed } from "./failed.ts";
import { FailureCache } from "./failure-cache.ts";

const FIRST_S = limits.failureFirstTtlS.value;
const MAX_S = limits.failureTtlMaxS.value;
const question = { name: name("www.example"), type: 1, class: 1 };
const failed: Failed = { kind: "failed", why: "servers-fail", errors: [], ttlS: 1 };

function cacheOf(entriesMax = 64): FailureCache {
  return new FailureCache({ entriesMax }, seeded(3));
}

test("a failure is remembered for failureFirstTtlS and no longer", () => {
  const cache = cacheOf();
  cache.note(question, failed, 0);
  assert.equal(cache.find({ ...question, name: name("WWW.example") }, 0)?.ttlS, FIRST_S);
  assert.equal(cache.find(question, FIRST_S * 1000 - 1)?.why, "servers-fail");
  assert.equal(cache.find(question, FIRST_S * 1000), undefined);
  assert.equal(cache.find({ ...question, type: 2 }, 0), undefined);
});

test("a renewed failure is kept twice as long, up to failureTtlMaxS (RFC 9520 §3.2)", () => {
  const cache = cacheOf();
  let nowMs = 0;
  const kept: number[] = [];
  for (let i = 0; i < 9; i++) {
    cache.note(question, failed, nowMs);
    const ttlS = cache.find(question, nowMs)!.ttlS;
    kept.push(ttlS);
    nowMs += ttlS * 1000;
    assert.equal(cache.find(question, nowMs), undefined);
  }
  assert.deepEqual(kept, [5, 10, 20, 40, 80, 160, MAX_S, MAX_S, MAX_S]);
});

test("a question that was resolved since begins anew", () => {
  const cache = cacheOf();
  cache.note(question, failed, 0);
  cache.note(question, failed, 5000);
  cache.forget(question);
  assert.equal(cache.find(question, 5001), undefined);
  cache.note(question, failed, 6000);
  assert.equal(cache.find(question, 6000)?.ttlS, FIRST_S);
});

test("memory is fixed: a flood of failures pushes out the oldest", () => {
  const cache = cacheOf(64);
  for (let i = 0; i < 1000; i++) {
    cache.note({ ...question, name: name(`n${i}`) }, failed, i);
  }
  let found = 0;
  for (let i = 0; i < 1000; i++) {
    if (cache.find({ ...question, name: name(`n${i}`) }, 1000) !== undefined) found++;
  }
  assert.ok(found > 40 && found <= 64, `${found} are left`);
  assert.notEqual(cache.find({ ...question, name: name("n999") }, 1000), undefined);
  cache.clear();
  assert.equal(cache.find({ ...question, name: name("n999") }, 1000), undefined);
});
