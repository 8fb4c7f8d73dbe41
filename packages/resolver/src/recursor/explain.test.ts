/** Tests of what clients are told of failures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extendedErrorTitles, rcode } from "@lethe/wire/codes.ts";
import type { Failure } from "../cache/failed.ts";
import { explain, failures } from "./explain.ts";

const expected: [Failure, number][] = [
  ["no-reachable-server", 22],
  ["servers-refuse", 23],
  ["servers-fail", 23],
  ["malformed-replies", 24],
  ["cached-failure", 13],
];

for (const [why, code] of expected) {
  test(`${why} is SERVFAIL with INFO-CODE ${code}`, () => {
    const told = explain({ kind: "failed", why, errors: [], ttlS: 0 });
    assert.equal(told.rcode, rcode.SERVFAIL);
    assert.deepEqual(
      told.errors.map((error) => error.code),
      [code],
    );
  });
}

test("every failure has a counter of its own, a registered code and a text", () => {
  assert.equal(new Set(failures).size, failures.length);
  for (const why of failures) {
    const [error] = explain({ kind: "failed", why, errors: [], ttlS: 0 }).errors;
    assert.ok(extendedErrorTitles.has(error!.code));
    assert.notEqual(error!.text, "");
  }
});
