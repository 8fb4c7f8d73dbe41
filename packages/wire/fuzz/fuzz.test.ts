/** A short run of the fuzzer, the same each time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { corpora, fuzz } from "./fuzz.ts";

test("two thousand mutated inputs break no reader", () => {
  assert.deepEqual(fuzz(corpora(), 2000, 1), undefined);
});
