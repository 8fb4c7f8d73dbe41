/** Tests of times to live in text. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wireLimits } from "./limits.ts";
import { ttlFromText } from "./ttl-text.ts";

describe("a TTL from text", () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["3600", 3600],
    ["1h30m", 5400],
    ["1W2D3H4M5S", 788645],
    ["1h30", 3630],
    ["", undefined],
    ["h", undefined],
    ["1y", undefined],
    ["-1", undefined],
    ["1 h", undefined],
    ["1.5h", undefined],
  ];
  for (const [text, expected] of rows) {
    test(`"${text}" is ${expected}`, () => assert.equal(ttlFromText(text), expected));
  }
  test("ttlMaxS is reached and not passed", () => {
    assert.equal(ttlFromText("2147483647"), wireLimits.ttlMaxS.value);
    assert.equal(ttlFromText("2147483648"), undefined);
    assert.equal(ttlFromText("9999999999w"), undefined);
  });
});
