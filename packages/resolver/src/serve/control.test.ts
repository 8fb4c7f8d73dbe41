/** What an operator may order of a resolver. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { SmallResolver, question } from "../../test/small-resolver.ts";
import { name, seeded } from "../../test/small-world.ts";
import { newMemory } from "../recursor/memory.ts";
import { type ControlAnswer, type KnownEntry, forgetFailures } from "./control.ts";

function newResolver(): SmallResolver {
  return new SmallResolver({
    "10.0.0.1": (qname, qtype) => {
      if (qname === "gone.example.") return { aa: true, rcode: 3, authority: ["example SOA 60"] };
      if (qname === "bad.example.") return { rcode: 2 };
      const isAddress = qtype === rrType.A;
      return isAddress
        ? { aa: true, answer: [`${qname} A 192.0.2.1`] }
        : { aa: true, authority: ["example SOA 60"] };
    },
  });
}

function known(small: SmallResolver, of: string): readonly KnownEntry[] {
  const answer = small.resolver.control({ kind: "dump", name: name(of) });
  assert.equal(answer.kind, "dumped");
  return (answer as ControlAnswer & { kind: "dumped" }).known;
}

function summary(small: SmallResolver, of: string): string[] {
  return known(small, of).map(({ kind, type, leftS }) => `${kind} ${type} ${leftS}`);
}

test("a dump has what is known of one name, in presentation form", () => {
  const small = newResolver();
  small.answer({});
  small.answer({ type: rrType.AAAA });
  small.answer({ name: "gone.example" });
  assert.deepEqual(summary(small, "WWW.example").toSorted(), [
    "data A 300",
    "no data AAAA 60",
    "packed answer A 300",
    "packed answer AAAA 60",
  ]);
  const data = known(small, "www.example").find(({ kind }) => kind === "data");
  assert.match(data!.records.join(), /^www\.example\.\s+300\s+IN\s+A\s+192\.0\.2\.1$/);
  assert.ok(summary(small, "gone.example").includes("no such name - 60"));
  assert.deepEqual(known(small, "other.example"), []);
});

test("a dump says how far each is believed, what validation says, and what failed", () => {
  const small = newResolver();
  small.answer({});
  small.answer({ name: "bad.example" });
  const told = [...known(small, "www.example"), ...known(small, "bad.example")];
  assert.deepEqual(
    told.map(({ kind, rank, verdict }) => [kind, rank, verdict]),
    [
      ["data", "authoritative answer", "indeterminate"],
      ["packed answer", "-", "-"],
      ["packed answer", "-", "-"],
      ["failure", "-", "-"],
    ],
  );
});

test("a subtree is flushed whole, and nothing beside it", () => {
  const small = newResolver();
  const names = ["a.web.example", "b.a.WEB.example", "web.example", "cobweb.example", "eb.example"];
  for (const each of names) small.answer({ name: each });
  const flushed = small.resolver.control({ kind: "flush-below", name: name("Web.example") });
  assert.deepEqual(flushed, { kind: "flushed", entries: 6 });
  for (const each of names) {
    const isBeside = each === "cobweb.example" || each === "eb.example";
    assert.equal(known(small, each).length, isBeside ? 2 : 0, each);
  }
});

test("the root's subtree is everything", () => {
  const small = newResolver();
  small.answer({});
  small.resolver.control({ kind: "flush-below", name: name("") });
  const { stats } = small.resolver;
  assert.deepEqual([stats.answers.entries, stats.rrsets.entries], [0, 0]);
});

test("a flushed name is asked for again; others are not", () => {
  const small = newResolver();
  small.answer({});
  small.answer({ name: "web.example" });
  const flushed = small.resolver.control({
    kind: "flush",
    name: name("www.example"),
    type: undefined,
  });
  assert.deepEqual(flushed, { kind: "flushed", entries: 2 });
  assert.deepEqual(known(small, "www.example"), []);
  assert.equal(small.put(question({})), "taken");
  assert.ok(small.put(question({ name: "web.example" })) instanceof Uint8Array);
});

test("one type of a name is flushed, the others stay", () => {
  const small = newResolver();
  small.answer({});
  small.answer({ type: rrType.AAAA });
  small.resolver.control({ kind: "flush", name: name("www.example"), type: rrType.A });
  assert.deepEqual(summary(small, "www.example").toSorted(), [
    "no data AAAA 60",
    "packed answer AAAA 60",
  ]);
});

test("a failure is forgotten with its name", () => {
  const small = newResolver();
  small.answer({ name: "bad.example" });
  const asks = small.world.asked.length;
  small.answer({ name: "bad.example" });
  assert.equal(small.world.asked.length, asks);
  small.resolver.control({ kind: "flush", name: name("bad.example"), type: undefined });
  small.answer({ name: "bad.example" });
  assert.ok(small.world.asked.length > asks);
});

test("flush-all leaves no name, and the numbers go on", () => {
  const small = newResolver();
  small.answer({});
  const before = small.resolver.stats;
  const entries = before.answers.entries + before.rrsets.entries;
  assert.deepEqual(small.resolver.control({ kind: "flush-all" }), { kind: "flushed", entries });
  const { stats } = small.resolver;
  assert.deepEqual([stats.answers.entries, stats.rrsets.entries], [0, 0]);
  assert.deepEqual(small.resolver.control({ kind: "stats" }), { kind: "stats", stats });
  assert.equal(stats.counts["asked"], 1);
});

test("what is proven of names in between is not forgotten with what failed", () => {
  const rrsets = { sizeBytes: 1 << 20, ttlMinS: 0, ttlMaxS: 3600, negativeTtlMaxS: 3600 };
  const memory = newMemory({ rrsets, servers: 16, failures: 16, chains: 16 }, seeded(1));
  const asked = { name: name("www.example"), type: rrType.A, class: 1 };
  memory.failures.note(asked, { kind: "failed", why: "time-out", errors: [], ttlS: 60 }, 0);
  const nsec = {
    ...asked,
    type: rrType.NSEC,
    ttl: 60,
    rdatas: [new Uint8Array(8)],
    signatures: [],
  };
  memory.denials.storeNsec(name("example"), { ...nsec, name: name("example") }, 60, 0);
  forgetFailures(memory);
  assert.equal(memory.failures.find(asked, 0), undefined);
  assert.ok(memory.denials.zoneOf(name("example"), 1, 0) !== undefined);
});
