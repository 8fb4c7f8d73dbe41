/** Padding: queries of any name have one of a few lengths, and are read as before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findOption, optionCode } from "@lethe/wire/edns.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { writeQuery } from "../recursor/query.ts";
import { SystemRandom } from "../system/random.ts";
import { questionEnd } from "./match.ts";
import { paddedQuery } from "./padding.ts";

const block = limits.queryPaddingBytes.value;

function queryOf(labels: number, lengthBytes: number, edns = true): Uint8Array {
  const label = "a".repeat(lengthBytes);
  const asked = name(Array.from({ length: labels }, () => label).join("."));
  const form = { edns, randomCase: false, recursionDesired: true };
  return writeQuery({ name: asked, type: 1, class: 1 }, form, new SystemRandom());
}

test("names of every length become a few lengths, and nothing else of the query changes", () => {
  const lengths = new Set<number>();
  for (let labels = 0; labels <= 4; labels++) {
    for (let lengthBytes = 1; lengthBytes <= 62; lengthBytes++) {
      const query = queryOf(labels, lengthBytes);
      const padded = paddedQuery(query, questionEnd(query));
      assert.equal(padded.length % block, 0);
      lengths.add(padded.length);
      const [before, after] = [readMessage(query), readMessage(padded)];
      assert.ok(before.kind === "message" && after.kind === "message");
      assert.deepEqual(after.questions, before.questions);
      assert.equal(after.opt?.udpSize, before.opt?.udpSize);
      assert.equal(after.opt?.dnssecOk, before.opt?.dnssecOk);
      const padding = findOption(after.opt, optionCode.padding);
      assert.ok(padding?.data.every((byte) => byte === 0));
    }
  }
  assert.deepEqual(
    [...lengths].toSorted((a, b) => a - b),
    [block, 2 * block, 3 * block],
  );
});

test("a query without an OPT record has no place for padding", () => {
  const query = queryOf(2, 10, false);
  assert.equal(paddedQuery(query, questionEnd(query)), query);
});
