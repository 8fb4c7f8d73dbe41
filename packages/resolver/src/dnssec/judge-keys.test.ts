/** The keys of a zone are proven by a DS that names one of them, or the zone is insecure. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { dnsKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { PROOF_TIME_S, freshTerms } from "../../sim/signer-proofs.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dsRdata, signSet } from "../../sim/signer.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { algorithm, algorithmRow, digestType } from "./algorithm.ts";
import { judgeKeys, trustOf, whyInsecure } from "./judge-keys.ts";
import { judgeNow } from "./judging.ts";
import { type DnsKey, keyFlag } from "./key.ts";

const zone = plainName("example");
const validity = {
  apex: zone,
  inceptionS: PROOF_TIME_S - 60,
  expirationS: PROOF_TIME_S + 60,
};

const one = makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 });

function keySet(keys: readonly DnsKey[], signers = [one]): RecordSet {
  const rdatas = keys.map((key) => key.rdata);
  const bare = { name: zone, type: rrType.DNSKEY, class: 1, ttl: 60, rdatas, signatures: [] };
  return { ...bare, signatures: signers.map((key) => signSet(bare, key, validity).rdata) };
}

function trust(...rdatas: Uint8Array[]) {
  return trustOf({ name: zone, type: rrType.DS, class: 1, ttl: 60, rdatas, signatures: [] });
}

/** Other keys of the zone, each different. */
function others(count: number): DnsKey[] {
  return Array.from({ length: count }, (_, i) => {
    return dnsKey(keyFlag.zone, algorithm.ED25519, new Uint8Array(32).fill(i + 1));
  });
}

test("an anchor may name a key by itself", () => {
  const judged = judgeNow(
    judgeKeys(zone, { ds: [], keys: [one.key] }, keySet([one.key]), freshTerms()),
  );
  assert.equal(judged.kind, "secure");
});

test("every kind of supported digest leads to the key", () => {
  for (const type of Object.values(digestType)) {
    const named = trust(dsRdata(zone, one.key, type));
    assert.equal(judgeNow(judgeKeys(zone, named, keySet([one.key]), freshTerms())).kind, "secure");
  }
});

test("keys are read up to keysPerZoneMax", () => {
  const max = dnssecLimits.keysPerZoneMax.value;
  const named = trust(dsRdata(zone, one.key, digestType.SHA256));
  const judge = (before: number): string => {
    const set = keySet([...others(before), one.key]);
    return judgeNow(judgeKeys(zone, named, set, freshTerms())).kind;
  };
  assert.equal(judge(max - 1), "secure");
  assert.equal(judge(max), "bogus");
});

test("DS records are read up to dsPerDelegationMax", () => {
  const max = dnssecLimits.dsPerDelegationMax.value;
  const named = dsRdata(zone, one.key, digestType.SHA256);
  const wrong = named.slice();
  wrong[4]! ^= 1;
  const judge = (before: number): string => {
    const trusted = trust(...Array.from({ length: before }, () => wrong), named);
    return judgeNow(judgeKeys(zone, trusted, keySet([one.key]), freshTerms())).kind;
  };
  assert.equal(judge(max - 1), "secure");
  assert.equal(judge(max), "bogus");
});

describe("an algorithm that is not checked makes a zone insecure, never bogus", () => {
  for (let number = 0; number < 256; number++) {
    const { support } = algorithmRow(number);
    if (support === "checked") continue;
    test(`${number}: ${algorithmRow(number).mnemonic}`, () => {
      const key = dnsKey(0x101, number, new Uint8Array(64));
      const named = trust(dsRdata(zone, key, digestType.SHA256));
      const why = whyInsecure(zone, named, freshTerms());
      assert.equal(why?.errors[0]?.code, extendedError.unsupportedDnskeyAlgorithm);
      const isTrusted =
        whyInsecure(zone, named, { ...freshTerms(), trustsSha1: true }) === undefined;
      assert.equal(isTrusted, support === "deprecated");
    });
  }
});

test("a digest that is not known makes a zone insecure, unless another is", () => {
  const named = dsRdata(zone, one.key, digestType.SHA256);
  const unknown = named.with(3, 100);
  const why = whyInsecure(zone, trust(unknown), freshTerms());
  assert.equal(why?.errors[0]?.code, extendedError.unsupportedDsDigest);
  assert.equal(whyInsecure(zone, trust(unknown, named), freshTerms()), undefined);
});

test("RFC 6840 §5.11: one good path is enough, whatever else the DS set says", () => {
  const rsa = makeSigningKey({ algorithm: algorithm.RSASHA256, role: "all", seed: 2 });
  const named = trust(
    dsRdata(zone, rsa.key, digestType.SHA256),
    dsRdata(zone, one.key, digestType.SHA256),
  );
  const judged = judgeNow(judgeKeys(zone, named, keySet([one.key]), freshTerms()));
  assert.equal(judged.kind, "secure");
});

test("RFC 5011 §2.1: a revoked key is no entry, even where its DS is there", () => {
  const key = dnsKey(one.key.flags | keyFlag.revoke, algorithm.ED25519, one.key.publicKey);
  const named = trust(dsRdata(zone, key, digestType.SHA256));
  const set = keySet([key], [{ ...one, key }]);
  assert.equal(judgeNow(judgeKeys(zone, named, set, freshTerms())).kind, "bogus");
});

test("an empty key set under a DS is bogus", () => {
  const named = trust(dsRdata(zone, one.key, digestType.SHA256));
  const judged = judgeNow(judgeKeys(zone, named, keySet([], []), freshTerms()));
  assert.ok(judged.kind === "bogus");
  assert.equal(judged.errors[0]!.code, extendedError.dnskeyMissing);
});
