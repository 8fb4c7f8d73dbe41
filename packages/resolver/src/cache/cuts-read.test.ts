/** Unpacked cuts: known by place, expiry and name, and gone when any of these is another's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { type CutRead, CutsRead } from "./cuts-read.ts";
import { RrsetCache } from "./rrset-cache.ts";

function cut(zone: string, entry: number, expiresMs: number): CutRead {
  const servers = {
    name: name(zone),
    type: rrType.NS,
    class: 1,
    ttl: 0,
    rdatas: [],
    signatures: [],
  };
  return { entry, expiresMs, servers, ttlS: 60, glue: [] };
}

const OTHERS: [title: string, entry: number, expiresMs: number, zone: string][] = [
  ["another place", 16, 1000, "example"],
  ["another expiry", 8, 1001, "example"],
  ["another name", 8, 1000, "exbmple"],
  ["a name below", 8, 1000, "www.example"],
];

for (const [title, entry, expiresMs, zone] of OTHERS) {
  test(`${title} is another cut`, () => {
    const cuts = new CutsRead();
    cuts.keep(cut("example", 8, 1000));
    assert.equal(cuts.find(entry, expiresMs, name(zone), 0), undefined);
  });
}

test("a cut is found by any name below its zone, from where the zone begins", () => {
  const cuts = new CutsRead();
  const kept = cut("example", 8, 1000);
  cuts.keep(kept);
  assert.equal(cuts.find(8, 1000, name("www.example"), 4), kept);
  cuts.forget(8);
  assert.equal(cuts.find(8, 1000, name("www.example"), 4), undefined);
});

test("cutsReadMax cuts side by side are kept; one more takes the place of another", () => {
  const cuts = new CutsRead();
  const max = limits.cutsReadMax.value;
  for (let i = 0; i <= max; i++) cuts.keep(cut(`z${i}`, 8 * i, 1000));
  const kept = Array.from({ length: max + 1 }, (_, i) => cuts.find(8 * i, 1000, name(`z${i}`), 0));
  assert.equal(kept.filter((one) => one !== undefined).length, max);
  assert.equal(kept[0], undefined);
});

test("a cut that was read and is told anew is read anew", () => {
  const sizes = { sizeBytes: 1 << 17, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 };
  const cache = new RrsetCache(sizes, seeded(9));
  const tell = (server: string): void => {
    const set = { name: name("example"), type: rrType.NS, class: 1, ttl: 300 };
    cache.storeCut({ ...set, rdatas: [name(server)], signatures: [] }, [], 0);
  };
  const server = (): unknown => cache.nearestCut(name("www.example"), 1, 0)?.servers.rdatas[0];
  tell("ns.one");
  assert.deepEqual(server(), name("ns.one"));
  assert.deepEqual(server(), name("ns.one"));
  tell("ns.two");
  assert.deepEqual(server(), name("ns.two"));
  cache.clear();
  assert.equal(server(), undefined);
});
