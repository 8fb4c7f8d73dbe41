/** Record sets, denials and cuts: ranks, TTLs, and what denies what. */
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { RrsetCache, type RrsetCacheOptions } from "./rrset-cache.ts";

function cacheOf(options: Partial<RrsetCacheOptions> = {}): RrsetCache {
  const sizes = { sizeBytes: 1 << 17, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 };
  return new RrsetCache({ ...sizes, ...options }, seeded(9));
}

function a(owner: string, ttl: number, ...lasts: number[]): RecordSet {
  const rdatas = lasts.map((last) => Uint8Array.of(192, 0, 2, last));
  return { name: name(owner), type: rrType.A, class: 1, ttl, rdatas, signatures: [] };
}

function ns(owner: string, ttl = 300): RecordSet {
  return { ...a(owner, ttl), type: rrType.NS, rdatas: [name("ns.example")] };
}

function soa(owner: string, ttl = 300): RecordSet {
  return { ...a(owner, ttl), type: rrType.SOA, rdatas: [new Uint8Array(22)] };
}

function lastOf(cache: RrsetCache, owner: string, nowMs = 0): number | undefined {
  const found = cache.find(name(owner), rrType.A, 1, nowMs);
  return found?.kind === "set" ? found.set.rdatas[0]![3] : undefined;
}

test("a set comes out as it went in, with what is left of its TTL", () => {
  const cache = cacheOf();
  const set = { ...a("www.example", 300, 1, 2), signatures: [Uint8Array.of(0, 1, 9)] };
  cache.store(set, 4, "secure", 0);
  const found = cache.find(name("www.example"), rrType.A, 1, 100_000);
  assert.deepEqual(found, {
    kind: "set",
    set: { ...set, ttl: 200 },
    trust: 4,
    verdict: "secure",
    proofs: [],
    isDamaged: false,
  });
  cache.store(set, 4, "secure", 100_000, [], true);
  const damaged = cache.find(name("www.example"), rrType.A, 1, 100_000);
  assert.equal(damaged?.kind === "set" && damaged.isDamaged, true);
  cache.store(set, 4, "secure", 0);
  const late = cache.find(name("www.example"), rrType.A, 1, 299_001);
  assert.equal(late?.kind === "set" && late.set.ttl, 1);
  assert.equal(cache.find(name("www.example"), rrType.A, 1, 300_000), undefined);
});

const RANKS: [title: string, first: number, second: number, secondAtMs: number, kept: number][] = [
  ["lower rank does not replace higher", 4, 2, 0, 1],
  ["equal rank replaces", 4, 4, 0, 2],
  ["higher rank replaces", 2, 4, 0, 2],
  ["what has expired is replaced by anything", 4, 0, 300_000, 2],
];

for (const [title, first, second, atMs, kept] of RANKS) {
  test(`${title} (RFC 2181 §5.4.1)`, () => {
    const cache = cacheOf();
    cache.store(a("www.example", 300, 1), first, "indeterminate", 0);
    cache.store(a("www.example", 300, 2), second, "indeterminate", atMs);
    assert.equal(lastOf(cache, "www.example", atMs), kept);
  });
}

test("the TTL that a set had at first is known past its end, and of long ones only that", () => {
  const cache = cacheOf();
  const ttlOf = (owner: string): number | undefined => cache.firstTtlS(name(owner), rrType.A, 1);
  cache.store(a("short.example", 20, 1), 4, "indeterminate", 0);
  cache.store(a("long.example", 80_000, 1), 4, "indeterminate", 0);
  assert.equal(cache.find(name("short.example"), rrType.A, 1, 20_000), undefined);
  assert.deepEqual(
    ["short", "long", "no"].map((label) => ttlOf(`${label}.example`)),
    [20, 65_535, undefined],
  );
});

test("a lower rank does not make a higher one live longer", () => {
  const cache = cacheOf();
  cache.store(a("www.example", 300, 1), 4, "indeterminate", 0);
  cache.store(a("www.example", 9000, 1), 2, "indeterminate", 100_000);
  assert.equal(lastOf(cache, "www.example", 300_000), undefined);
});

test("what a zone says of itself and the cut to it know nothing of each other", () => {
  const cache = cacheOf();
  cache.storeCut(ns("example"), [], 0);
  assert.equal(cache.find(name("example"), rrType.NS, 1, 0), undefined);
  cache.store(ns("example", 9000), 4, "indeterminate", 0);
  assert.equal(cache.nearestCut(name("example"), 1, 300_000), undefined);
  cache.remove(name("example"), rrType.NS, 1);
  assert.notEqual(cache.nearestCut(name("example"), 1, 0), undefined);
  cache.removeCut(name("example"), 1);
  assert.equal(cache.nearestCut(name("example"), 1, 0), undefined);
});

test("a cut has the addresses of its name servers, and lives as long as its shortest part", () => {
  const cache = cacheOf();
  const servers = { ...ns("example"), rdatas: [name("a.example"), name("B.example")] };
  const v6: RecordSet = { ...a("b.example", 50), type: rrType.AAAA, rdatas: [new Uint8Array(16)] };
  const far = a("A.example", 55, 9);
  cache.storeCut(servers, [a("b.example", 60, 7), a("c.example", 10, 8), v6], 0, [far]);
  const found = cache.nearestCut(name("www.example"), 1, 0);
  assert.deepEqual(found?.servers, { ...servers, ttl: 50 });
  assert.deepEqual(found.glue, [
    { index: 0, ip: Uint8Array.of(192, 0, 2, 9), isOutside: true },
    { index: 1, ip: Uint8Array.of(192, 0, 2, 7), isOutside: false },
    { index: 1, ip: new Uint8Array(16), isOutside: false },
  ]);
  assert.equal(cache.nearestCut(name("www.example"), 1, 50_000), undefined);
});

test("TTLs are kept between floor and ceiling", () => {
  const cache = cacheOf({ ttlMinS: 10, ttlMaxS: 100 });
  const ttlOf = (owner: string): number | undefined => {
    const found = cache.find(name(owner), rrType.A, 1, 0);
    return found?.kind === "set" ? found.set.ttl : undefined;
  };
  cache.store(a("short", 0, 1), 4, "indeterminate", 0);
  cache.store(a("long", 1000, 1), 4, "indeterminate", 0);
  assert.deepEqual([ttlOf("short"), ttlOf("long")], [10, 100]);
});

test("a TTL of 0 is not kept, and ends what stood there", () => {
  const cache = cacheOf();
  cache.store(a("www.example", 300, 1), 4, "indeterminate", 0);
  assert.equal(cache.store(a("www.example", 0, 2), 4, "indeterminate", 0), false);
  assert.equal(lastOf(cache, "www.example"), undefined);
});

test("a set of recordsPerSetMax records is kept, a larger one is not", () => {
  const cache = cacheOf();
  const max = limits.recordsPerSetMax.value;
  const many = (count: number) => ({
    ...a("www.example", 300),
    rdatas: Array.from({ length: count }, (_, i) => Uint8Array.of(10, 0, i >> 8, i)),
  });
  assert.equal(cache.store(many(max), 4, "indeterminate", 0), true);
  assert.equal(cache.store(many(max + 1), 4, "indeterminate", 0), false);
});

test("a denied type is denied until the lesser of the SOA's TTL and its own", () => {
  const cache = cacheOf();
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  cache.storeDenial("no-data", question, [soa("example", 30)], 60, "indeterminate", 0);
  const found = cache.find(question.name, rrType.A, 1, 10_000);
  assert.equal(found?.kind, "no-data");
  assert.equal(found?.kind === "no-data" && found.authority[0]!.ttl, 20);
  assert.equal(cache.find(question.name, rrType.AAAA, 1, 0), undefined);
  assert.equal(cache.find(question.name, rrType.A, 1, 30_000), undefined);
});

test("denials live negativeTtlMaxS at most, and a TTL of 0 is not kept", () => {
  const cache = cacheOf({ negativeTtlMaxS: 50 });
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  cache.storeDenial("no-name", question, [soa("example")], 300, "indeterminate", 0);
  assert.equal(cache.findNoName(question.name, 1, 0)?.ttlS, 50);
  const second = { ...question, name: name("w2.example") };
  cache.storeDenial("no-name", second, [soa("example")], 0, "indeterminate", 0);
  assert.equal(cache.findNoName(second.name, 1, 0), undefined);
});

test("a denied name denies the names below it, and no others (RFC 8020 §2)", () => {
  const cache = cacheOf();
  const question = { name: name("gone.example"), type: rrType.A, class: 1 };
  cache.storeDenial("no-name", question, [soa("example")], 300, "indeterminate", 0);
  assert.equal(cache.findNoName(name("a.b.GONE.example"), 1, 0)?.kind, "no-name");
  assert.equal(cache.findNoName(name("example"), 1, 0), undefined);
  assert.equal(cache.findNoName(name("here.example"), 1, 0), undefined);
});

test("data of a name ends its denial", () => {
  const cache = cacheOf();
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  cache.storeDenial("no-name", question, [soa("example")], 300, "indeterminate", 0);
  cache.store(a("www.example", 300, 1), 4, "indeterminate", 0);
  assert.equal(cache.findNoName(question.name, 1, 0), undefined);
});

test("a denial keeps proofSetsPerDenialMax sets", () => {
  const max = limits.proofSetsPerDenialMax.value;
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  for (const count of [max, max + 1]) {
    const cache = cacheOf();
    const proofs = Array.from({ length: count }, (_, i) => soa(`n${i}.example`));
    cache.storeDenial("no-name", question, proofs, 300, "indeterminate", 0);
    const found = cache.findNoName(question.name, 1, 0);
    assert.equal(found?.authority.length, max);
    assert.equal(text(found.authority[1]!.name), "n1.example.");
  }
});

test("the nearest cut is the closest one at or above a name", () => {
  const cache = cacheOf();
  for (const zone of [".", "com", "example.com"]) {
    cache.storeCut(ns(zone), [], 0);
  }
  const nearest = (owner: string, nowMs = 0): string | undefined => {
    const found = cache.nearestCut(name(owner), 1, nowMs);
    return found && text(found.servers.name);
  };
  assert.equal(nearest("www.example.com"), "example.com.");
  assert.equal(nearest("example.com"), "example.com.");
  assert.equal(nearest("www.other.com"), "com.");
  assert.equal(nearest("www.example.net"), ".");
  assert.equal(nearest("www.example.net", 300_000), undefined);
});

test("what is proven gives way to what is proven only", () => {
  const cache = cacheOf();
  cache.store(a("www.example", 300, 1), 5, "secure", 0);
  assert.equal(cache.store(a("www.example", 300, 2), 4, "indeterminate", 0), false);
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  cache.storeDenial("no-data", question, [], 300, "indeterminate", 0);
  assert.equal(cache.find(name("www.example"), rrType.A, 1, 0)?.kind, "set");
  cache.storeDenial("no-data", question, [], 300, "secure", 0);
  assert.equal(cache.find(name("www.example"), rrType.A, 1, 0)?.kind, "no-data");
});

test("a set from a wildcard is kept with its proof", () => {
  const cache = cacheOf();
  const proof = { ...a("a.example", 300, 9), type: rrType.NSEC };
  cache.store(a("b.example", 300, 1), 5, "secure", 0, [proof]);
  const found = cache.find(name("b.example"), rrType.A, 1, 100_000);
  assert.ok(found?.kind === "set");
  assert.deepEqual(found.proofs, [{ ...proof, ttl: 200 }]);
});

test("everything of a name is forgotten", () => {
  const cache = cacheOf();
  cache.store(a("www.example", 300, 1), 4, "indeterminate", 0);
  cache.store(a("example", 300, 1), 4, "indeterminate", 0);
  cache.storeCut(ns("www.example"), [], 0);
  assert.equal(cache.removeName(name("WWW.example")), 2);
  assert.equal(cache.stats.entries, 1);
});

test("the nearest set of a type is found above a name, never at it", () => {
  const cache = cacheOf();
  for (const owner of ["example", "b.example"]) {
    cache.store(a(owner, 300, owner.length), 4, "indeterminate", 0);
  }
  const above = (owner: string): string | undefined => {
    const found = cache.findAbove(name(owner), rrType.A, 1, 0);
    return found && text(found.set.name);
  };
  assert.equal(above("a.c.b.example"), "b.example.");
  assert.equal(above("b.example"), "example.");
  assert.equal(above("example"), undefined);
});
