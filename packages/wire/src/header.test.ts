/** Tests of the twelve bytes at the start of a message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { getU16, toHex } from "./bytes.ts";
import { HEADER_BYTES, countAt, flag, opcodeBits, readHeader, writeHeader } from "./header.ts";

test("a header is written where RFC 1035 §4.1.1 puts its fields", () => {
  const bytes = new Uint8Array(HEADER_BYTES);
  writeHeader(bytes, 0xabcd, flag.qr | opcodeBits(5) | flag.rd | flag.ad | 3, [1, 2, 3, 0xffff]);
  assert.equal(toHex(bytes), "abcda923000100020003ffff");
  assert.equal(getU16(bytes, countAt.additional), 0xffff);
});

test("what is written is read", () => {
  const property = fc.property(fc.nat(0xffff), fc.nat(0xffff), (id, flags) => {
    const bytes = new Uint8Array(HEADER_BYTES);
    writeHeader(bytes, id, flags, [0, 0, 0, 0]);
    const opcode = (flags & 0x7800) >> 11;
    assert.deepEqual(readHeader(bytes), { id, flags, opcode, rcode: flags & 15 });
  });
  fc.assert(property);
});

test("the flags and fields share no bit", () => {
  const masks = [...Object.values(flag), opcodeBits(15), 0xf];
  assert.equal(
    masks.reduce((sum, mask) => sum + mask, 0),
    0xffff,
  );
});
