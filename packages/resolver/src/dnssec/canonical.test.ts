/** Canonical form and order: the RFC's examples, and properties that signing leans on. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, assert as assertProperty, property, uint8Array } from "fast-check";
import { compareBytes } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, compareNames, nameEqual, nameFromLabels } from "@lethe/wire/name.ts";
import { plainName } from "../../sim/signer-zone.ts";
import {
  canonicalRdata,
  canonicalRdatas,
  isWildcard,
  signedLabels,
  signedOwner,
  wildcardBelow,
} from "./canonical.ts";
import { joined } from "../../sim/signer-bytes.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("RFC 4034 §6.1: names sort by their labels, the rightmost first", () => {
  const sorted = [
    plainName("example"),
    plainName("a.example"),
    plainName("yljkjljk.a.example"),
    plainName("Z.a.example"),
    plainName("zABC.a.EXAMPLE"),
    plainName("z.example"),
    nameFromLabels([Uint8Array.of(1), bytesOf("z"), bytesOf("example")])!,
    plainName("*.z.example"),
    nameFromLabels([Uint8Array.of(200), bytesOf("z"), bytesOf("example")])!,
  ];
  assert.deepEqual(sorted.toReversed().toSorted(compareNames), sorted);
});

describe("RFC 4034 §6.2: names in RDATA are folded where the type is of the old ones", () => {
  const upper = plainName("WWW.Example");
  const lower = plainName("www.example");
  const join = (...parts: readonly Uint8Array[]): Uint8Array => joined(...parts);
  const rows: readonly (readonly [string, number, Uint8Array, Uint8Array])[] = [
    ["NS", rrType.NS, upper, lower],
    ["CNAME", rrType.CNAME, upper, lower],
    ["DNAME", rrType.DNAME, upper, lower],
    ["MX", rrType.MX, join(bytesOf("AB"), upper), join(bytesOf("AB"), lower)],
    ["SRV", rrType.SRV, join(bytesOf("ABCDEF"), upper), join(bytesOf("ABCDEF"), lower)],
    ["NSEC stays (RFC 6840 §5.1)", rrType.NSEC, upper, upper],
    ["HTTPS stays", rrType.HTTPS, join(bytesOf("AB"), upper), join(bytesOf("AB"), upper)],
    ["TXT stays", rrType.TXT, join(Uint8Array.of(2), bytesOf("AB")), bytesOf("\u0002AB")],
    ["HINFO stays", 13, bytesOf("\u0001A\u0001B"), bytesOf("\u0001A\u0001B")],
    ["A6 with a prefix", 38, join(Uint8Array.of(128), upper), join(Uint8Array.of(128), lower)],
  ];
  for (const [title, type, rdata, expected] of rows) {
    test(title, () => {
      assert.deepEqual(new Uint8Array(canonicalRdata(type, rdata)), new Uint8Array(expected));
    });
  }
});

test("RFC 4034 §6.3: records sort as octet strings, and a duplicate counts once", () => {
  const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)];
  assert.deepEqual(canonicalRdatas(rrType.TXT, [b, a, b]), [a, b]);
});

test("the order of records is total, whatever order they come in", () => {
  const rdatas = array(uint8Array({ maxLength: 4 }), { maxLength: 8 });
  assertProperty(
    property(rdatas, (some) => {
      const sorted = canonicalRdatas(rrType.TXT, some);
      assert.deepEqual(canonicalRdatas(rrType.TXT, some.toReversed()), sorted);
      for (let i = 1; i < sorted.length; i++) {
        assert.ok(compareBytes(sorted[i - 1]!, sorted[i]!) < 0);
      }
    }),
  );
});

test("the order of names is total", () => {
  const label = uint8Array({ minLength: 1, maxLength: 3 });
  const names = array(label, { maxLength: 3 }).map((labels): Name => nameFromLabels(labels)!);
  assertProperty(
    property(names, names, names, (a, b, c) => {
      assert.equal(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)), 0);
      assert.equal(compareNames(a, b) === 0, nameEqual(a, b));
      if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) assert.ok(compareNames(a, c) <= 0);
    }),
  );
});

test("RFC 4035 §5.3.2: fewer labels than the owner has name a wildcard", () => {
  const owner = plainName("A.b.Example");
  assert.deepEqual(signedOwner(owner, 3), plainName("a.b.example"));
  assert.deepEqual(signedOwner(owner, 2), plainName("*.b.example"));
  assert.deepEqual(signedOwner(owner, 0), plainName("*"));
  assert.equal(signedLabels(plainName("*.b.example")), 2);
  assert.deepEqual(signedOwner(plainName("*.b.example"), 2), plainName("*.b.example"));
  assert.equal(isWildcard(plainName("a.*.example")), false);
});

test("a wildcard below a name of full length is no name", () => {
  const long = nameFromLabels([63, 63, 63, 61].map((size) => new Uint8Array(size).fill(97)))!;
  assert.equal(long.length, 255);
  assert.equal(wildcardBelow(long), undefined);
});
