/** The names by which a zone learns which of its keys are trusted (RFC 8145 §5.1). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { limits } from "../base/limits.ts";
import { keyTagQuery } from "./key-tag-query.ts";

const max = limits.keyTagsPerSignalMax.value;
const many = Array.from({ length: max + 1 }, (_, i) => 0x1000 + i);

const rows: readonly (readonly [string, string, readonly number[], string | undefined])[] = [
  ["one key of the root", "", [17476], "_ta-4444."],
  ["short tags are padded", "", [999], "_ta-03e7."],
  ["tags are sorted", "example.com", [1589, 43547, 31406], "_ta-0635-7aae-aa1b.example.com."],
  ["no key, no question", "example.com", [], undefined],
  ["no room in the name", `${"a.".repeat(125)}a`, [1], undefined],
];

describe("RFC 8145 §5.1", () => {
  for (const [title, zone, tags, expected] of rows) {
    test(title, () => {
      const question = keyTagQuery(plainName(zone), tags);
      assert.equal(question && nameToText(question.name), expected);
      assert.equal(question?.type ?? 10, 10);
    });
  }
  test("as many tags as a label has room for", () => {
    for (const tags of [many.slice(0, max), many]) {
      const question = keyTagQuery(plainName(""), tags)!;
      assert.equal(question.name[0], "_ta-".length + 5 * max - 1);
    }
  });
});
