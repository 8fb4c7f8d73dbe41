/** A set is proven by a signature that applies and verifies, and by nothing else. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assert as assertProperty, integer, property } from "fast-check";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import { setU16 } from "@lethe/wire/bytes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { PROOF_TIME_S, freshTerms, oneKeyZone, signedSet } from "../../sim/signer-proofs.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { type ProvenSet, type ZoneKeys, judgeSet } from "./judge-set.ts";
import { type Terms, judgeNow } from "./judging.ts";
import { parseKey } from "./key.ts";
import { parseSignature } from "./signature.ts";
import type { Bogus } from "./verdict.ts";

const zone = oneKeyZone(plainName("example"));
const www = {
  name: plainName("www.example"),
  type: rrType.A,
  rdatas: [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)],
};

function judge(set: RecordSet, keys: ZoneKeys = zone, terms = freshTerms()): ProvenSet | Bogus {
  return judgeNow(judgeSet(set, keys, terms));
}

function codeOf(judged: ProvenSet | Bogus): number | "secure" {
  return judged.kind === "bogus" ? judged.errors[0]!.code : "secure";
}

describe("a signature is valid from its inception to its expiration", () => {
  const now = PROOF_TIME_S;
  const rows: readonly (readonly [string, number, number, number | "secure"])[] = [
    ["within", now - 1, now + 1, "secure"],
    ["in its first second", now, now + 1, "secure"],
    ["in its last second", now - 1, now, "secure"],
    ["a second early", now + 1, now + 2, extendedError.signatureNotYetValid],
    ["a second late", now - 2, now - 1, extendedError.signatureExpired],
    ["turned round", now + 1, now - 1, extendedError.signatureExpiredBeforeValid],
  ];
  for (const [title, inceptionS, expirationS, expected] of rows) {
    test(title, () => {
      assert.equal(codeOf(judge(signedSet(zone, www, { inceptionS, expirationS }))), expected);
    });
  }
});

describe("RFC 4034 §3.1.5: times go round after 2106, and nothing special happens in 2038", () => {
  for (const nowS of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 500]) {
    test(`at ${nowS}`, () => {
      const window = { inceptionS: nowS - 1000, expirationS: nowS + 1000 };
      const terms: Terms = { ...freshTerms(), nowS };
      assert.equal(judge(signedSet(zone, www, window), zone, terms).kind, "secure");
      const past = { inceptionS: nowS - 1000, expirationS: nowS - 1 };
      assert.equal(judge(signedSet(zone, www, past), zone, terms).kind, "bogus");
    });
  }
});

test("RFC 4035 §5.3.3: a proven set lives no longer than its signature and its first TTL", () => {
  const ttlOf = (set: RecordSet): number => {
    const judged = judge(set);
    assert.ok(judged.kind === "secure");
    return judged.ttlS;
  };
  assert.equal(ttlOf(signedSet(zone, www)), 3600);
  assert.equal(ttlOf(signedSet(zone, www, { expirationS: PROOF_TIME_S + 60 })), 60);
  assert.equal(ttlOf(signedSet(zone, www, { originalTtlS: 30 })), 30);
});

describe("what does not apply proves nothing", () => {
  const child = oneKeyZone(plainName("child.example"), 2);
  const deep = { ...www, name: plainName("www.child.example") };
  const rows: readonly (readonly [string, RecordSet, ZoneKeys])[] = [
    ["a signature over another type", { ...signedSet(zone, www), type: rrType.TXT }, zone],
    ["more labels than the owner has", signedSet(zone, www, { labels: 3 }), zone],
    ["a signer that is not the zone", signedSet(zone, www, { signer: plainName("com") }), zone],
    ["a signature from above a known cut", signedSet(zone, deep), child],
    ["a signature by the zone for a name outside", signedSet(child, www), child],
    ["a set without signatures", { ...signedSet(zone, www), signatures: [] }, zone],
    ["no keys at all", signedSet(zone, www), { ...zone, keys: [] }],
  ];
  for (const [title, set, keys] of rows) {
    test(title, () => {
      assert.equal(judge(set, keys).kind, "bogus");
    });
  }
});

test("fewer labels than the signer has never stand for a wildcard above the zone", () => {
  const child = oneKeyZone(plainName("child.example"), 2);
  const set = { ...www, name: plainName("www.child.example") };
  for (const labels of [0, 1])
    assert.equal(judge(signedSet(child, set, { labels }), child).kind, "bogus");
  assert.equal(judge(signedSet(child, set, { labels: 2 }), child).kind, "secure");
});

test("a set made from a wildcard says so", () => {
  const judged = judge(signedSet(zone, { ...www, name: plainName("a.b.example") }, { labels: 1 }));
  assert.ok(judged.kind === "secure");
  assert.deepEqual(judged.closestEncloser, plainName("example"));
  const wildcard = judge(signedSet(zone, { ...www, name: plainName("*.example") }));
  assert.ok(wildcard.kind === "secure");
  assert.equal(wildcard.closestEncloser, undefined);
});

/** Keys of one tag: two octets of the public key are moved against each other. */
function colliding(count: number): ZoneKeys {
  const [key] = zone.keys;
  const keys = Array.from({ length: count }, (_, i) => {
    const rdata = key!.rdata.slice();
    setU16(rdata, 4, i);
    setU16(rdata, 6, 0);
    // The tag is a sum of sixteen-bit words: what is missing goes into the third.
    setU16(rdata, 8, 0);
    const tag = parseKey(rdata)!.tag;
    setU16(rdata, 8, (key!.tag - tag + 0xffff) % 0xffff);
    return parseKey(rdata)!;
  });
  return { zone: zone.zone, keys: keys.filter((one) => one.tag === key!.tag) };
}

test("KeyTrap: of keys with one tag no more than keysPerTagMax are tried", () => {
  const many = colliding(20);
  assert.ok(many.keys.length > dnssecLimits.keysPerTagMax.value);
  const count = (keys: ZoneKeys): number => {
    let checks = 0;
    const judging = judgeSet(signedSet(zone, www), keys, freshTerms());
    for (let step = judging.next(); step.done !== true; step = judging.next(false)) checks++;
    return checks;
  };
  assert.equal(count(many), dnssecLimits.keysPerTagMax.value);
  assert.equal(count({ ...many, keys: many.keys.slice(0, 1) }), 1);
});

test("KeyTrap: a budget that is spent ends the judgement, and says that it was the budget", () => {
  const terms = freshTerms();
  while (terms.work.payCheck()) terms.work.countFailure();
  assert.equal(judge(signedSet(zone, www), zone, terms).kind, "bogus");
  assert.equal(terms.work.isSpent, true);
});

test("a signature cut anywhere is no signature, and nothing throws", () => {
  const [rdata] = signedSet(zone, www).signatures;
  assertProperty(
    property(integer({ min: 0, max: rdata!.length - 1 }), (size) => {
      const cut = rdata!.slice(0, size);
      const parsed = parseSignature(cut);
      if (size <= 18 + zone.zone.length) assert.equal(parsed, undefined);
      assert.equal(judge({ ...signedSet(zone, www), signatures: [cut] }).kind, "bogus");
    }),
  );
});
