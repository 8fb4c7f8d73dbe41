/**
 * The example responses of RFC 5155 §B, judged as a resolver would.
 *
 * All records of the zone have the opt-out flag, so what lies in a gap is insecure (RFC 5155 §9.2).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { plainName } from "../../../sim/signer-zone.ts";
import { type Denied, judgeCut, judgeData, judgeDenial } from "../../../src/dnssec/judge-answer.ts";
import { judgeSet } from "../../../src/dnssec/judge-set.ts";
import { SignedExample } from "../signed-example.ts";

/** A day between the signatures' inception and expiration. */
const zone = new SignedExample("rfc5155", Date.UTC(2010, 0, 1) / 1000);
const { keys } = zone;
const { A, AAAA, MX, NSEC3, SOA, DS } = rrType;
const soa = zone.at("example", SOA);

/** The NSEC3 records whose owners begin so. */
function hashed(...starts: string[]): RecordSet[] {
  return starts.map((start) => {
    const found = zone.sets.find((set) => {
      const label = new TextDecoder().decode(set.name.subarray(1, 33));
      return set.type === NSEC3 && label.startsWith(start);
    });
    assert.ok(found !== undefined, start);
    return found;
  });
}

function judge(denied: Denied, starts: readonly string[]): string {
  const authority = [soa, ...hashed(...starts)];
  return zone.judge((terms) => judgeDenial(denied, authority, keys, terms)).kind;
}

test("appendix A: every signature of the zone verifies", () => {
  const signed = zone.sets.filter((set) => set.signatures.length > 0);
  for (const set of signed) {
    assert.equal(zone.judge((terms) => judgeSet(set, keys, terms)).kind, "secure");
  }
  assert.ok(signed.length > 20);
});

test("B.1: a name error", () => {
  const denied = { kind: "no-name", name: plainName("a.c.x.w.example") } as const;
  const starts = ["0p9mhave", "b4um86eg", "35mthgpg"];
  assert.equal(judge(denied, starts), "insecure");
  for (const left of starts)
    assert.equal(
      judge(
        denied,
        starts.filter((one) => one !== left),
      ),
      "bogus",
    );
});

test("B.2: no data", () => {
  const denied = { kind: "no-data", name: plainName("ns1.example"), type: MX } as const;
  assert.equal(judge(denied, ["2t7b4g4v"]), "secure");
  assert.equal(judge({ ...denied, type: A }, ["2t7b4g4v"]), "bogus");
});

test("B.2.1: no data at an empty non-terminal", () => {
  const denied = { kind: "no-data", name: plainName("y.w.example"), type: A } as const;
  assert.equal(judge(denied, ["ji6neoae"]), "secure");
});

test("B.3: a referral to an unsigned zone in an opt-out gap", () => {
  const name = plainName("c.example");
  const authority = hashed("35mthgpg", "0p9mhave");
  const cut = zone.judge((terms) => judgeCut(name, [], authority, keys, terms));
  assert.equal(cut.kind, "insecure");
});

test("B.4: an answer from a wildcard", () => {
  const set = { ...zone.at("*.w.example", MX), name: plainName("a.z.w.example") };
  const answer = (starts: string[]): string =>
    zone.judge((terms) => judgeData(set, hashed(...starts), keys, terms)).kind;
  assert.equal(answer(["q04jkcev"]), "insecure");
  assert.equal(answer(["2t7b4g4v"]), "bogus");
});

test("B.5: no data at a wildcard", () => {
  const denied = { kind: "no-data", name: plainName("a.z.w.example"), type: AAAA } as const;
  assert.equal(judge(denied, ["k8udemvp", "q04jkcev", "r53bq7cc"]), "insecure");
});

test("B.6: no DS, by the child's own word, proves nothing about the DS", () => {
  const denied = { kind: "no-data", name: zone.apex, type: DS } as const;
  assert.equal(judge(denied, ["0p9mhave"]), "bogus");
});
