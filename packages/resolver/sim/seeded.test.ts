/** Dice from a seed: the same each time, and fair enough. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "./seeded.ts";

test("the same seed throws the same, another seed something else", () => {
  const throws = (seed: number): Uint8Array => new Dice(seed).bytes(64);
  assert.deepEqual(throws(7), throws(7));
  assert.notDeepEqual(throws(7), throws(8));
  assert.notDeepEqual(throws(7), throws(7 + 2 ** 32));
});

test("a fork throws on its own", () => {
  const a = new Dice(1);
  const b = new Dice(1);
  const forkA = a.fork();
  const forkB = b.fork();
  a.bytes(100);
  assert.deepEqual(forkA.bytes(8), forkB.bytes(8));
});

test("chance and weights come near what they say", () => {
  const dice = new Dice(3);
  let hits = 0;
  let heavy = 0;
  const rounds = 20_000;
  for (let i = 0; i < rounds; i++) {
    if (dice.chance(0.3)) hits++;
    if (
      dice.weighted([
        [3, "heavy"],
        [1, "light"],
      ]) === "heavy"
    )
      heavy++;
  }
  assert.ok(Math.abs(hits / rounds - 0.3) < 0.02);
  assert.ok(Math.abs(heavy / rounds - 0.75) < 0.02);
});

test("numbers lie between their bounds and reach both", () => {
  const dice = new Dice(4);
  const seen = new Set(Array.from({ length: 200 }, () => dice.between(2, 5)));
  assert.deepEqual(
    [...seen].toSorted((a, b) => a - b),
    [2, 3, 4, 5],
  );
});
