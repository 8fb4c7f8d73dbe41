/** NSEC records prove no more than they may; what was tried against resolvers is refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { freshTerms, oneKeyZone, provenSet, signedSet } from "../../sim/signer-proofs.ts";
import { typeBitmap } from "../../sim/signer-denial.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { gatherProofs, proveNoData, proveNoDs, proveNoName, proveWildcard } from "./denial.ts";
import { type ProvenSet, judgeSet } from "./judge-set.ts";
import { judgeNow } from "./judging.ts";
import { joined } from "../../sim/signer-bytes.ts";

const zone = plainName("example");
const { A, NS, SOA, DS, CNAME, DNAME, NSEC, RRSIG } = rrType;

/** A proven NSEC; `labels`, where given, is the closest encloser of a wildcard. */
function nsec(owner: string, next: string, types: readonly number[]): ProvenSet {
  return provenSet(plainName(owner), NSEC, nsecRdata(next, types));
}

function nsecRdata(next: string, types: readonly number[]): Uint8Array {
  return joined(plainName(next), typeBitmap([...types, NSEC, RRSIG]));
}

function proofs(...sets: ProvenSet[]) {
  return gatherProofs(sets, zone);
}

describe("the next name must lie in the zone", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["inside", "z.example", "secure"],
    ["the apex, from the last name", "example", "secure"],
    ["another zone", "a.test", "bogus"],
    ["the parent", "", "bogus"],
    ["before its owner", "a.example", "bogus"],
    ["the owner itself", "b.example", "bogus"],
  ];
  for (const [title, next, expected] of rows) {
    test(title, () => {
      const apex = nsec("example", "b.example", [SOA, NS]);
      const all = proofs(apex, nsec("b.example", next, [A]));
      assert.equal(proveNoName(plainName("c.example"), all, freshTerms()).kind, expected);
    });
  }
});

test("an owner outside the zone denies nothing", () => {
  const all = proofs(nsec("test", "z.test", [A]), nsec("a.example", "z.example", [A]));
  assert.equal(all.nsecs.length, 1);
});

describe("a wildcard's NSEC shown at a name of the asker's choice", () => {
  const keys = oneKeyZone(zone);
  const rdatas = [nsecRdata("z.example", [A])];
  const expanded = signedSet(
    keys,
    { name: plainName("victim.example"), type: NSEC, rdatas },
    {
      labels: 1,
    },
  );
  const judged = judgeNow(judgeSet(expanded, keys, freshTerms()));
  assert.ok(judged.kind === "secure");
  const all = proofs(judged);
  test("is no proof that there is no DS", () => {
    assert.equal(proveNoDs(plainName("victim.example"), all, freshTerms()).kind, "bogus");
  });
  test("is no proof of no data, and covers nothing", () => {
    assert.equal(proveNoData(plainName("victim.example"), NS, all, freshTerms()).kind, "bogus");
    assert.equal(proveNoName(plainName("x.example"), all, freshTerms()).kind, "bogus");
  });
});

test("RFC 6840 §4.1: the parent's NSEC at a cut says nothing of names below the cut", () => {
  const all = proofs(
    nsec("example", "child.example", [SOA, NS]),
    nsec("child.example", "z.example", [NS, DS]),
  );
  const below = plainName("www.child.example");
  assert.equal(proveNoName(below, all, freshTerms()).kind, "bogus");
  assert.equal(proveNoData(below, A, all, freshTerms()).kind, "bogus");
  assert.equal(proveNoDs(below, all, freshTerms()).kind, "bogus");
  assert.equal(proveNoData(plainName("child.example"), A, all, freshTerms()).kind, "bogus");
  assert.equal(proveNoName(plainName("d.example"), all, freshTerms()).kind, "secure");
});

test("RFC 6672 §5.3.4: an NSEC with the DNAME bit says nothing of names below it", () => {
  const all = proofs(nsec("example", "d.example", [SOA]), nsec("d.example", "z.example", [DNAME]));
  assert.equal(proveNoName(plainName("x.d.example"), all, freshTerms()).kind, "bogus");
});

test("proofs of a zone above a known one are not the zone's own", () => {
  const keys = oneKeyZone(plainName("child.example"), 2);
  const above = oneKeyZone(zone);
  const rdatas = [nsecRdata("z.example", [NS])];
  const set = signedSet(above, { name: plainName("a.child.example"), type: NSEC, rdatas });
  assert.equal(judgeNow(judgeSet(set, keys, freshTerms())).kind, "bogus");
  const outside = gatherProofs([nsec("child.example", "z.example", [NS])], keys.zone);
  assert.equal(proveNoDs(plainName("a.child.example"), outside, freshTerms()).kind, "bogus");
});

describe("what the absence of a DS means", () => {
  const rows: readonly (readonly [string, number[], string])[] = [
    ["a cut without DS is an unsigned delegation", [NS], "insecure"],
    ["a name without NS is no cut", [A], "no-cut"],
    ["an alias is no cut", [CNAME], "no-cut"],
    ["a DS that is there is not absent", [NS, DS], "bogus"],
    ["the child has no say", [NS, SOA], "bogus"],
  ];
  for (const [title, types, expected] of rows) {
    test(title, () => {
      const all = proofs(nsec("child.example", "z.example", types));
      assert.equal(proveNoDs(plainName("child.example"), all, freshTerms()).kind, expected);
    });
  }
});

test("RFC 6840 §4.3: a name with CNAME is not without the type, it is elsewhere", () => {
  const all = proofs(nsec("a.example", "z.example", [CNAME]));
  assert.equal(proveNoData(plainName("a.example"), A, all, freshTerms()).kind, "bogus");
});

test("the apex of a zone is not without DS by its own word; the root's is", () => {
  const own = proofs(nsec("example", "z.example", [SOA, NS]));
  assert.equal(proveNoData(zone, DS, own, freshTerms()).kind, "bogus");
  const root = gatherProofs([nsec("", "example", [SOA, NS])], plainName(""));
  assert.equal(proveNoData(plainName(""), DS, root, freshTerms()).kind, "secure");
});

test("a wildcard answer needs the gap to begin right below the wildcard's parent", () => {
  const all = proofs(nsec("a.wild.example", "z.wild.example", [A]));
  const name = plainName("x.m.wild.example");
  const judge = (encloser: string): string =>
    proveWildcard(name, plainName(encloser), all, freshTerms()).kind;
  assert.equal(judge("wild.example"), "secure");
  assert.equal(judge("example"), "bogus");
  assert.equal(judge("m.wild.example"), "bogus");
});

test("RFC 9824 §3: a compact denial, whose next name is the name's own child, proves no data", () => {
  const next = "\u0000.a.example";
  const all = proofs(nsec("a.example", next, [128]));
  assert.equal(proveNoData(plainName("a.example"), A, all, freshTerms()).kind, "secure");
});

test("records of a proof are read up to nsecRecordsPerProofMax", () => {
  const max = dnssecLimits.nsecRecordsPerProofMax.value;
  const many = Array.from({ length: max + 1 }, (_, i) => nsec(`a${i}.example`, "z.example", [A]));
  assert.equal(proofs(...many.slice(0, max)).nsecs.length, max);
  assert.equal(proofs(...many).nsecs.length, max);
});
