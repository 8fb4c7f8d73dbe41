/** Names in wire form: reading with compression, bounds, comparing, taking apart. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { wireLimits } from "./limits.ts";
import {
  type Name,
  ROOT,
  ancestorWithLabels,
  compareNames,
  isAtOrUnder,
  isUnder,
  labelCount,
  nameEqual,
  nameFromBytes,
  nameFromLabels,
  nameKey,
  parentOf,
  readName,
  replaceSuffix,
} from "./name.ts";
import { nameFromText, nameToText } from "./name-text.ts";

const name = (text: string): Name => nameFromText(text)!;
const label = fc.uint8Array({ minLength: 1, maxLength: 12 });
const names = fc.array(label, { maxLength: 6 }).map((labels) => nameFromLabels(labels)!);

test("labelBytesMax bytes make a label, one more does not", () => {
  const max = wireLimits.labelBytesMax.value;
  assert.ok(nameFromLabels([new Uint8Array(max)]));
  assert.equal(nameFromLabels([new Uint8Array(max + 1)]), undefined);
});

test("nameBytesMax bytes make a name, one more does not", () => {
  const labels = [new Uint8Array(63), new Uint8Array(63), new Uint8Array(63)];
  const rest = wireLimits.nameBytesMax.value - 3 * 64 - 2;
  assert.equal(nameFromLabels([...labels, new Uint8Array(rest)])!.length, 255);
  assert.equal(nameFromLabels([...labels, new Uint8Array(rest + 1)]), undefined);
});

test("pointersPerNameMax pointers are followed, no more, and none that points forward", () => {
  const max = wireLimits.pointersPerNameMax.value;
  const chain = (pointers: number): Uint8Array => {
    const bytes = new Uint8Array(1 + 2 * pointers);
    for (let i = 0; i < pointers; i++) {
      const to = i === 0 ? 0 : 2 * i - 1;
      bytes.set([0xc0 | (to >>> 8), to], 2 * i + 1);
    }
    return bytes;
  };
  assert.ok(readName(chain(max), 2 * max - 1));
  assert.equal(readName(chain(max + 1), 2 * max + 1), undefined);
  assert.equal(readName(Uint8Array.of(0xc0, 0), 0), undefined);
  assert.equal(readName(Uint8Array.of(0xc0, 2, 0), 0), undefined);
});

test("letter case does not count, other bytes do", () => {
  assert.ok(nameEqual(name("WWW.Example."), name("www.eXAMPLE.")));
  assert.equal(nameKey(name("A.")), nameKey(name("a.")));
  assert.ok(!nameEqual(name("\\193."), name("\\225.")));
  assert.ok(isUnder(name("a.B.c."), name("b.C.")) && !isUnder(name("b.c."), name("b.c.")));
  assert.ok(!isAtOrUnder(name("ab.c."), name("b.c.")) && isAtOrUnder(name("x."), ROOT));
});

test("canonical order is that of RFC 4034 §6.1", () => {
  const ordered = [
    "example.",
    "a.example.",
    "yljkjljk.a.example.",
    "Z.a.example.",
    "zABC.a.EXAMPLE.",
  ];
  const shuffled = ordered.map(name).toReversed().toSorted(compareNames);
  assert.deepEqual(shuffled.map(nameToText), ordered);
});

test("a suffix is replaced, unless the name would be too long", () => {
  assert.equal(nameToText(replaceSuffix(name("a.b.c."), name("c."), name("d.e."))!), "a.b.d.e.");
  const long = nameFromLabels(Array.from({ length: 3 }, () => new Uint8Array(63)))!;
  assert.equal(replaceSuffix(name(`${"x".repeat(62)}.c.`), name("c."), long), undefined);
});

test("order is total, parents are above, and bytes come back", () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      assert.equal(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)), 0);
      assert.equal(compareNames(a, b) === 0, nameEqual(a, b));
      assert.deepEqual(nameFromBytes(a), a);
      if (a.length > 1) assert.equal(labelCount(parentOf(a)), labelCount(a) - 1);
      assert.deepEqual(ancestorWithLabels(a, labelCount(a)), a);
    }),
  );
});

test("no bytes throw", () => {
  fc.assert(fc.property(fc.uint8Array(), fc.nat(300), (bytes, at) => void readName(bytes, at)));
});
