/** Bundles of entries: there and back, and nothing that is not exactly one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bundleBytes, parseBundle } from "./bundle.ts";
import { tlogLimits } from "./limits.ts";

const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });

test("any entries come back as they went in", () => {
  fc.assert(
    fc.property(entries, (list) => {
      assert.deepEqual(parseBundle(bundleBytes(list)!, list.length), list);
    }),
  );
});

test("a bundle with a byte more or less, or another count, is none", () => {
  const bytes = bundleBytes([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])!;
  assert.equal(bytes.toHex(), "000201020000000103");
  for (let end = 0; end < bytes.length; end++) {
    assert.equal(parseBundle(bytes.subarray(0, end), 3), undefined);
  }
  assert.equal(parseBundle(Uint8Array.of(...bytes, 0), 3), undefined);
  assert.equal(parseBundle(bytes, 2), undefined);
  assert.equal(parseBundle(bytes, 4), undefined);
});

test("takes entries up to entryBytesMax, and 256 of them", () => {
  const max = tlogLimits.entryBytesMax.value;
  const longest = bundleBytes([new Uint8Array(max)])!;
  assert.equal(parseBundle(longest, 1)?.[0]?.length, max);
  assert.equal(bundleBytes([new Uint8Array(max + 1)]), undefined);
  const many = Array.from({ length: 256 }, () => new Uint8Array(1));
  assert.equal(parseBundle(bundleBytes(many)!, 256)?.length, 256);
  assert.equal(bundleBytes([...many, new Uint8Array()]), undefined);
  assert.equal(parseBundle(new Uint8Array(2 * 257), 257), undefined);
});

test("any bytes are a bundle or none, and are what they are read as", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(8), (bytes, width) => {
      const found = parseBundle(bytes, width);
      if (found !== undefined) assert.deepEqual(bundleBytes(found), bytes);
    }),
  );
});
