/** Sentinel names are recognised by the letter, and answered by what is trusted (RFC 8509). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { type Sentinel, mayBeSentinel, refusesSentinel, sentinelOf } from "./sentinel.ts";

const A = rrType.A;
const ROWS: readonly (readonly [string, number, Sentinel | undefined])[] = [
  ["root-key-sentinel-is-ta-20326.example", A, { kind: "is-ta", tag: 20326 }],
  ["Root-Key-Sentinel-Not-TA-00042", rrType.AAAA, { kind: "not-ta", tag: 42 }],
  ["root-key-sentinel-is-ta-20326.example", rrType.TXT, undefined],
  ["www.root-key-sentinel-is-ta-20326.example", A, undefined],
  ["root-key-sentinel-is-ta-2032.example", A, undefined],
  ["root-key-sentinel-is-ta-203266.example", A, undefined],
  ["root-key-sentinel-is-ta-65536.example", A, undefined],
  ["", A, undefined],
];

describe("a sentinel", () => {
  for (const [name, type, expected] of ROWS) {
    test(`${name}, type ${type}, is ${expected?.kind ?? "none"}`, () => {
      assert.deepEqual(sentinelOf({ name: plainName(name), type, class: 1 }), expected);
    });
  }
});

test("a name that may be a sentinel is told from its first label alone", () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ["root-key-sentinel-is-ta-20326.example", true],
    ["ROOT-KEY-sentinel-NOT-ta-20326", true],
    // Of the right length: the whole label is read later.
    ["root-key-sentinel-as-ta-20326.example", true],
    ["root-key-sentinel-is-ta-2032.example", false],
    ["moot-key-sentinel-is-ta-20326.example", false],
    ["www.root-key-sentinel-is-ta-20326", false],
    ["", false],
  ];
  for (const [name, expected] of rows) {
    assert.equal(mayBeSentinel(Uint8Array.of(9, ...plainName(name)), 1), expected, name);
  }
});

test("an answer is refused where the claim is false", () => {
  const trusted = [20326, 38696];
  assert.equal(refusesSentinel({ kind: "is-ta", tag: 20326 }, trusted), false);
  assert.equal(refusesSentinel({ kind: "is-ta", tag: 19036 }, trusted), true);
  assert.equal(refusesSentinel({ kind: "not-ta", tag: 20326 }, trusted), true);
  assert.equal(refusesSentinel({ kind: "not-ta", tag: 19036 }, trusted), false);
});
