/** The example responses of RFC 4035 §B, judged as a resolver would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { plainName } from "../../../sim/signer-zone.ts";
import { judgeCut, judgeData, judgeDenial } from "../../../src/dnssec/judge-answer.ts";
import { judgeSet } from "../../../src/dnssec/judge-set.ts";
import { SignedExample } from "../signed-example.ts";

/** A day between the signatures' inception and expiration. */
const zone = new SignedExample("rfc4035", Date.UTC(2004, 3, 20) / 1000);
const { keys } = zone;
const { A, AAAA, MX, NSEC, SOA, DS } = rrType;
const nsec = (name: string): RecordSet => zone.at(name, NSEC);
const soa = zone.at("example", SOA);

test("appendix A: every signature of the zone verifies", () => {
  const signed = zone.sets.filter((set) => set.signatures.length > 0);
  for (const set of signed) {
    assert.equal(zone.judge((terms) => judgeSet(set, keys, terms)).kind, "secure");
  }
  assert.ok(signed.length > 25);
});

test("B.1: an answer", () => {
  const judged = zone.judge((terms) => judgeData(zone.at("x.w.example", MX), [], keys, terms));
  assert.equal(judged.kind, "secure");
});

test("B.2: a name error", () => {
  const denied = { kind: "no-name", name: plainName("ml.example") } as const;
  const judge = (...authority: RecordSet[]): string =>
    zone.judge((terms) => judgeDenial(denied, [soa, ...authority], keys, terms)).kind;
  assert.equal(judge(nsec("b.example"), nsec("example")), "secure");
  assert.equal(judge(nsec("b.example")), "bogus");
  assert.equal(judge(nsec("example")), "bogus");
});

test("B.3: no data", () => {
  const denied = { kind: "no-data", name: plainName("ns1.example"), type: MX } as const;
  const authority = [soa, nsec("ns1.example")];
  assert.equal(zone.judge((terms) => judgeDenial(denied, authority, keys, terms)).kind, "secure");
  const other = { ...denied, type: A };
  assert.equal(zone.judge((terms) => judgeDenial(other, authority, keys, terms)).kind, "bogus");
});

test("B.4: a referral to a signed zone", () => {
  const name = plainName("a.example");
  const cut = zone.judge((terms) => judgeCut(name, [zone.at("a.example", DS)], [], keys, terms));
  assert.ok(cut.kind === "signed-cut");
  assert.equal(cut.trust.ds[0]!.keyTag, 57855);
});

test("B.5: a referral to an unsigned zone", () => {
  const name = plainName("b.example");
  const cut = zone.judge((terms) => judgeCut(name, [], [nsec("b.example")], keys, terms));
  assert.equal(cut.kind, "insecure");
});

test("B.6: an answer from a wildcard", () => {
  const set = { ...zone.at("*.w.example", MX), name: plainName("a.z.w.example") };
  const judge = (authority: RecordSet[]): string =>
    zone.judge((terms) => judgeData(set, authority, keys, terms)).kind;
  assert.equal(judge([nsec("x.y.w.example")]), "secure");
  assert.equal(judge([]), "bogus");
});

test("B.7: no data at a wildcard", () => {
  const denied = { kind: "no-data", name: plainName("a.z.w.example"), type: AAAA } as const;
  const authority = [soa, nsec("x.y.w.example"), nsec("*.w.example")];
  assert.equal(zone.judge((terms) => judgeDenial(denied, authority, keys, terms)).kind, "secure");
});

test("B.8: no DS, by the child's own word, proves nothing about the DS", () => {
  const denied = { kind: "no-data", name: zone.apex, type: DS } as const;
  const authority = [soa, nsec("example")];
  assert.equal(zone.judge((terms) => judgeDenial(denied, authority, keys, terms)).kind, "bogus");
});
