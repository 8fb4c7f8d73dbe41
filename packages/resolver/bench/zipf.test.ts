/** The mixed load's numbers: popular ones often, and the same for all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Zipf } from "./zipf.ts";

test("the first number is asked for about twice as often as the second, and so on", () => {
  const zipf = new Zipf(1000);
  const counts = new Uint32Array(1000);
  for (let i = 0; i < 200_000; i++) counts[zipf.next()]!++;
  const expected = 200_000 / 7.4855; // the sum of 1/n up to 1000
  for (const n of [1, 2, 4, 10]) {
    const ratio = counts[n - 1]! / (expected / n);
    assert.ok(ratio > 0.95 && ratio < 1.05, `${n}: ${ratio}`);
  }
});

test("two of them give the same numbers", () => {
  const [a, b] = [new Zipf(50), new Zipf(50)];
  for (let i = 0; i < 100; i++) assert.equal(a.next(), b.next());
});
