/** Which part of a name is shown to whom (RFC 9156 §2.3). */
import { rrType } from "@lethe/wire/codes.ts";
import { labelCount } from "@lethe/wire/name.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { showMore, shownAtCut, shownQuestion } from "./minimise.ts";

function parts(qname: string, zone: string): string[] {
  const question = { name: name(qname), type: rrType.MX, class: 1 };
  const seen: string[] = [];
  let shown = shownAtCut(name(zone), 0);
  do {
    shown = showMore(question, shown);
    const part = shownQuestion(question, shown);
    seen.push(`${text(part.name)} ${part.type}`);
  } while (shown.labels < labelCount(question.name));
  return seen;
}

const CASES: [title: string, qname: string, zone: string, expected: string[]][] = [
  ["one label is shown whole, with its type", "com", ".", ["com. 15"]],
  ["a label more each time", "a.b.com", ".", ["com. 1", "b.com. 1", "a.b.com. 15"]],
  ["it begins below the zone", "a.b.com", "com", ["b.com. 1", "a.b.com. 15"]],
  ["the apex itself is shown whole", "com", "com", ["com. 15"]],
];

for (const [title, qname, zone, expected] of CASES) {
  test(title, () => assert.deepEqual(parts(qname, zone), expected));
}

test("a long name takes minimiseStepsMax steps, minimiseOneLabelSteps of one label", () => {
  const seen = parts(Array.from({ length: 100 }, (_, i) => `${i % 10}`).join("."), ".");
  assert.equal(seen.length, limits.minimiseStepsMax.value);
  const labels = seen.map((part) => part.split(".").length - 1);
  const oneByOne = limits.minimiseOneLabelSteps.value;
  assert.deepEqual(labels.slice(0, oneByOne), [1, 2, 3, 4].slice(0, oneByOne));
  assert.ok(labels[oneByOne]! > oneByOne + 1);
});
