/** Hostile worlds: some of them here, a thousand with `lethe replay --seeds 1..1000`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { playHostile } from "./hostile.ts";

const WORLDS = 60;

test(`in ${WORLDS} hostile worlds every client is answered once, in time, and never wrongly`, () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    const verdict = playHostile(seed);
    assert.equal(verdict.kind, "pass", JSON.stringify(verdict, null, 2));
  }
});

/** Each of these worlds has found a mistake once; the title says which. */
const LESSONS: readonly (readonly [string, number])[] = [
  ["all who wait for one task are answered", 57],
  ["a stream is waited for longer than a datagram", 108],
  ["a server that always truncates is reached again and again", 239],
  ["a CNAME question below a DNAME gets both records", 272],
  ["and does so where the DNAME leads into itself", 281],
];

for (const [title, seed] of LESSONS) {
  test(`${title} (seed ${seed})`, () => {
    const verdict = playHostile(seed);
    assert.equal(verdict.kind, "pass", JSON.stringify(verdict, null, 2));
  });
}

test("a seed makes the same world and the same run each time", () => {
  const run = (): string[] => {
    const lines: string[] = [];
    playHostile(12, (line) => lines.push(line));
    return lines;
  };
  const first = run();
  assert.ok(first.length > 100);
  assert.deepEqual(run(), first);
});
