/** Each misconfigured zone is judged for what is wrong with it, and for nothing else. */
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Proof, gatherProofs, proveNoName } from "../src/dnssec/denial.ts";
import { type ProvenKeys, judgeKeys, trustOf } from "../src/dnssec/judge-keys.ts";
import { type ProvenSet, type ZoneKeys, judgeSet } from "../src/dnssec/judge-set.ts";
import { type Terms, judgeNow } from "../src/dnssec/judging.ts";
import type { Bogus, Insecure } from "../src/dnssec/verdict.ts";
import { WorkBudget } from "../src/dnssec/work-budget.ts";
import { gatherSets } from "../src/recursor/sets.ts";
import { CASE_NAMES, type CaseZone, makeCase } from "./signer-breaks.ts";
import { plainName, smallZone } from "./signer-zone.ts";

const NOW_S = 1_800_000_000;
const apex = plainName("case.ede.lethe");
const records = smallZone("case.ede.lethe");

function terms(): Terms {
  return { nowS: NOW_S, trustsSha1: false, work: new WorkBudget() };
}

function emptySet(type: number): RecordSet {
  return { name: apex, type, class: 1, ttl: 0, rdatas: [], signatures: [] };
}

type Judged = ProvenKeys | ProvenSet | Proof | Insecure | Bogus;

/** "secure", or the kind and the first INFO-CODE. */
function inShort(judged: Judged): string {
  const [error] = "errors" in judged ? judged.errors : [];
  return error === undefined ? judged.kind : `${judged.kind} ${error.code}`;
}

function judgeZone(zone: CaseZone): { readonly positive: string; readonly negative: string } {
  if (zone.ds.length === 0) return { positive: "insecure", negative: "insecure" };
  const sets = gatherSets(zone.records);
  const trust = trustOf({ ...emptySet(rrType.DS), rdatas: zone.ds });
  const keySet = sets.find((set) => set.type === rrType.DNSKEY) ?? emptySet(rrType.DNSKEY);
  const keys = judgeNow(judgeKeys(apex, trust, keySet, terms()));
  if (keys.kind !== "secure") return { positive: inShort(keys), negative: inShort(keys) };
  const www = sets.find((set) => set.type === rrType.A && set.name[1] === 0x77)!;
  return {
    positive: inShort(judgeNow(judgeSet(www, keys, terms()))),
    negative: inShort(judgeDenial(plainName("nothing.case.ede.lethe"), sets, keys)),
  };
}

/** Judges as a resolver does: every record of the denial must be proven by itself. */
function judgeDenial(name: Name, sets: readonly RecordSet[], keys: ZoneKeys): Proof {
  const proven: ProvenSet[] = [];
  for (const set of sets.filter((one) => one.type === rrType.NSEC3)) {
    if (set.rdatas.length === 0) continue;
    const judged = judgeNow(judgeSet(set, keys, terms()));
    if (judged.kind === "bogus") return judged;
    proven.push(judged);
  }
  // A server chooses the records that concern the name; here each three are tried.
  let best = proveNoName(name, gatherProofs([], keys.zone), terms());
  for (const first of proven) {
    for (const second of proven) {
      for (const third of proven) {
        const proofs = gatherProofs([first, second, third], keys.zone);
        const proof = proveNoName(name, proofs, terms());
        if (proof.kind !== "bogus") return proof;
        best = proof;
      }
    }
  }
  return best;
}

const bogusWith = (code: number): string => `bogus ${code}`;
const MISSING_KEY = bogusWith(extendedError.dnskeyMissing);
const BOGUS = bogusWith(extendedError.dnssecBogus);
const NO_SIGNATURE = bogusWith(extendedError.rrsigsMissing);
const EXPIRED = bogusWith(extendedError.signatureExpired);
const NOT_YET = bogusWith(extendedError.signatureNotYetValid);
const EXPIRED_BEFORE = bogusWith(extendedError.signatureExpiredBeforeValid);
const NO_ZONE_KEY = bogusWith(extendedError.noZoneKeyBitSet);
const NO_PROOF = bogusWith(extendedError.nsecMissing);
const UNSUPPORTED_KEY = `insecure ${extendedError.unsupportedDnskeyAlgorithm}`;
const UNSUPPORTED_DIGEST = `insecure ${extendedError.unsupportedDsDigest}`;
const ITERATIONS = `insecure ${extendedError.unsupportedNsec3Iterations}`;

const EXPECTED: Readonly<Record<string, readonly [positive: string, negative: string]>> = {
  valid: ["secure", "secure"],
  unsigned: ["insecure", "insecure"],
  "allow-query-none": ["secure", "secure"],
  "allow-query-localhost": ["secure", "secure"],
  "not-auth": ["secure", "secure"],
  "v4-doc": ["secure", "secure"],
  "v6-doc": ["secure", "secure"],
  "no-ds": ["insecure", "insecure"],
  "ds-bad-tag": [MISSING_KEY, MISSING_KEY],
  "ds-bad-key-algo": [MISSING_KEY, MISSING_KEY],
  "ds-unassigned-key-algo": [UNSUPPORTED_KEY, UNSUPPORTED_KEY],
  "ds-reserved-key-algo": [UNSUPPORTED_KEY, UNSUPPORTED_KEY],
  "ds-unassigned-digest-algo": [UNSUPPORTED_DIGEST, UNSUPPORTED_DIGEST],
  "ds-bogus-digest-value": [MISSING_KEY, MISSING_KEY],
  "rrsig-exp-all": [EXPIRED, EXPIRED],
  "rrsig-exp-a": [EXPIRED, "secure"],
  "rrsig-not-yet-all": [NOT_YET, NOT_YET],
  "rrsig-not-yet-a": [NOT_YET, "secure"],
  "rrsig-exp-before-all": [EXPIRED_BEFORE, EXPIRED_BEFORE],
  "rrsig-exp-before-a": [EXPIRED_BEFORE, "secure"],
  "rrsig-no-all": [NO_SIGNATURE, NO_SIGNATURE],
  "rrsig-no-a": [NO_SIGNATURE, "secure"],
  "no-rrsig-ksk": [NO_SIGNATURE, NO_SIGNATURE],
  "no-rrsig-dnskey": [NO_SIGNATURE, NO_SIGNATURE],
  "bad-rrsig-ksk": [BOGUS, BOGUS],
  "bad-rrsig-dnskey": [BOGUS, BOGUS],
  "no-zsk": [MISSING_KEY, MISSING_KEY],
  "bad-zsk": [MISSING_KEY, MISSING_KEY],
  "no-ksk": [MISSING_KEY, MISSING_KEY],
  "bad-ksk": [MISSING_KEY, MISSING_KEY],
  "no-dnskey-256": [NO_ZONE_KEY, NO_ZONE_KEY],
  "no-dnskey-257": [NO_ZONE_KEY, NO_ZONE_KEY],
  "no-dnskey-256-257": [NO_ZONE_KEY, NO_ZONE_KEY],
  "bad-zsk-algo": [MISSING_KEY, MISSING_KEY],
  "unassigned-zsk-algo": [MISSING_KEY, MISSING_KEY],
  "reserved-zsk-algo": [MISSING_KEY, MISSING_KEY],
  "bad-nsec3-hash": ["secure", BOGUS],
  "bad-nsec3-next": ["secure", BOGUS],
  "bad-nsec3-rrsig": ["secure", BOGUS],
  "bad-nsec3param-salt": ["secure", "secure"],
  "nsec3-missing": ["secure", NO_PROOF],
  "nsec3-rrsig-missing": ["secure", NO_SIGNATURE],
  "nsec3param-missing": ["secure", "secure"],
  "no-nsec3param-nsec3": ["secure", NO_PROOF],
  "nsec3-iter-1": ["secure", "secure"],
  "nsec3-iter-51": ["secure", ITERATIONS],
  "nsec3-iter-101": ["secure", ITERATIONS],
  "nsec3-iter-151": ["secure", ITERATIONS],
  "nsec3-iter-200": ["secure", ITERATIONS],
  ed448: ["secure", "secure"],
  dsa: [UNSUPPORTED_KEY, UNSUPPORTED_KEY],
  rsamd5: [UNSUPPORTED_KEY, UNSUPPORTED_KEY],
};

test("there are 52 cases, each with an expected judgement", () => {
  assert.deepEqual(CASE_NAMES.toSorted(), Object.keys(EXPECTED).toSorted());
  assert.equal(CASE_NAMES.length, 52);
});

for (const [name, [positive, negative]] of Object.entries(EXPECTED)) {
  test(`${name}: data is ${positive}, a denial is ${negative}`, () => {
    const zone = makeCase(name, records, apex, NOW_S, 7)!;
    assert.deepEqual(judgeZone(zone), { positive, negative });
  });
}
