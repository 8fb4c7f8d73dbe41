/** Keys of denials stand in the order of what they are made from. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBytes } from "@lethe/wire/bytes.ts";
import { ROOT, type Name, compareNames, nameFromLabels } from "@lethe/wire/name.ts";
import { name } from "../../test/small-world.ts";
import { DENIAL_KEY_BYTES_MAX, writeHashKey, writeNameKey } from "./denial-key.ts";

function keyOf(of: Name, zone: Name = ROOT): Uint8Array {
  const out = new Uint8Array(DENIAL_KEY_BYTES_MAX);
  return out.slice(0, writeNameKey(out, of, zone));
}

const nasty = fc.constantFrom(0, 1, 2, 0x2a, 0x41, 0x61, 0x62, 0xff);
const label = fc
  .uint8Array({ minLength: 1, maxLength: 3 })
  .chain((bytes) => fc.array(nasty, { minLength: bytes.length, maxLength: bytes.length }));
const anyName = fc
  .array(label, { maxLength: 4 })
  .map((labels) => nameFromLabels(labels.map((bytes) => Uint8Array.from(bytes)))!);

test("RFC 4034 §6.1: keys stand in canonical order, whatever bytes the labels hold", () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      const order = Math.sign(compareBytes(keyOf(a), keyOf(b)));
      assert.equal(order, Math.sign(compareNames(a, b)));
    }),
    { numRuns: 2000 },
  );
});

test("the labels of the zone are left out, and the zone itself has the empty key", () => {
  const zone = name("example.org");
  assert.deepEqual(keyOf(name("a.b.example.org"), zone), keyOf(name("a.b")));
  assert.equal(keyOf(zone, zone).length, 0);
});

test("the longest name of bytes to be escaped has a key that fits", () => {
  const labels = [63, 63, 63, 61].map((size) => new Uint8Array(size));
  const key = keyOf(nameFromLabels(labels)!);
  assert.equal(key.length, 2 * 250 + 4);
  assert.ok(key.length <= DENIAL_KEY_BYTES_MAX);
});

test("RFC 4648 §7: the key of a hash is its text in base 32", () => {
  const out = new Uint8Array(DENIAL_KEY_BYTES_MAX);
  const hash = Uint8Array.from({ length: 20 }, (_, i) => 255 - 12 * i);
  const text = new TextDecoder().decode(out.slice(0, writeHashKey(out, hash)));
  assert.equal(text, "vvpufmufoerqn7sjgttmuoqn9cvj69or");
});
