/** The scenarios of others, played and compared with the list of those that must pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../../sim/replay-file.ts";
import { compareStatus, haveScenarios, playFile, readStatus, resolvingFiles } from "./status.ts";

const absent = haveScenarios() ? false : "the material of others is not beside this clone";

test("every resolving scenario does what status.json says", { skip: absent }, (t) => {
  const played = new Map(resolvingFiles().map((path) => [path, playFile(path)]));
  const { problems, notes } = compareStatus(readStatus(), played);
  for (const note of notes) t.diagnostic(note);
  assert.deepEqual(problems, []);
});

const pass: Verdict = { kind: "pass", asks: 1, unmatched: 0 };
const fail: Verdict = { kind: "fail", step: 1, why: "differs", difference: ["-a"], unmatched: 0 };
const decided = "skip: docs/decisions/0007-scenarios-that-differ.md § Questions without RD";

const comparisons: [string, Parameters<typeof compareStatus>[0], Verdict, RegExp | undefined][] = [
  ["a pass that passes is fine", { a: "pass" }, pass, undefined],
  ["a pass that fails is a problem", { a: "pass" }, fail, /listed as pass, and fails/],
  ["a file that is not listed is a problem", {}, pass, /not listed/],
  ["a failing file with a decision is fine", { a: decided }, fail, undefined],
  ["a decision that is not written is a problem", { a: `${decided} at all` }, fail, /names no/],
  ["a reason of somebody's own is a problem", { a: "skip: too hard" }, fail, /names no decision/],
  [
    "a pass that cannot be played any more is a problem",
    { a: "pass" },
    { kind: "skip", reason: "needs a feature" },
    /cannot be played/,
  ],
];

for (const [title, list, verdict, problem] of comparisons) {
  test(title, () => {
    const { problems } = compareStatus(list, new Map([["a", verdict]]));
    if (problem === undefined) assert.deepEqual(problems, []);
    else assert.match(problems.join("\n"), problem);
  });
}

test("a skip that passes is noted, and a file that has gone is a problem", () => {
  const { notes } = compareStatus({ a: decided }, new Map([["a", pass]]));
  assert.match(notes.join("\n"), /passes now/);
  const { problems } = compareStatus({ a: "pass" }, new Map());
  assert.match(problems.join("\n"), /listed and not there/);
});
