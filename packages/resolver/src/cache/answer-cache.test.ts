/** Tests of packed answers in the cache: keys, ages, expiry, and the layout read back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { flag } from "@lethe/wire/header.ts";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { AnswerCache, variantOf } from "./answer-cache.ts";
import { type AnswerParts, noRotation, packAnswer, packedAnswer } from "./packed-answer.ts";

const question = { name: name("www.example"), type: 1, class: 1 };
const parts: AnswerParts = {
  ttlS: 60,
  flags: flag.qr | flag.ad,
  rcode: 0x123,
  counts: [1, 2, 3],
  body: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  ttlPlaces: [4, 1],
  rotation: { at: 2, records: 2, bytes: 3 },
  errors: [{ code: 22, text: "x" }],
};

function newCache(): AnswerCache {
  return new AnswerCache({ sizeBytes: 1 << 17 }, seeded(1));
}

function find(
  cache: AnswerCache,
  plain: string,
  type: number,
  variant: number,
  nowMs: number,
): number {
  const frame = Uint8Array.of(0xff, ...new TextEncoder().encode(plain));
  return cache.find(frame, 1, frame.length - 1, type, 1, variant, nowMs);
}

const wire = "\u0003wWw\u0007Example\0";

test("a packed answer is read back as it was written", () => {
  const packed = Uint8Array.of(0, 0, 0, ...packAnswer(parts));
  assert.equal(packedAnswer.ttlS(packed, 3), 60);
  assert.equal(packedAnswer.flags(packed, 3), flag.qr | flag.ad | 3);
  assert.equal(packedAnswer.extendedRcode(packed, 3), 0x12);
  assert.equal(packedAnswer.answerCount(packed, 3), 1);
  assert.equal(packedAnswer.authorityCount(packed, 3), 2);
  assert.equal(packedAnswer.additionalCount(packed, 3), 3);
  assert.equal(packedAnswer.rotationAt(packed, 3), 2);
  assert.equal(packedAnswer.rotationRecords(packed, 3), 2);
  assert.equal(packedAnswer.rotationBytes(packed, 3), 3);
  assert.equal(packedAnswer.ttlPlaces(packed, 3), 2);
  assert.equal(packed[packedAnswer.ttlPlaceAt(3, 0) + 1], 4);
  const bodyAt = packedAnswer.bodyAt(packed, 3);
  const end = bodyAt + packedAnswer.bodyBytes(packed, 3);
  assert.deepEqual(packed.slice(bodyAt, end), parts.body);
  assert.deepEqual(packed.slice(end), Uint8Array.of(0, 15, 0, 3, 0, 22, 120));
  assert.equal(packedAnswer.optionBytes(packed, 3), 7);
});

test("an answer is found in any letter case, by type and variant", () => {
  const cache = newCache();
  const variant = variantOf(true, false, 5);
  cache.store(question, variant, packAnswer(parts), 0);
  const entry = find(cache, wire, 1, variant, 0);
  assert.equal(packedAnswer.ttlS(cache.bytes, cache.placeOf(entry)), 60);
  assert.equal(find(cache, wire, 28, variant, 0), -1);
  assert.equal(find(cache, "\u0003wWx\u0007Example\0", 1, variant, 0), -1);
  for (const [dnssecOk, cd, view] of [
    [false, false, 5],
    [true, true, 5],
    [true, false, 4],
  ] as const) {
    assert.equal(find(cache, wire, 1, variantOf(dnssecOk, cd, view), 0), -1);
  }
});

test("an answer ages by whole seconds, and is gone when its smallest TTL is", () => {
  const cache = newCache();
  cache.store(question, 0, packAnswer(parts), 1000);
  const age = (nowMs: number): number => cache.ageS(find(cache, wire, 1, 0, nowMs), nowMs);
  assert.deepEqual([1000, 1999, 2000, 60_999].map(age), [0, 0, 1, 59]);
  assert.equal(find(cache, wire, 1, 0, 61_000), -1);
});

test("an answer without a TTL is not kept", () => {
  const cache = newCache();
  cache.store(question, 0, packAnswer({ ...parts, ttlS: 0, rotation: noRotation }), 0);
  assert.equal(find(cache, wire, 1, 0, 0), -1);
  assert.equal(cache.stats.entries, 0);
});

test("answers to a name are forgotten in all variants, and nothing else is", () => {
  const cache = newCache();
  const packed = packAnswer(parts);
  for (const variant of [0, 1, 2]) cache.store(question, variant, packed, 0);
  cache.store({ ...question, name: name("example") }, 0, packed, 0);
  assert.equal(cache.removeName(question.name), 3);
  assert.equal(cache.stats.entries, 1);
  cache.clear();
  assert.equal(cache.stats.entries, 0);
});

test("an answer is due in the last tenth of its TTL, until somebody claims it", () => {
  const cache = newCache();
  cache.store(question, 2, packAnswer(parts), 0);
  const entry = find(cache, wire, 1, 2, 0);
  assert.deepEqual(
    [0, 53, 54, 60].map((ageS) => cache.isDue(entry, ageS)),
    [false, false, true, true],
  );
  assert.deepEqual(cache.questionOf(entry), question);
  assert.equal(cache.variantIn(entry), 2);
  assert.deepEqual([cache.claim(entry), cache.claim(entry)], [true, false]);
  assert.equal(cache.isDue(entry, 60), false);
  cache.release(question, 2);
  assert.equal(cache.isDue(entry, 60), true);
});

test("an answer that lasts less than renewedTtlMinS is never due", () => {
  for (const [ttlS, expected] of [
    [limits.renewedTtlMinS.value, true],
    [limits.renewedTtlMinS.value - 1, false],
  ] as const) {
    const cache = newCache();
    cache.store(question, 0, packAnswer({ ...parts, ttlS }), 0);
    assert.equal(cache.isDue(find(cache, wire, 1, 0, 0), ttlS), expected);
  }
});

test("an answer without a TTL ends what was kept before it", () => {
  const cache = newCache();
  cache.store(question, 0, packAnswer(parts), 0);
  cache.store(question, 0, packAnswer({ ...parts, ttlS: 0 }), 0);
  assert.equal(find(cache, wire, 1, 0, 0), -1);
});
