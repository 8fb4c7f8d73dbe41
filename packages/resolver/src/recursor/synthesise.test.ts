/**
 * What proven denials say of other names: the same as their zone's servers would, without asking
 * them, and nothing where they do not know.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { compareNames } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import type { Denial } from "../../sim/signer-denial.ts";
import { smallZone } from "../../sim/signer-zone.ts";
import { PLAIN_NSEC3, SignedZoneWorld } from "../../test/signed-zone-world.ts";
import { name, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { RecursorOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";

const { A, AAAA, CNAME, DS, MX, NS, TXT } = rrType;
const NSEC: Denial = { kind: "nsec" };
const apex = name("example");

function ask(of: string, type: number = A): Question {
  return { name: name(of), type, class: 1 };
}

function worldOf(denial: Denial, options: Partial<RecursorOptions> = {}): SignedZoneWorld {
  return new SignedZoneWorld(apex, smallZone("example"), denial, options);
}

/** Questions asked upstream while one more is answered. */
function asksFor(world: SignedZoneWorld, question: Question, checkingDisabled = false): number {
  const before = world.asked.length;
  world.askFor(question, checkingDisabled);
  return world.asked.length - before;
}

function setText({ name: owner, type, rdatas, signatures }: RecordSet): string {
  const hex = [...rdatas, ...signatures].map((rdata) => Buffer.from(rdata).toString("hex"));
  return `${text(owner)} ${type} ${hex.toSorted().join(" ")}`;
}

/**
 * An outcome without its TTLs, its authority section in any order; without that behind an alias,
 * where what one reply proves of both names is kept with both.
 */
function tidied(outcome: Outcome): unknown {
  if (outcome.kind === "failed") return outcome.kind;
  const { rcode: code, verdict, answer, authority } = outcome;
  const isAlias = answer.some((set) => set.type === CNAME);
  return {
    code,
    verdict,
    answer: answer.map(setText),
    authority: isAlias ? [] : [...new Set(authority.map(setText))].toSorted(),
  };
}

/** What is asked first, then what, and whether somebody must be asked for it, with NSEC. */
const cases: [string, Question, Question, boolean][] = [
  ["a name in a gap that is known", ask("nothing.example"), ask("nothinh.example"), false],
  ["a name below one that is denied", ask("nothing.example"), ask("a.nothing.example"), false],
  [
    "names beside one below a denied one",
    ask("a.nothing.example"),
    ask("b.nothing.example"),
    false,
  ],
  ["the same name, another type", ask("nothing.example"), ask("nothing.example", MX), false],
  ["another type of a name", ask("www.example", AAAA), ask("www.example", MX), false],
  ["a type that the name has", ask("www.example", AAAA), ask("www.example", TXT), true],
  ["a name in another gap", ask("nothing.example"), ask("zzz.example"), true],
  ["an empty name, another type", ask("empty.example"), ask("empty.example", MX), false],
  ["a wildcard that is known", ask("a.wild.example"), ask("b.wild.example"), false],
  ["a deeper name of it", ask("a.wild.example"), ask("x.b.wild.example"), false],
  ["a wildcard without the type", ask("a.wild.example", MX), ask("b.wild.example", TXT), false],
  ["a type of a wildcard not known", ask("a.wild.example", MX), ask("b.wild.example"), true],
  ["a cut and its own data", ask("unsigned.example", DS), ask("unsigned.example", MX), true],
  ["names below a cut", ask("unsigned.example", DS), ask("x.unsigned.example", MX), true],
  ["names below a DNAME", ask("away.example", MX), ask("x.away.example", MX), true],
  ["the DS set of an ordinary name", ask("www.example", AAAA), ask("www.example", DS), false],
  ["the DS set of a denied name", ask("nothing.example"), ask("nothinh.example", DS), false],
];

/** With NSEC3 the gaps are those of hashes: these names lie in gaps of their own. */
const OTHER_GAPS: ReadonlySet<string> = new Set([
  "a name in a gap that is known",
  "a wildcard that is known",
  "a deeper name of it",
  "a wildcard without the type",
  "the DS set of a denied name",
]);

for (const [title, denial] of [
  ["NSEC", NSEC],
  ["NSEC3", PLAIN_NSEC3],
] as const) {
  describe(`of denials with ${title}`, () => {
    for (const [what, before, question, withNsec] of cases) {
      const isAsked = withNsec || (denial !== NSEC && OTHER_GAPS.has(what));
      test(`${what}: ${isAsked ? "somebody" : "nobody"} is asked`, () => {
        const world = worldOf(denial);
        world.askFor(before);
        assert.equal(asksFor(world, question) > 0, isAsked);
      });
    }
  });
}

test("with NSEC3 too a wildcard that is known answers for names in a known gap", () => {
  const world = worldOf(PLAIN_NSEC3);
  for (let i = 0; i < 40; i++) world.askFor(ask(`n${i}.wild.example`));
  assert.ok(world.asked.length < 20, `${world.asked.length} questions`);
});

test("what is made lives no longer than the shortest of what it is made from", () => {
  const world = worldOf(NSEC);
  world.askFor(ask("nothing.example"));
  world.run(world.nowMs() + 200_000);
  const outcome = world.askFor(ask("nothinh.example"));
  assert.ok(outcome.kind === "answered");
  assert.equal(outcome.rcode, rcode.NXDOMAIN);
  // The SOA of the zone lets a denial be kept for 300 seconds (RFC 9077 §3.4).
  assert.ok(outcome.ttlS <= 101, `${outcome.ttlS}`);
  world.run(world.nowMs() + 200_000);
  assert.equal(asksFor(world, ask("nothink.example")), 1);
});

test("the longest time that a denial is kept holds for what is made of it", () => {
  const world = worldOf(NSEC, { negativeTtlMaxS: 60 });
  world.askFor(ask("nothing.example"));
  world.run(world.nowMs() + 61_000);
  assert.equal(asksFor(world, ask("nothinh.example")), 1);
});

test("it can be turned off", () => {
  const world = worldOf(NSEC, { aggressive: false });
  world.askFor(ask("nothing.example"));
  assert.equal(asksFor(world, ask("nothinh.example")), 1);
});

test("who sets CD is told what the servers say", () => {
  const world = worldOf(NSEC);
  world.askFor(ask("nothing.example"));
  assert.equal(asksFor(world, ask("nothinh.example"), true), 1);
});

test("nothing is made of what was not judged", () => {
  const world = worldOf(NSEC);
  world.askFor(ask("nothing.example"), true);
  assert.equal(asksFor(world, ask("nothinh.example")) > 0, true);
});

test("RFC 8198 §5.2: records with opt-out deny no other name", () => {
  const world = worldOf({ ...PLAIN_NSEC3, isOptOut: true });
  for (let i = 0; i < 40; i++) world.askFor(ask(`n${i}.example`));
  assert.ok(world.asked.length > 40);
});

test("a known cut below the zone speaks for its names, whatever the zone denies", () => {
  const world = worldOf(NSEC);
  world.askFor(ask("nothing.example"));
  const servers: RecordSet = {
    name: name("nothinh.example"),
    type: NS,
    class: 1,
    ttl: 300,
    rdatas: [name("ns.nothinh.example")],
    signatures: [],
  };
  world.memory.rrsets.storeCut(servers, [], world.nowMs());
  assert.equal(asksFor(world, ask("x.nothinh.example")) > 0, true);
});

test("no hash is made for a name of more than synthesisHashedLabelsMax labels in its zone", () => {
  const world = worldOf(PLAIN_NSEC3);
  const deep = (labels: number): Question => ask(`${"a.".repeat(labels)}nothing.example`, MX);
  const max = limits.synthesisHashedLabelsMax.value;
  world.askFor(ask("www.example", MX));
  world.askFor(deep(1));
  world.memory.rrsets.clear();
  assert.equal(asksFor(world, deep(max - 1)), 0);
  assert.equal(asksFor(world, deep(max)), 1);
});

test("whoever watches is told of which record an answer was made", () => {
  const world = worldOf(NSEC);
  world.askFor(ask("nothing.example"));
  world.askFor(ask("nothinh.example"));
  const step = world.steps.find((one) => one.kind === "synthesised");
  assert.ok(step?.kind === "synthesised");
  assert.deepEqual([text(step.zone), step.by, step.what], ["example.", "NSEC", "no name"]);
  assert.equal(text(step.owner), "deep.in.empty.example.");
});

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

function randomName(seed: number): string {
  let label = "";
  for (let i = 0, state = seed + 1; i < 12; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    label += LETTERS[(state >>> 16) % LETTERS.length]!;
  }
  return `${label}.example`;
}

for (const [title, denial, most] of [
  ["NSEC", NSEC, 20],
  ["NSEC3", PLAIN_NSEC3, 20],
] as const) {
  test(`five hundred random names of a zone with ${title} cost few questions`, () => {
    const world = worldOf(denial);
    const plain = worldOf(denial, { aggressive: false });
    for (let i = 0; i < 500; i++) {
      const outcome = world.askFor(ask(randomName(i)));
      assert.ok(outcome.kind === "answered");
      assert.equal(outcome.rcode, rcode.NXDOMAIN);
      assert.equal(outcome.verdict, "secure");
      if (i < 100) plain.askFor(ask(randomName(i)));
    }
    assert.ok(world.asked.length <= most, `${world.asked.length} questions`);
    assert.ok(plain.asked.length >= 100, `${plain.asked.length} questions without`);
    assert.ok(world.checks < plain.checks);
  });
}

/** A zone of random names and types, with cuts, wildcards and aliases among them. */
const label = fc.constantFrom("a", "b", "c", "*", "ab", "-", "zz");
const owner = fc
  .array(label, { minLength: 1, maxLength: 3 })
  .map((labels) => [...labels, "example"].join("."));
const content = fc.record({ owner, type: fc.constantFrom(A, A, TXT, CNAME, NS, MX) });
const question = fc.record({ of: owner, type: fc.constantFrom(A, A, TXT, AAAA, DS, CNAME, MX) });

function recordOf({ owner: of, type }: { owner: string; type: number }): ResourceRecord {
  const rdata =
    type === A
      ? Uint8Array.of(192, 0, 2, 7)
      : type === TXT
        ? Uint8Array.of(1, 0x78)
        : type === MX
          ? Uint8Array.of(0, 1, ...name("a.example"))
          : name(type === CNAME ? "www.example" : "ns.example");
  return { name: name(of), type, class: 1, ttl: 3600, rdata };
}

/** Records that may stand together: aliases and cuts stand alone, and nothing below a cut. */
function zoneOf(contents: readonly { owner: string; type: number }[]): ResourceRecord[] {
  const kept = new Map<string, ResourceRecord[]>();
  for (const one of contents) {
    const record = recordOf(one);
    // Neither a cut nor an alias at a wildcard's own name: servers differ about them.
    if (one.owner.startsWith("*.") && one.type === NS) continue;
    const beside = kept.get(one.owner) ?? [];
    const isAlone = (type: number): boolean => type === CNAME || type === NS;
    if (beside.some((other) => other.type === record.type)) continue;
    if (beside.length > 0 && (isAlone(record.type) || isAlone(beside[0]!.type))) continue;
    kept.set(one.owner, [...beside, record]);
  }
  const cuts = [...kept].filter(([, [first]]) => first!.type === NS).map(([of]) => of);
  const own = [...kept].filter(([of]) => !cuts.some((cut) => of.endsWith(`.${cut}`)));
  const base = smallZone("example").slice(0, 7);
  return [...base, ...own.flatMap(([, records]) => records)];
}

for (const [title, denial] of [
  ["NSEC", NSEC],
  ["NSEC3", PLAIN_NSEC3],
] as const) {
  test(`what is made with ${title} is what the authority would have said`, () => {
    let made = 0;
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 8 }),
        fc.array(question, { minLength: 4, maxLength: 12 }),
        (contents, questions) => {
          const records = zoneOf(contents).toSorted((a, b) => compareNames(a.name, b.name));
          const world = new SignedZoneWorld(apex, records, denial);
          const plain = new SignedZoneWorld(apex, records, denial, { aggressive: false });
          for (const { of, type } of questions) {
            const got = tidied(world.askFor(ask(of, type)));
            plain.memory.rrsets.clear();
            plain.memory.failures.clear();
            assert.deepEqual(got, tidied(plain.askFor(ask(of, type))), `${of} ${type}`);
          }
          made += world.steps.filter((step) => step.kind === "synthesised").length;
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(made > 60, `${made} answers were made`);
  });
}
