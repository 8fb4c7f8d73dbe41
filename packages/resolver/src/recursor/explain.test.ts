/** Tests of what clients are told of failures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extendedErrorTitles, rcode } from "@lethe/wire/codes.ts";
import type { Failure } from "../cache/failed.ts";
import { explain, failures } from "./explain.ts";

const expected: [Failure, number][] = [
  ["no-reachable-server", 22],
  ["servers-refuse", 22],
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

test("every failure has a counter of its own and a registered code", () => {
  assert.equal(new Set(failures).size, failures.length);
  for (const why of failures) {
    const [error] = explain({ kind: "failed", why, errors: [], ttlS: 0 }).errors;
    assert.ok(extendedErrorTitles.has(error!.code));
  }
});

test("what a failure says of itself stands for the table; a remembered one says both", () => {
  const errors = [{ code: 23, text: "192.0.2.1:53 rcode=REFUSED for example. A" }];
  const codes = (why: Failure): number[] =>
    explain({ kind: "failed", why, errors, ttlS: 0 }).errors.map(({ code }) => code);
  assert.deepEqual(codes("servers-refuse"), [23]);
  assert.deepEqual(codes("cached-failure"), [23, 13]);
});
