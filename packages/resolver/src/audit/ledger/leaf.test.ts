/** Leaves: each kind's example in the specification, byte for byte, and what is no leaf. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { leafHash } from "@lethe/tlog/tree-hash.ts";
import fc from "fast-check";
import { canonicalJson } from "../../base/canonical-json.ts";
import { type LeafKind, leafBytes, leafShapes, readLeaf } from "./leaf.ts";
import { timeOf, timeToS } from "./leaf-fields.ts";
import { leafInWords } from "./words.ts";

const SPEC = join(import.meta.dirname, "../../../../../docs/specs/ledger.md");
const kinds = Object.keys(leafShapes) as LeafKind[];

/** The examples of the specification: a line of JSON, and the hash of the leaf behind it. */
const examples = new Map(
  [
    ...readFileSync(SPEC, "utf8").matchAll(/```json\n(\{.*\})\n```\n\nLeaf hash `([0-9a-f]{64})`/g),
  ].map(([, json, hash]) => [
    (JSON.parse(json!) as { kind: string }).kind,
    { json: json!, hash: hash! },
  ]),
);

test("each kind has an example in docs/specs/ledger.md, and each example is a leaf", () => {
  assert.deepEqual([...examples.keys()].toSorted(), kinds.toSorted());
  for (const [kind, { json, hash }] of examples) {
    const read = readLeaf(toUtf8(json));
    assert.ok(read.kind === "leaf", `${kind}: ${JSON.stringify(read)}`);
    assert.deepEqual(leafBytes(read.leaf), toUtf8(json), kind);
    assert.equal(leafHash(toUtf8(json)).toHex(), hash, kind);
    assert.ok(leafInWords(read.leaf).length > 10, kind);
  }
});

test("a leaf has exactly the fields of its kind", () => {
  for (const [kind, { json }] of examples) {
    const whole = JSON.parse(json) as Record<string, never>;
    for (const name of Object.keys(whole)) {
      const { [name]: _, ...less } = whole;
      assert.notEqual(readLeaf(toUtf8(canonicalJson(less)!)).kind, "leaf", `${kind} less ${name}`);
      const bent = { ...whole, [name]: [[]] as never };
      assert.notEqual(readLeaf(toUtf8(canonicalJson(bent)!)).kind, "leaf", `${kind} ${name}`);
    }
    const more = { ...whole, another: 1 };
    assert.equal(readLeaf(toUtf8(canonicalJson(more)!)).kind, "malformed", kind);
  }
});

test("what is no canonical JSON, or no object of a kind and a time, is no leaf", () => {
  const bad = [
    "",
    "{}",
    "[]",
    "null",
    '"stop"',
    '{"kind":"stop"}',
    '{"kind":"stop","reason":"x","time":"2026-11-24 16:30:02Z"}',
    '{"kind":"stop","reason":"x","time":"2026-02-30T16:30:02Z"}',
    '{"kind":"stop","reason":"x","time":1}',
    '{"kind":"stop","time":"2026-11-24T16:30:02Z","reason":"x"}',
    ' {"kind":"stop","reason":"x","time":"2026-11-24T16:30:02Z"}',
  ];
  for (const json of bad) assert.equal(readLeaf(toUtf8(json)).kind, "malformed", json);
  assert.equal(readLeaf(Uint8Array.of(0xff)).kind, "malformed");
  const later = readLeaf(toUtf8('{"kind":"new-kind","time":"2026-11-24T16:30:02Z","x":1}'));
  assert.deepEqual(later, { kind: "unknown-kind", name: "new-kind", time: "2026-11-24T16:30:02Z" });
  assert.equal(
    readLeaf(toUtf8('{"kind":"constructor","time":"2026-11-24T16:30:02Z"}')).kind,
    "unknown-kind",
  );
});

test("a leaf that is too long for an entry is not made", () => {
  const time = "2026-11-24T16:30:02Z";
  const spare = leafBytes({ kind: "stop", time, reason: "" })!.length;
  assert.notEqual(leafBytes({ kind: "stop", time, reason: "x".repeat(65_535 - spare) }), undefined);
  assert.equal(leafBytes({ kind: "stop", time, reason: "x".repeat(65_536 - spare) }), undefined);
  assert.equal(leafBytes({ kind: "stop", time, reason: "\ud800" }), undefined);
});

test("any bytes are a leaf or none, and are what they are read as", () => {
  const honest = [...examples.values()].map(({ json }) => toUtf8(json));
  const bytes = fc
    .tuple(fc.constantFrom(...honest), fc.nat(), fc.nat(255))
    .map(([one, at, byte]) => {
      const changed = one.slice();
      changed[at % changed.length] = byte;
      return changed;
    });
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 })), (one) => {
      const read = readLeaf(one);
      if (read.kind === "leaf") assert.deepEqual(leafBytes(read.leaf), one);
    }),
    { numRuns: 500 },
  );
});

test("times are whole seconds in UTC, there and back", () => {
  assert.equal(timeToS("1970-01-01T00:00:00Z"), 0);
  assert.equal(timeOf(1_795_537_802), "2026-11-24T16:30:02Z");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (s) => {
      assert.equal(timeToS(timeOf(s)), s);
    }),
  );
});
