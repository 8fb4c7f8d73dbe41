/** Denials in their order: what matches a name or may cover it, expiry, and the memory's bounds. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, compareNames } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { name, seeded, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Nsec3 } from "../dnssec/nsec3.ts";
import { DenialCache } from "./denial-cache.ts";

const MIN = limits.denialBytesMin.value;
const zone = name("example");

function cacheOf(sizeBytes: number = MIN): DenialCache {
  return new DenialCache({ sizeBytes }, seeded(3));
}

function setAt(owner: string, type: number = rrType.NSEC, size = 8): RecordSet {
  const signatures = [new Uint8Array(64).fill(9)];
  return {
    name: name(owner),
    type,
    class: 1,
    ttl: 300,
    rdatas: [new Uint8Array(size)],
    signatures,
  };
}

function keep(cache: DenialCache, owner: string, ttlS = 300, nowMs = 0, of: Name = zone): void {
  cache.storeNsec(of, setAt(owner), ttlS, nowMs);
}

/** The owner of the record at or before a name, as text. */
function nearest(
  cache: DenialCache,
  of: string | Name,
  nowMs = 0,
  inZone: Name = zone,
): string | undefined {
  const denials = cache.zoneOf(inZone, 1, nowMs);
  if (denials === undefined) return undefined;
  const place = cache.atOrBeforeName(denials, typeof of === "string" ? name(of) : of, nowMs);
  return place < 0 ? undefined : text(cache.read(place, nowMs).name);
}

function hashed(first: number, iterations = 0, salt = Uint8Array.of(1)): Nsec3 {
  const hash = new Uint8Array(20).fill(first);
  const rest = { nextHash: hash, bitmap: new Uint8Array(0), isOptOut: false };
  return { hash, iterations, salt, ...rest };
}

const owners: [string, string, string | undefined][] = [
  ["a name with a record of its own has that", "m.example", "m.example."],
  ["its letter case does not matter", "M.eXample", "m.example."],
  ["a name behind it has the same", "n.example", "m.example."],
  ["a name below it too, before the next", "x.y.m.example", "m.example."],
  ["a name before the next has the one before", "lz.example", "b.example."],
  ["the first record is the zone's own", "a.example", "example."],
  ["the zone itself has that", "example", "example."],
  ["a name behind the last has the last", "zz.example", "z.example."],
];

describe("among the records of a zone", () => {
  for (const [title, of, expected] of owners) {
    test(title, () => {
      const cache = cacheOf();
      for (const owner of ["z.example", "example", "m.example", "b.example"]) keep(cache, owner);
      assert.equal(nearest(cache, of), expected);
    });
  }
});

test("a set comes back with its signatures, and the TTL that is left of it", () => {
  const cache = cacheOf();
  const set = setAt("a.example");
  cache.storeNsec(zone, set, 300, 0);
  const place = cache.atOrBeforeName(cache.zoneOf(zone, 1, 0)!, name("a.example"), 1500);
  assert.deepEqual(cache.read(place, 1500), { ...set, ttl: 299 });
});

test("zones, and classes of one zone, are kept apart", () => {
  const cache = cacheOf();
  keep(cache, "a.example");
  keep(cache, "a.sub.example", 300, 0, name("sub.example"));
  cache.storeNsec(zone, { ...setAt("b.example"), class: 3 }, 300, 0);
  assert.equal(nearest(cache, "z.example"), "a.example.");
  assert.equal(nearest(cache, "z.sub.example", 0, name("sub.example")), "a.sub.example.");
  assert.equal(cache.zoneOf(name("other"), 1, 0), undefined);
});

test("what has expired covers nothing, and a sweep overwrites it", () => {
  const cache = cacheOf();
  keep(cache, "a.example", 300);
  keep(cache, "m.example", 10);
  assert.equal(nearest(cache, "n.example", 10_000), undefined);
  assert.equal(nearest(cache, "b.example", 10_000), "a.example.");
  cache.sweep(10_000, 10);
  assert.equal(cache.stats.records, 1);
  assert.equal(nearest(cache, "n.example", 10_000), "a.example.");
});

test("a later record of an owner takes the place of the first; TTL 0 is not kept", () => {
  const cache = cacheOf();
  keep(cache, "a.example", 10);
  keep(cache, "a.example", 300);
  keep(cache, "b.example", 0);
  assert.equal(cache.stats.records, 1);
  assert.equal(nearest(cache, "b.example", 20_000), "a.example.");
});

test("an SOA goes with its zone", () => {
  const cache = cacheOf();
  const soa = setAt("example", rrType.SOA, 40);
  cache.storeSoa(zone, soa, 60, 0);
  const denials = cache.zoneOf(zone, 1, 0)!;
  assert.deepEqual(cache.read(cache.soaOf(denials, 0), 0), { ...soa, ttl: 60 });
  assert.equal(nearest(cache, "a.example"), undefined);
  cache.storeSoa(zone, soa, 90, 0);
  assert.equal(cache.stats.records, 1);
  assert.equal(cache.soaOf(denials, 90_000), -1);
});

test("RFC 5155 §8.3: hashes stand on a circle", () => {
  const cache = cacheOf();
  const at = (first: number): string | undefined => {
    const denials = cache.zoneOf(zone, 1, 0)!;
    const place = cache.atOrBeforeHash(denials, hashed(first).hash, 0);
    return place < 0 ? undefined : text(cache.read(place, 0).name);
  };
  cache.storeNsec3(zone, setAt("h40.example", rrType.NSEC3), hashed(0x40), 300, 0);
  cache.storeNsec3(zone, setAt("h90.example", rrType.NSEC3), hashed(0x90), 300, 0);
  assert.equal(at(0x40), "h40.example.");
  assert.equal(at(0x50), "h40.example.");
  assert.equal(at(0xff), "h90.example.");
  assert.equal(at(0x00), "h90.example.");
});

test("records of another kind, or hashed another way, take the place of all", () => {
  const cache = cacheOf();
  keep(cache, "a.example");
  cache.storeNsec3(zone, setAt("h.example", rrType.NSEC3), hashed(1), 300, 0);
  assert.deepEqual(cache.zoneOf(zone, 1, 0)!.parameters, { iterations: 0, salt: Uint8Array.of(1) });
  cache.storeNsec3(zone, setAt("i.example", rrType.NSEC3), hashed(2), 300, 0);
  assert.equal(cache.stats.records, 2);
  cache.storeNsec3(zone, setAt("j.example", rrType.NSEC3), hashed(3, 7), 300, 0);
  assert.equal(cache.stats.records, 1);
  keep(cache, "b.example");
  assert.equal(cache.zoneOf(zone, 1, 0)!.parameters, undefined);
  assert.equal(nearest(cache, "c.example"), "b.example.");
});

test("a flood of records passes through; what is used stays, and memory does not grow", () => {
  const cache = cacheOf();
  keep(cache, "a.used.example");
  for (let i = 0; i < 3000; i++) {
    keep(cache, `z${i}.example`);
    assert.equal(nearest(cache, "b.used.example"), "a.used.example.", `after ${i}`);
  }
  assert.ok(cache.stats.records < 1000);
  assert.equal(cache.stats.sizeBytes <= MIN, true);
});

test("more zones than one for each denialBytesPerZone: the oldest are forgotten whole", () => {
  const cache = cacheOf();
  const many = 8 * Math.ceil(MIN / limits.denialBytesPerZone.value);
  for (let i = 0; i < many; i++) keep(cache, `a.z${i}`, 300 + i, 0, name(`z${i}`));
  const known = Array.from({ length: many }, (_, i) => cache.zoneOf(name(`z${i}`), 1, 0));
  const kept = known.filter((one) => one !== undefined).length;
  assert.ok(kept <= MIN / limits.denialBytesPerZone.value);
  assert.ok(kept > MIN / limits.denialBytesPerZone.value / 2);
  assert.equal(cache.stats.records, kept);
});

test("the memory is denialBytesMin at least", () => {
  assert.doesNotThrow(() => cacheOf(MIN));
  assert.throws(() => cacheOf(MIN - 1), /within its limits/);
});

test("a set too long for the memory is not kept", () => {
  const cache = cacheOf();
  cache.storeNsec(zone, setAt("a.example", rrType.NSEC, MIN / 4), 300, 0);
  assert.equal(cache.stats.records, 0);
});

test("a zone can be forgotten, and everything", () => {
  const cache = cacheOf();
  keep(cache, "a.example");
  keep(cache, "a.other", 300, 0, name("other"));
  cache.removeZone(zone, 1);
  assert.equal(nearest(cache, "a.example"), undefined);
  assert.equal(cache.stats.records, 1);
  cache.clear();
  assert.equal(cache.stats.records, 0);
  assert.equal(nearest(cache, "a.other", 0, name("other")), undefined);
});

test("what it finds is what a sorted list of all that is kept has", () => {
  const label = fc.constantFrom("a", "b", "*", "ab", "z");
  const owner = fc.array(label, { maxLength: 3 }).map((labels) => [...labels, "example"].join("."));
  fc.assert(
    fc.property(fc.array(owner, { maxLength: 40 }), owner, (kept, wanted) => {
      const cache = cacheOf();
      for (const one of kept) keep(cache, one);
      const before = kept
        .map((one) => name(one))
        .filter((one) => compareNames(one, name(wanted)) <= 0)
        .toSorted(compareNames);
      const expected = before.at(-1);
      assert.equal(nearest(cache, wanted), expected && text(expected));
    }),
    { numRuns: 300 },
  );
});
