/** SHA-256 against OpenSSL's, over every length around the blocks' edges. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "./sha256.ts";

test("equals OpenSSL's hash for every length up to five blocks", () => {
  for (let length = 0; length <= 320; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + length) & 0xff);
    const expected = createHash("sha256").update(bytes).digest("hex");
    assert.equal(sha256(bytes).toHex(), expected, `${length} bytes`);
  }
});

test("equals OpenSSL's hash of a megabyte, and of a part of a buffer", () => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * i + 7) & 0xff);
  assert.equal(sha256(bytes).toHex(), createHash("sha256").update(bytes).digest("hex"));
  const part = bytes.subarray(33, 977);
  assert.equal(sha256(part).toHex(), createHash("sha256").update(part).digest("hex"));
});

test("hashes the example of FIPS 180-4", () => {
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(sha256(new TextEncoder().encode("abc")).toHex(), expected);
});
