/** Scenarios about rollovers of trust anchors: what is expected of the state is really compared. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { replay } from "./replay-file.ts";

const MATERIAL =
  process.env["LETHE_MATERIAL"] ?? join(import.meta.dirname, "../../../../shared/material");
const file = join(MATERIAL, "scenarios/unbound-autotrust/autotrust_addpend_2exceed.rpl");
const skip = existsSync(file) ? false : "the material of others is not beside this clone";
const text = existsSync(file) ? readFileSync(file, "utf8") : "";

describe("a rollover", { skip }, () => {
  test("passes as it is", () => {
    assert.equal(replay(text).kind, "pass");
  });
  const altered: readonly (readonly [string, string, string])[] = [
    ["another state", "state=3 [ MISSING ]", "state=2 [  VALID  ]"],
    ["another time of a change", "lastchange=${$t4}", "lastchange=${$t2}"],
    ["another number of sightings", "count=2", "count=3"],
    ["another time of the last success", "last_success: ${$t1}", "last_success: ${$t0}"],
    ["another time of the next look", "${$t2 + $probe2}", "${$t2 + $probe2 + 1}"],
    ["an earlier next look", "${range 4800 ${timeout} 5400}", "${range 4800 ${timeout} 5000}"],
    ["more time that passes", "EVAL ${21*24*3600}", "EVAL ${19*24*3600}"],
    ["a variable that nobody gave", "ASSIGN t1 =", "ASSIGN t8 ="],
    ["a set that is signed otherwise", "20091124111500 20091018111500 60946", "0 0 60946"],
  ];
  for (const [title, from, to] of altered) {
    test(`fails with ${title}`, () => {
      assert.ok(text.includes(from));
      assert.equal(replay(text.replace(from, to)).kind, "fail");
    });
  }
  test("fails without the key that must be there", () => {
    const at = text.lastIndexOf("example.com.\t10800\tIN\tDNSKEY");
    assert.equal(replay(text.slice(0, at) + text.slice(text.indexOf("\n", at))).kind, "fail");
  });
});
