/** Tests of numbers and hexadecimal in bytes, base64 and base32. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromBase32Hex, fromBase64, toBase32Hex } from "./base-text.ts";
import {
  compareBytes,
  equalBytes,
  fromHex,
  getU16,
  getU32,
  setU16,
  setU32,
  toHex,
} from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

test("numbers are big-endian and unsigned", () => {
  const out = new Uint8Array(6);
  setU16(out, 0, 0xfffe);
  setU32(out, 2, 0xfffefdfc);
  assert.equal(toHex(out), "fffefffefdfc");
  assert.equal(getU16(out, 0), 0xfffe);
  assert.equal(getU32(out, 2), 0xfffefdfc);
});

test("bytes are compared as unsigned strings, the shorter first", () => {
  const ordered = ["", "00", "0000", "01", "7f", "80", "ff", "ff00"].map((hex) => fromHex(hex)!);
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(compareBytes(a, b)), Math.sign(i - j));
      assert.equal(equalBytes(a, b), i === j);
    }
  }
});

describe("what is no hexadecimal, base64 or base32", () => {
  const rows: readonly (readonly [string, (text: string) => Uint8Array | undefined, string])[] = [
    ["an odd digit", fromHex, "abc"],
    ["no digit", fromHex, "0g"],
    ["a blank", fromHex, "0 "],
    ["no padding", fromBase64, "AQI"],
    ["padding too early", fromBase64, "A=QI"],
    ["bits behind the end", fromBase64, "AQJ="],
    ["the URL alphabet", fromBase64, "AQ-_"],
    ["a blank inside", fromBase64, "AQ I"],
    ["a length that no bytes have", fromBase32Hex, "0"],
    ["bits behind the end of base32", fromBase32Hex, "01"],
    ["a letter beyond V", fromBase32Hex, "0W"],
    ["padding of base32", fromBase32Hex, "00======"],
  ];
  for (const [title, read, text] of rows) {
    test(title, () => assert.equal(read(text), undefined));
  }
});

test("bytes come back from every form", () => {
  const property = fc.property(bytes, (one) => {
    assert.deepEqual(fromHex(toHex(one)), one);
    assert.deepEqual(fromBase64(one.toBase64()), one);
    assert.deepEqual(fromBase32Hex(toBase32Hex(one).toLowerCase()), one);
  });
  fc.assert(property);
});

test("base32 is that of RFC 4648 §10, without padding", () => {
  const text = (word: string): string => toBase32Hex(new TextEncoder().encode(word));
  assert.deepEqual(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(text), [
    "",
    "CO",
    "CPNG",
    "CPNMU",
    "CPNMUOG",
    "CPNMUOJ1",
    "CPNMUOJ1E8",
  ]);
});
