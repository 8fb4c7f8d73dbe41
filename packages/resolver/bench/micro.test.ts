/** What counts as a regress: a comparison that could not fail would be worse than none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Figure } from "./figure.ts";
import { least, ratioTo, regresses } from "./micro.ts";

const RECORDED: readonly Figure[] = [
  { title: "yardstick", ns: 50 },
  { title: "fast lane", ns: 500, bytes: 0 },
  { title: "a miss", ns: 10_000, bytes: 9000 },
];

function measured(yardstickNs: number, fast: Partial<Figure>, miss: Partial<Figure>): Figure[] {
  return [
    { title: "yardstick", ns: yardstickNs },
    { title: "fast lane", ns: 500, bytes: 0.3, ...fast },
    { title: "a miss", ns: 10_000, bytes: 9000, ...miss },
  ];
}

const CASES: [title: string, now: Figure[], expected: RegExp[]][] = [
  ["the same figures are well", measured(50, {}, {}), []],
  ["a slow machine is no regress", measured(250, { ns: 2500 }, { ns: 50_000 }), []],
  ["four times as dear is one", measured(50, { ns: 2000 }, {}), [/^fast lane: 4.0 ×/]],
  ["a box a question is one", measured(50, { bytes: 16 }, {}), [/^fast lane: allocates 16.0/]],
  ["so is four times the garbage", measured(50, {}, { bytes: 36_000 }), [/^a miss: allocates/]],
  ["a bench that is gone is told", measured(50, {}, {}).slice(0, 2), [/^a miss: recorded, not/]],
];

for (const [title, now, expected] of CASES) {
  test(title, () => {
    const found = regresses(RECORDED, now);
    assert.equal(found.length, expected.length, found.join("; "));
    for (const [i, line] of expected.entries()) assert.match(found[i]!, line);
  });
}

test("a kernel whose calls are dear is no regress", () => {
  const upstream = (ns: number): Figure => ({ title: "upstream: system calls alone", ns });
  const recorded = [...RECORDED, upstream(20_000)];
  const now = [...measured(50, {}, {}), upstream(100_000)];
  assert.deepEqual(regresses(recorded, now), []);
});

test("what was never recorded has no ratio", () => {
  assert.equal(ratioTo([], measured(50, {}, {}), "a miss"), undefined);
});

test("of several rounds the least counts, time and bytes each", () => {
  const rounds = [
    { title: "a", ns: 3, bytes: 1 },
    { title: "a", ns: 2, bytes: 5 },
  ];
  assert.deepEqual(least(rounds), [{ title: "a", ns: 2, bytes: 1 }]);
});
