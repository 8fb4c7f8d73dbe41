/** The one spelling of numbers, base64 and UTF-8. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBase64, parseDecimal, parseUtf8, toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";

test("reads counts in one spelling, up to treeLeavesMax", () => {
  const max = tlogLimits.treeLeavesMax.value;
  const table: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["1", 1],
    ["20852163", 20852163],
    [String(max), max],
    [String(BigInt(max) + 1n), undefined],
    ["18446744073709551615", undefined],
    ["", undefined],
    ["00", undefined],
    ["01", undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["1.0", undefined],
    [" 1", undefined],
    ["1\n", undefined],
    ["\u0661", undefined],
  ];
  for (const [text, expected] of table) assert.equal(parseDecimal(text), expected, text);
});

test("reads base64 in one spelling", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["", ""],
    ["AA==", "00"],
    ["AAA=", "0000"],
    ["+/+/", "fbffbf"],
    ["AB==", undefined],
    ["AAB=", undefined],
    ["AA", undefined],
    ["AA=", undefined],
    ["A===", undefined],
    ["AA==AA==", undefined],
    ["_-_-", undefined],
    ["AAA\n", undefined],
    [" AAA", undefined],
  ];
  for (const [text, expected] of table) assert.equal(parseBase64(text)?.toHex(), expected, text);
});

test("reads UTF-8 strictly and keeps a byte order mark", () => {
  assert.equal(parseUtf8(Uint8Array.of(0xff)), undefined);
  assert.equal(parseUtf8(Uint8Array.of(0xc0, 0x80)), undefined);
  assert.equal(parseUtf8(Uint8Array.of(0xed, 0xa0, 0x80)), undefined);
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x41);
  assert.deepEqual(toUtf8(parseUtf8(marked)!), marked);
});
