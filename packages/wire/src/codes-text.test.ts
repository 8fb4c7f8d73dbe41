/** Tests of mnemonics. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrClass, rrType } from "./codes.ts";
import {
  classFromText,
  classToText,
  extendedErrorToText,
  opcodeToText,
  optionToText,
  rcodeFromText,
  rcodeToText,
  typeFromText,
  typeToText,
} from "./codes-text.ts";

describe("a type from text", () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["A", 1],
    ["aaaa", 28],
    ["NSAP-PTR", 23],
    ["*", 255],
    ["TYPE65280", 65280],
    ["type0", 0],
    ["TYPE65535", 65535],
    ["TYPE65536", undefined],
    ["TYPE01", undefined],
    ["TYPE", undefined],
    ["TYPE-1", undefined],
    ["constructor", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of rows) {
    test(`${text} is ${expected}`, () => assert.equal(typeFromText(text), expected));
  }
});

describe("every code comes back from its text", () => {
  const codes = Array.from({ length: 0x10000 }, (_, code) => code);
  test("types", () => {
    assert.ok(codes.every((code) => typeFromText(typeToText(code)) === code));
  });
  test("classes", () => {
    assert.ok(codes.every((code) => classFromText(classToText(code)) === code));
  });
  test("response codes", () => {
    assert.ok(codes.every((code) => rcodeFromText(rcodeToText(code)) === code));
  });
});

test("mnemonics are those of the registry", () => {
  assert.equal(typeToText(rrType.HTTPS), "HTTPS");
  assert.equal(typeToText(rrType.RESINFO), "RESINFO");
  assert.equal(typeToText(69), "TYPE69");
  assert.equal(classToText(rrClass.CH), "CH");
  assert.equal(classToText(32), "CLASS32");
  assert.equal(rcodeToText(rcode.BADCOOKIE), "BADCOOKIE");
  assert.equal(rcodeToText(3841), "RCODE3841");
  assert.equal(opcodeToText(4), "NOTIFY");
  assert.equal(opcodeToText(3), "OPCODE3");
  assert.equal(extendedErrorToText(18), "Prohibited");
  assert.equal(extendedErrorToText(49152), "Unknown Error 49152");
  assert.equal(optionToText(15), "EDE");
  assert.equal(optionToText(65001), "OPT65001");
});
