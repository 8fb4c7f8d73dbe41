/** Tests of the OPT record and its options. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, getU16, getU32, toHex } from "./bytes.ts";
import {
  OPT_BYTES,
  type Opt,
  extendedErrorOption,
  findOption,
  optBytes,
  optionCode,
  readOpt,
  writeOpt,
} from "./edns.ts";

describe("options", () => {
  const rows: readonly (readonly [string, string, number | undefined])[] = [
    ["none", "", 0],
    ["one without data", "00030000", 1],
    ["two", "00030001ff000a0000", 2],
    ["a code cut off", "0003", undefined],
    ["a length cut off", "000300", undefined],
    ["data that leave the record", "00030002ff", undefined],
    ["ednsOptionsMax of them", "00030000".repeat(100), 100],
    ["one more than ednsOptionsMax", "00030000".repeat(101), undefined],
  ];
  for (const [title, hex, count] of rows) {
    test(title, () => assert.equal(readOpt(1232, 0, fromHex(hex)!)?.options.length, count));
  }
});

test("the fixed fields are read as RFC 6891 §6.1.3 has them", () => {
  const opt = readOpt(512, 0x01028000, new Uint8Array(0));
  assert.deepEqual(opt, {
    udpSize: 512,
    extendedRcode: 1,
    version: 2,
    dnssecOk: true,
    options: [],
  });
});

test("an Extended DNS Error is INFO-CODE and UTF-8", () => {
  const option = extendedErrorOption(18, "é");
  assert.equal(toHex(option.data), "0012c3a9");
  const opt = { udpSize: 0, extendedRcode: 0, version: 0, dnssecOk: false, options: [option] };
  assert.equal(findOption(opt, optionCode.extendedError), option);
  assert.equal(findOption(opt, optionCode.nsid), undefined);
  assert.equal(findOption(undefined, optionCode.nsid), undefined);
});

const anyOption = fc.record(
  { code: fc.nat(0xffff), data: fc.uint8Array({ maxLength: 20 }) },
  { noNullPrototype: true },
);

const anyOpt: fc.Arbitrary<Opt> = fc.record(
  {
    udpSize: fc.nat(0xffff),
    extendedRcode: fc.nat(255),
    version: fc.nat(255),
    dnssecOk: fc.boolean(),
    options: fc.array(anyOption),
  },
  { noNullPrototype: true },
);

test("what is written is read, and takes the bytes that were said", () => {
  const property = fc.property(anyOpt, (opt) => {
    const out = new Uint8Array(optBytes(opt.options));
    assert.equal(writeOpt(out, 0, opt), out.length);
    assert.equal(getU16(out, 9), out.length - OPT_BYTES);
    assert.deepEqual(readOpt(getU16(out, 3), getU32(out, 5), out.slice(OPT_BYTES)), opt);
  });
  fc.assert(property);
});

test("no bytes make the reader throw", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (rdata) => {
    readOpt(0, 0, rdata);
  });
  fc.assert(property, { numRuns: 1000 });
});
