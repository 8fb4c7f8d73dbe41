/** Tests of names as wire bytes: reading, comparing, cutting. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";
import { wireLimits } from "./limits.ts";
import { nameFromText, nameToText } from "./name-text.ts";
import {
  type Name,
  ROOT,
  ancestorWithLabels,
  compareNames,
  isAtOrUnder,
  isUnder,
  labelCount,
  labelsOf,
  lowerCase,
  nameEqual,
  nameFromBytes,
  nameFromLabels,
  nameKey,
  parentOf,
  readName,
  replaceSuffix,
  sharedLabels,
  uncompressedNameBytes,
} from "./name.ts";

/** Stands in front of each message: pointers may not reach it. */
const HEADER = "00".repeat(12);

const name = (text: string): Name => nameFromText(text)!;

describe("reading a name out of a message", () => {
  /** Title, message in hexadecimal, where to read, name and next field; undefined: malformed. */
  const rows: readonly (readonly [
    string,
    string,
    number,
    readonly [string, number] | undefined,
  ])[] = [
    ["the root", "00", 0, [".", 1]],
    ["labels", "016102626300", 0, ["a.bc.", 6]],
    ["a pointer back", "0161000162c00c", 3, ["b.a.", 7]],
    ["a pointer alone", "016100c00c", 3, ["a.", 5]],
    ["a pointer to a pointer", "016100c00cc00f", 5, ["a.", 7]],
    ["a pointer to itself", "c00c", 0, undefined],
    ["a pointer forward", "c00e016100", 0, undefined],
    ["two pointers in a ring", "c00ec00c", 2, undefined],
    ["a label and a pointer to that label", "0161c00c", 0, undefined],
    ["a pointer into the middle of the same name", "01610162c00e", 0, undefined],
    ["a pointer into the header", "c004", 0, undefined],
    ["a pointer cut in half", "0000c0", 2, undefined],
    ["a label that leaves the message", "0361", 0, undefined],
    ["labels without an end", "0161", 0, undefined],
    ["nothing", "", 0, undefined],
    ["a place behind the message", "00", 1, undefined],
    ["the label type 01", "4100", 0, undefined],
    ["the label type 10", "8000", 0, undefined],
  ];
  for (const [title, hex, at, expected] of rows) {
    test(title, () => {
      const found = readName(fromHex(HEADER + hex)!, 12 + at);
      assert.deepEqual(found && [nameToText(found.name), found.next - 12], expected);
    });
  }

  test("what stands behind the given end does not count", () => {
    assert.equal(readName(fromHex("016100")!, 0, 2), undefined);
  });

  test("nameBytesMax: 255 bytes are read and 256 are not, pointers or none", () => {
    const labels = `3f${"61".repeat(63)}`.repeat(3);
    const longest = fromHex(`${labels}3d${"61".repeat(61)}00`)!;
    assert.equal(longest.length, wireLimits.nameBytesMax.value);
    assert.equal(readName(longest, 0)?.name.length, 255);
    assert.equal(uncompressedNameBytes(longest, 0, longest.length), 255);
    const longer = fromHex(`${labels}3e${"61".repeat(62)}00`)!;
    assert.equal(readName(longer, 0), undefined);
    assert.equal(uncompressedNameBytes(longer, 0, longer.length), 0);
    assert.equal(nameFromBytes(longer), undefined);
    const pointed = fromHex(`${HEADER}3c${"61".repeat(60)}00${labels}c00c`)!;
    assert.equal(readName(pointed, 74)?.name.length, 254);
    const pointedLonger = fromHex(`${HEADER}3e${"61".repeat(62)}00${labels}c00c`)!;
    assert.equal(readName(pointedLonger, 76), undefined);
  });

  test("labelBytesMax: a label of 63 bytes is read; 64 is no length", () => {
    assert.equal(readName(fromHex(`3f${"61".repeat(63)}00`)!, 0)?.name.length, 65);
    assert.equal(readName(fromHex(`40${"61".repeat(64)}00`)!, 0), undefined);
    const label = new Uint8Array(wireLimits.labelBytesMax.value + 1);
    assert.equal(nameFromLabels([label.subarray(1)])?.length, 65);
    assert.equal(nameFromLabels([label]), undefined);
  });

  test("pointersPerNameMax: 126 pointers are followed and 127 are not", () => {
    const max = wireLimits.pointersPerNameMax.value;
    const message = new Uint8Array(12 + 1 + 2 * (max + 1));
    for (let i = 0; i <= max; i++) {
      const target = i === 0 ? 12 : 11 + 2 * i;
      message[13 + 2 * i] = 0xc0 | (target >> 8);
      message[14 + 2 * i] = target;
    }
    assert.equal(readName(message, 11 + 2 * max)?.pointers, max);
    assert.equal(readName(message, 13 + 2 * max), undefined);
  });

  test("no bytes make it throw, and what it reads is a name", () => {
    const byte = fc.oneof(fc.constantFrom(0, 1, 2, 12, 13, 0xc0), fc.nat(255));
    const property = fc.property(fc.array(byte, { maxLength: 40 }), fc.nat(40), (bytes, at) => {
      const found = readName(Uint8Array.from(bytes), at);
      if (found === undefined) return;
      assert.deepEqual(nameFromBytes(found.name), found.name);
      assert.ok(found.next > at && found.next <= bytes.length);
    });
    fc.assert(property, { numRuns: 5000 });
  });
});

describe("a name from bytes or labels", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["the root", "00", true],
    ["labels", "016100", true],
    ["nothing", "", false],
    ["bytes behind the root", "01610000", false],
    ["a pointer", "c000", false],
    ["no end", "0161", false],
  ];
  for (const [title, hex, isName] of rows) {
    test(title, () => assert.equal(nameFromBytes(fromHex(hex)!) !== undefined, isName));
  }
  test("an empty label makes none", () => {
    assert.equal(nameFromLabels([new Uint8Array(0)]), undefined);
    assert.deepEqual(nameFromLabels([]), ROOT);
  });
});

describe("relations between names", () => {
  test("letter case does not count, other bytes do", () => {
    assert.ok(nameEqual(name("WWW.Example."), name("www.eXAMPLE.")));
    assert.ok(!nameEqual(name("a[."), name("a{.")));
    assert.ok(!nameEqual(name("\\001\\065."), name("\\001\\066.")));
    assert.equal(nameKey(name("A.b.")), nameKey(name("a.B.")));
    assert.equal(toHex(lowerCase(name("A\\196.b."))), "0261c4016200");
  });
  test("below and at", () => {
    assert.ok(isAtOrUnder(name("a.B.c."), name("b.c.")));
    assert.ok(isAtOrUnder(name("b.c."), name("b.c.")));
    assert.ok(!isUnder(name("b.c."), name("b.c.")));
    assert.ok(isUnder(name("b.c."), ROOT));
    assert.ok(!isAtOrUnder(ROOT, name("c.")));
    assert.ok(!isAtOrUnder(name("xb.c."), name("b.c.")));
    assert.ok(
      !isAtOrUnder(name("a\\001b\\001c."), name("b\\001c.")),
      "a label's bytes are no label",
    );
  });
  test("parents, ancestors, labels", () => {
    assert.equal(nameToText(parentOf(name("a.b.c."))), "b.c.");
    assert.equal(parentOf(ROOT), ROOT);
    assert.equal(nameToText(ancestorWithLabels(name("a.b.c."), 1)), "c.");
    assert.equal(nameToText(ancestorWithLabels(name("a.b.c."), 0)), ".");
    assert.equal(nameToText(ancestorWithLabels(name("a.b."), 9)), "a.b.");
    assert.equal(labelCount(name("a.b.c.")), 3);
    assert.equal(labelCount(ROOT), 0);
    assert.equal(sharedLabels(name("a.b.c."), name("x.B.c.")), 2);
    assert.equal(sharedLabels(name("a."), name("b.")), 0);
    assert.deepEqual(nameFromLabels(labelsOf(name("a.b."))), name("a.b."));
  });
  test("a suffix is replaced where the result is no longer than a name", () => {
    assert.equal(nameToText(replaceSuffix(name("a.b.c."), name("c."), name("d.e."))!), "a.b.d.e.");
    const long = name(`${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(57)}.`);
    assert.equal(replaceSuffix(name("abc.c."), name("c."), long)?.length, 255);
    assert.equal(replaceSuffix(name("abcd.c."), name("c."), long), undefined);
  });
});

test("names are ordered as RFC 4034 §6.1 has them", () => {
  const ordered = [
    "example.",
    "a.example.",
    "yljkjljk.a.example.",
    "Z.a.example.",
    "zABC.a.EXAMPLE.",
    "z.example.",
    "\\001.z.example.",
    "*.z.example.",
    "\\200.z.example.",
  ].map(name);
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(compareNames(a, b)), Math.sign(i - j));
    }
  }
});
