/** Copies of zones: what they answer, and that their servers are not asked while they are there. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { sandboxRootZone } from "../../sim/sandbox-root.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { type Server, SmallWorld, line, name, text } from "../../test/small-world.ts";
import { ZoneCopies } from "./zone-copies.ts";
import type { Outcome } from "./outcome.ts";
import { ZoneCopy, packZone } from "./zone-copy.ts";

const packed = packZone(sandboxRootZone({ nowS: new SandboxWorld().wallS() }));
const DAY_MS = 86_400_000;

function ask(of: string, type: number = rrType.A): Question {
  return { name: name(of), type, class: 1 };
}

/** RCODE, verdict and answer of an outcome. */
function told(outcome: Outcome): string {
  if (outcome.kind === "failed") return outcome.why;
  const types = outcome.answer.map((set) => `${text(set.name)} ${set.type}`);
  return [outcome.rcode, outcome.verdict, ...types].join(" ");
}

/** How often a root server was asked. */
function askedOfRoot(world: SandboxWorld): number {
  const isRoots = (ip: Uint8Array): boolean => ip[1] === 53 && ip[2] === 0 && ip[3]! <= 3;
  return world.steps.filter((step) => step.kind === "asked" && isRoots(step.server.ip)).length;
}

const cases: readonly (readonly [string, Question])[] = [
  ["a name of a signed zone", ask("www.good.lethe")],
  ["a name of an unsigned zone", ask("www.river-news.com")],
  ["a name below a top-level domain without DS", ask("www.example.org")],
  ["a name whose top-level domain is not there", ask("www.nowhere")],
  ["a top-level domain that is not there", ask("nowhere", rrType.NS)],
  ["the root's name servers", ask("", rrType.NS)],
  ["the root's keys", ask("", rrType.DNSKEY)],
  ["the root's SOA", ask("", rrType.SOA)],
  ["a type that the root does not have", ask("", rrType.MX)],
  ["a DS set", ask("lethe", rrType.DS)],
  ["a DS set that is not there", ask("org", rrType.DS)],
  ["a DS set of a name that is not there", ask("nowhere", rrType.DS)],
];

describe("with a copy of the root", () => {
  for (const [title, question] of cases) {
    test(`${title} is answered as without, and no root server is asked`, () => {
      const without = new SandboxWorld();
      const expected = told(without.resolve(question));
      assert.ok(askedOfRoot(without) > 0);
      const world = new SandboxWorld();
      world.memory.copies.use(ROOT, packed, world.nowMs() + DAY_MS);
      assert.equal(told(world.resolve(question)), expected);
      assert.equal(askedOfRoot(world), 0);
    });
  }

  test("the servers are asked again when its time is over, or it is taken away", () => {
    const world = new SandboxWorld();
    world.memory.copies.use(ROOT, packed, world.nowMs() + 1000);
    world.resolve(ask("nowhere"));
    assert.equal(askedOfRoot(world), 0);
    world.time.runUntil(world.nowMs() + 1000);
    world.resolve(ask("elsewhere"));
    assert.ok(askedOfRoot(world) > 0);
    const taken = new SandboxWorld();
    taken.memory.copies.use(ROOT, packed, taken.nowMs() + DAY_MS);
    taken.memory.copies.use(ROOT, undefined, 0);
    taken.resolve(ask("nowhere"));
    assert.ok(askedOfRoot(taken) > 0);
  });

  test("a copy that is not the root's is found out by its signatures, like a server", () => {
    const forged = sandboxRootZone({ nowS: new SandboxWorld().wallS() }).map((record) => {
      if (record.type !== rrType.DS) return record;
      return { ...record, rdata: record.rdata.with(9, record.rdata[9]! ^ 1) };
    });
    const world = new SandboxWorld();
    world.memory.copies.use(ROOT, packZone(forged), world.nowMs() + DAY_MS);
    assert.equal(told(world.resolve(ask("www.good.lethe"))), "bogus");
  });
});

/** A world with a copy of corp, whose servers nobody has named; what is below is elsewhere. */
function worldWithCopy(orOthers: boolean): SmallWorld {
  const root: Server = (qname) =>
    qname === "."
      ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
      : { aa: true, answer: [`${qname} A 192.0.2.99`] };
  const sub: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.11`] });
  const zone = name("corp");
  return new SmallWorld(
    { "10.0.0.1": root, "10.0.0.8": sub },
    { configuredZones: [{ zone, servers: [], recursive: false, isCopied: true, orOthers }] },
  );
}

const corp = readZoneFile(
  "@ 60 SOA ns hostmaster 1 60 60 600 60\nwww A 192.0.2.10\nalias CNAME www\n*.w A 192.0.2.12\n" +
    "out CNAME www.net.\nsub NS ns.sub\nns.sub A 10.0.0.8\n",
  { origin: name("corp"), ttlS: 60 },
);
assert.ok(!("kind" in corp));
const corpPacked = packZone(corp.records);

describe("with a copy of another zone", () => {
  for (const [asked, expected] of [
    ["www.corp", "0 | www.corp. 1 192.0.2.10"],
    ["alias.corp", "0 | alias.corp. 5 www.corp. | www.corp. 1 192.0.2.10"],
    ["a.b.w.corp", "0 | a.b.w.corp. 1 192.0.2.12"],
    ["none.corp", "3"],
    ["www.sub.corp", "0 | www.sub.corp. 1 192.0.2.11"],
    ["out.corp", "0 | out.corp. 5 www.net. | www.net. 1 192.0.2.99"],
  ] as const) {
    test(`${asked} is answered from it, and from elsewhere what lies there`, () => {
      const world = worldWithCopy(false);
      world.memory.copies.use(name("corp"), corpPacked, Number.POSITIVE_INFINITY);
      assert.equal(line(world.resolve(asked)).replaceAll(/, (?=\w)/g, " | "), expected);
      assert.ok(!world.asked.some((one) => one.startsWith("10.0.0.1") && one.includes("corp")));
    });
  }

  test("nobody is asked where there is none, or others where the operator says so", () => {
    assert.equal(line(worldWithCopy(false).resolve("www.corp")), "no-reachable-server");
    assert.equal(line(worldWithCopy(true).resolve("www.corp")), "0 | www.corp. 1 192.0.2.99");
    const late = worldWithCopy(true);
    late.memory.copies.use(name("corp"), corpPacked, late.nowMs());
    assert.equal(line(late.resolve("www.corp")), "0 | www.corp. 1 192.0.2.99");
  });
});

test("a packed zone has its records, found by name", () => {
  const zone = new ZoneCopy(packed);
  const sets = zone.setsAt(name("LETHE"));
  assert.deepEqual(
    sets.map((set) => set.type).toSorted((a, b) => a - b),
    [rrType.NS, rrType.DS, rrType.NSEC],
  );
  assert.deepEqual(
    sets.map((set) => set.signatures.length),
    sets.map((set) => (set.type === rrType.NS ? 0 : 1)),
  );
  assert.equal(zone.has(name("nic.lethe")), true);
  assert.equal(zone.has(name("x.lethe")), false);
  assert.equal(zone.has(ROOT), true);
  assert.deepEqual(zone.setsAt(name("nowhere")), []);
  const denial = zone.denialOf(name("nowhere"));
  assert.ok(denial !== undefined);
  const { rdatas, ...rest } = denial;
  assert.match(recordToText({ ...rest, rdata: rdatas[0]! }), /^net\..*\sNSEC\s+org\./);
});

test("records that stand twice are packed once, and none make no zone", () => {
  const records = sandboxRootZone({ nowS: 1_800_000_000 });
  assert.equal(packZone([...records, ...records]).byteLength, packZone(records).byteLength);
  const copies = new ZoneCopies();
  copies.use(ROOT, packZone([]), 1000);
  const reading = copies.reading(ROOT, ask("a"), 0);
  assert.equal(reading?.kind === "telling" && reading.ending.kind, "no-name");
  assert.equal(rcode.NXDOMAIN, 3);
});
