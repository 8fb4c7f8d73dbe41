/** What clients of different networks see, and that nothing passes from one view to another. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { recordToText } from "@lethe/wire/record-text.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { SmallResolver } from "../../test/small-resolver.ts";
import { type Server, SmallWorld, name } from "../../test/small-world.ts";
import type { ClientNetwork } from "./admit.ts";
import type { LocalZone } from "./local-zones.ts";
import type { ResolverOptions, SlowOptions } from "./resolver.ts";
import type { ViewOptions } from "./views.ts";

const PUBLIC = "10.0.0.1";
const INNER = "10.0.0.2";

const serves =
  (address: string): Server =>
  (qname) => ({ aa: true, answer: [`${qname} A ${address}`] });

function local(zone: string, text: string): LocalZone {
  const read = readZoneFile(text, { origin: name(zone), ttlS: 60 });
  assert.ok(!("kind" in read));
  return { zone: name(zone), records: read.records, others: "no-name" };
}

function host(last: number): ClientNetwork {
  return { ip: Uint8Array.of(127, 0, 0, last), bits: 32 };
}

const everybody = local("home.test", "printer A 192.0.2.1");

/** Everybody's view, one with local data alone, and one with a forward zone. */
function newResolver(
  slow: Partial<SlowOptions> = {},
  more: Partial<ResolverOptions> = {},
): SmallResolver {
  const { options } = new SmallWorld({});
  const servers = [{ ip: Uint8Array.from(INNER.split("."), Number), port: 53 }];
  const inner = { zone: name("corp.example"), servers, recursive: true };
  const views: ViewOptions[] = [
    {
      networks: [host(2)],
      localZones: [local("www.example", "@ A 192.0.2.2"), everybody],
      ownZones: [],
    },
    {
      networks: [host(3), { ip: Uint8Array.of(127, 1, 0, 0), bits: 16 }],
      localZones: [everybody],
      ownZones: [name("corp.example")],
      recursor: { ...options, configuredZones: [inner] },
    },
  ];
  return new SmallResolver(
    { [PUBLIC]: serves("198.51.100.1"), [INNER]: serves("203.0.113.1") },
    { localZones: [everybody], ...slow },
    { views, cacheBytes: 1 << 21, ...more },
  );
}

/** Last octets of clients: who has which view. */
const ALL = [1];
const WITH_LOCAL = [2];
const WITH_FORWARD = [3];

function told(small: SmallResolver, asked: string, last: number, second = 0): string {
  const answer = small.answer({ name: asked }, { ip: [127, second, 0, last] });
  return answer.answer.map((one) => recordToText(one).split("\t").at(-1)).join();
}

const cases: readonly (readonly [string, string, readonly number[], string])[] = [
  ["a public name", "www.example", ALL, "198.51.100.1"],
  ["a name of its own", "www.example", WITH_LOCAL, "192.0.2.2"],
  ["a name that is another view's own", "www.example", WITH_FORWARD, "198.51.100.1"],
  ["a name below a forward zone", "www.corp.example", WITH_FORWARD, "203.0.113.1"],
  ["the public side of it", "www.corp.example", ALL, "198.51.100.1"],
  ["the public side of it too", "www.corp.example", WITH_LOCAL, "198.51.100.1"],
  [
    "what is everybody's",
    "printer.home.test",
    [...ALL, ...WITH_LOCAL, ...WITH_FORWARD],
    "192.0.2.1",
  ],
];

describe("a client sees", () => {
  for (const [title, asked, clients, expected] of cases) {
    for (const last of clients) {
      test(`${title}, at 127.0.0.${last}`, () => {
        assert.equal(told(newResolver(), asked, last), expected);
      });
    }
  }

  test("the view of the longest network that it is in", () => {
    assert.equal(told(newResolver(), "www.corp.example", 77, 1), "203.0.113.1");
  });

  test("the same whoever has asked before, in any order, and from the cache", () => {
    for (const order of [cases, cases.toReversed()]) {
      const small = newResolver();
      for (let round = 0; round < 3; round++) {
        for (const [title, asked, clients, expected] of order) {
          for (const last of clients) assert.equal(told(small, asked, last), expected, title);
        }
      }
    }
  });
});

test("a view may have private addresses in its own zones, and nobody else in those", () => {
  const networks = [{ ip: Uint8Array.of(203, 0, 113, 0), bits: 24 }];
  const small = newResolver({ privateAddresses: { networks, exempt: [] } });
  assert.equal(told(small, "www.corp.example", 3), "203.0.113.1");
  const outside = newResolver({
    privateAddresses: { networks: [{ ip: Uint8Array.of(198, 51, 100, 0), bits: 24 }], exempt: [] },
  });
  assert.equal(told(outside, "www.corp.example", 1), "");
});

test("a view lets nobody in whom the access rules refuse", () => {
  const small = newResolver();
  const { header } = small.answer({ name: "www.example" }, { ip: [10, 0, 0, 9] });
  assert.equal(header.flags & 0xf, 5);
});

test("a view without zones of its own asks nothing that everybody's view has in its caches", () => {
  const small = newResolver();
  told(small, "a.example", 1);
  const before = small.world.asked.length;
  told(small, "a.example", 2);
  assert.equal(small.world.asked.length, before);
  told(small, "a.example", 3);
  assert.ok(small.world.asked.length > before);
});

test("what views resolve is counted with the rest, and ends with it", () => {
  const small = newResolver();
  told(small, "a.example", 1);
  const one = small.resolver.stats.asksTotal;
  const { entries } = small.resolver.stats.rrsets;
  told(small, "a.example", 3);
  assert.ok(small.resolver.stats.asksTotal > one);
  assert.ok(small.resolver.stats.rrsets.entries > entries);
  assert.equal(small.resolver.tasksRunning, 0);
  small.resolver.sweep(10);
  small.resolver.close();
});

test("popular answers are renewed by their own view", () => {
  const small = newResolver({}, { prefetch: true });
  assert.equal(told(small, "www.corp.example", 3), "203.0.113.1");
  for (const at of [0.92, 0.94]) {
    small.world.run(at * 300_000);
    assert.equal(told(small, "www.corp.example", 3), "203.0.113.1");
  }
  small.world.run();
  const before = small.world.asked.length;
  small.world.run(301_000);
  assert.equal(told(small, "www.corp.example", 3), "203.0.113.1");
  assert.equal(small.world.asked.length, before);
  assert.ok(small.world.asked.filter((one) => one.startsWith(INNER)).length > 1);
});

test("an operator's orders reach the caches of all views", () => {
  const small = newResolver();
  told(small, "www.corp.example", 3);
  const dumped = small.resolver.control({ kind: "dump", name: name("www.corp.example") });
  assert.ok(dumped.kind === "dumped");
  assert.deepEqual(dumped.known.map(({ kind }) => kind).toSorted(), ["data", "packed answer"]);
  const flush = { kind: "flush", name: name("www.corp.example"), type: undefined } as const;
  const flushed = small.resolver.control(flush);
  assert.ok(flushed.kind === "flushed" && flushed.entries === 2);
  const before = small.world.asked.length;
  told(small, "www.corp.example", 3);
  assert.ok(small.world.asked.length > before);
});
