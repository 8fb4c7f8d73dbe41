/** Replies are judged as a whole: data, denials, and whether a zone ends at a name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Denial } from "../../sim/signer-denial.ts";
import { PROOF_TIME_S, freshTerms, oneKeyZone, signedSet } from "../../sim/signer-proofs.ts";
import { plainName, smallZone } from "../../sim/signer-zone.ts";
import { signZone } from "../../sim/signer.ts";
import { gatherSets } from "../recursor/sets.ts";
import { type Cut, type Denied, judgeCut, judgeData, judgeDenial } from "./judge-answer.ts";
import { judgeNow } from "./judging.ts";

const apex = plainName("example");
const keys = oneKeyZone(apex);
const validity = { inceptionS: PROOF_TIME_S - 60, expirationS: PROOF_TIME_S + 86400 };

function setsOf(denial: Denial): RecordSet[] {
  const signing = { apex, keys: [keys.signing], denial, ...validity };
  return gatherSets(signZone(smallZone("example"), signing));
}

const sets = setsOf({ kind: "nsec" });

function at(name: string, type: number): RecordSet {
  return sets.find((set) => set.type === type && nameEqual(set.name, plainName(name)))!;
}

/** The same set at another name, as a wildcard makes it. */
function expanded(set: RecordSet, name: string): RecordSet {
  return { ...set, name: plainName(name) };
}

function cutAt(name: Name, answer: RecordSet[], authority: RecordSet[]): Cut["kind"] {
  return judgeNow(judgeCut(name, answer, authority, keys, freshTerms())).kind;
}

const { A, DS, NSEC, SOA, CNAME } = rrType;
const wild = expanded(at("*.wild.example", A), "any.wild.example");
// Both ends of the gap that `any.wild` lies in.
const overWild = at("*.wild.example", NSEC);

describe("data", () => {
  test("is secure by its signature", () => {
    assert.equal(judgeNow(judgeData(at("www.example", A), [], keys, freshTerms())).kind, "secure");
  });
  test("from a wildcard needs a proof that nothing closer exists", () => {
    const judge = (authority: RecordSet[]): string =>
      judgeNow(judgeData(wild, authority, keys, freshTerms())).kind;
    assert.equal(judge([]), "bogus");
    assert.equal(judge([at("www.example", NSEC)]), "bogus");
    assert.equal(judge([overWild]), "secure");
  });
  test("RFC 6672 §8: a DNAME from a wildcard is bogus, with or without a proof", () => {
    const target = { name: wild.name, type: rrType.DNAME, rdatas: [plainName("www.example")] };
    const made = signedSet(keys, target, { labels: 2 });
    const judge = (authority: RecordSet[]): string =>
      judgeNow(judgeData(made, authority, keys, freshTerms())).kind;
    assert.equal(judge([]), "bogus");
    assert.equal(judge([overWild]), "bogus");
  });
  test("RFC 5155 §9.2: from a wildcard in an opt-out gap is insecure", () => {
    const form = { iterations: 0, salt: new Uint8Array(0) };
    const hashed = setsOf({ kind: "nsec3", ...form, isOptOut: true });
    const all = hashed.filter((set) => set.type === rrType.NSEC3);
    const kinds = all.map((set) => judgeNow(judgeData(wild, [set], keys, freshTerms())).kind);
    assert.deepEqual(new Set(kinds), new Set(["bogus", "insecure"]));
  });
});

describe("a denial", () => {
  const denied = { kind: "no-data", name: plainName("www.example"), type: rrType.AAAA } as const;
  const proof = at("www.example", NSEC);
  const soa = at("example", SOA);
  const judge = (authority: RecordSet[]) =>
    judgeNow(judgeDenial(denied, authority, keys, freshTerms()));
  test("is secure by its proof, for no longer than its SOA", () => {
    const judged = judge([soa, proof]);
    assert.ok(judged.kind === "secure");
    assert.equal(judged.ttlS, 300);
  });
  test("without its proof is bogus, and says that it is missing", () => {
    const judged = judge([soa]);
    assert.ok(judged.kind === "bogus");
    assert.equal(judged.errors[0]!.code, extendedError.nsecMissing);
  });
  test("with a proof that is not signed says that signatures are missing", () => {
    const judged = judge([soa, { ...proof, signatures: [] }]);
    assert.ok(judged.kind === "bogus");
    assert.equal(judged.errors[0]!.code, extendedError.rrsigsMissing);
  });
  test("with records that do not prove it is bogus, and says that something was there", () => {
    const judged = judge([soa, at("ns.example", NSEC)]);
    assert.ok(judged.kind === "bogus");
    assert.equal(judged.errors[0]!.code, extendedError.dnssecBogus);
  });
  test("of a name that is empty is a denial of the type asked for", () => {
    const empty = { kind: "no-name", name: plainName("empty.example") } as const;
    const found = sets.filter((set) => set.type === NSEC);
    const judgeEmpty = (as: Denied) =>
      judgeNow(judgeDenial(as, [soa, ...found], keys, freshTerms()));
    assert.equal(judgeEmpty(empty).kind, "bogus");
    const judged = judgeEmpty({ ...empty, type: A });
    assert.ok(judged.kind === "secure");
    assert.equal(judged.isNoData, true);
  });
  test("tells which records proved it", () => {
    const judged = judge([soa, proof, { ...at("ns.example", NSEC), signatures: [] }]);
    assert.ok(judged.kind === "secure");
    assert.deepEqual(
      judged.denial?.sets.map(({ set }) => set),
      [proof],
    );
    assert.equal(judged.denial?.soa?.set, soa);
  });
  test("with an SOA that is not signed is bogus", () => {
    assert.equal(judge([{ ...soa, signatures: [] }, proof]).kind, "bogus");
  });
});

describe("the question for a DS", () => {
  const signed = plainName("signed.example");
  test("a signed DS is a signed cut, with what it says of the keys", () => {
    const cut = judgeNow(judgeCut(signed, [at("signed.example", DS)], [], keys, freshTerms()));
    assert.ok(cut.kind === "signed-cut");
    assert.equal(cut.trust.ds.length, 1);
  });
  test("an unsigned DS is bogus", () => {
    const bare = { ...at("signed.example", DS), signatures: [] };
    assert.equal(cutAt(signed, [bare], []), "bogus");
  });
  test("a DS from a wildcard is bogus, with or without a proof", () => {
    const bare = { ...at("signed.example", DS), name: plainName("x.wild.example") };
    const made = signedSet(keys, { ...bare, type: DS }, { labels: 2 });
    assert.equal(cutAt(plainName("x.wild.example"), [made], [overWild]), "bogus");
  });
  test("no DS at a cut is the end of what is signed", () => {
    const name = plainName("unsigned.example");
    assert.equal(cutAt(name, [], [at("unsigned.example", NSEC)]), "insecure");
    assert.equal(cutAt(name, [], []), "bogus");
  });
  test("no DS at an ordinary or empty name is no cut", () => {
    assert.equal(cutAt(plainName("www.example"), [], [at("www.example", NSEC)]), "no-cut");
    const name = plainName("below.example");
    const found = sets.filter((set) => set.type === NSEC);
    const kinds = found.map((set) => cutAt(name, [], [set]));
    assert.deepEqual(new Set(kinds), new Set(["no-cut", "bogus"]));
  });
  test("a signed alias is no cut; an unsigned or unproven wildcard one hides nothing", () => {
    const alias = at("alias.example", CNAME);
    assert.equal(cutAt(plainName("alias.example"), [alias], []), "no-cut");
    const name = plainName("any.wild.example");
    const target = { name, type: CNAME, rdatas: [plainName("www.example")] };
    const made = signedSet(keys, target, { labels: 2 });
    assert.equal(cutAt(name, [made], []), "bogus");
    assert.equal(cutAt(name, [made], [overWild]), "no-cut");
    assert.equal(cutAt(name, [{ ...made, signatures: [] }], [overWild]), "bogus");
  });
});
