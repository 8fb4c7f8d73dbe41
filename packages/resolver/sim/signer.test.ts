/** A signed test zone proves all that it holds and all that it lacks, and nothing else. */
import { rrType } from "@lethe/wire/codes.ts";
import { FOLD, type Name, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import {
  type Proofs,
  gatherProofs,
  proveNoData,
  proveNoDs,
  proveNoName,
  proveWildcard,
} from "../src/dnssec/denial.ts";
import { parseDs } from "../src/dnssec/ds.ts";
import { type ProvenKeys, judgeKeys } from "../src/dnssec/judge-keys.ts";
import { type ProvenSet, judgeSet } from "../src/dnssec/judge-set.ts";
import { type Terms, judgeNow } from "../src/dnssec/judging.ts";
import { WorkBudget } from "../src/dnssec/work-budget.ts";
import { findSet, gatherSets } from "../src/recursor/sets.ts";
import { type Denial, cutsOf } from "./signer-denial.ts";
import { type SigningKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata, signZone } from "./signer.ts";
import { plainName, smallZone } from "./signer-zone.ts";
import { joined } from "./signer-bytes.ts";

const NOW_S = 1_800_000_000;
const apex = plainName("example");
const DENIALS: readonly (readonly [string, Denial])[] = [
  ["NSEC", { kind: "nsec" }],
  ["NSEC3", { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false }],
  ["NSEC3, salted", { kind: "nsec3", iterations: 5, salt: Uint8Array.of(1, 2), isOptOut: false }],
  ["NSEC3, opt-out", { kind: "nsec3", iterations: 1, salt: new Uint8Array(0), isOptOut: true }],
];

function terms(trustsSha1 = false): Terms {
  return { nowS: NOW_S, trustsSha1, work: new WorkBudget() };
}

function keysOf(number: number): SigningKey[] {
  return [
    makeSigningKey({ algorithm: number, role: "keys", seed: 1 }),
    makeSigningKey({ algorithm: number, role: "rest", seed: 2 }),
  ];
}

function signed(keys: readonly SigningKey[], denial: Denial): ResourceRecord[] {
  const window = { inceptionS: NOW_S - 3600, expirationS: NOW_S + 86400 };
  return signZone(smallZone("example"), { apex, keys, denial, ...window });
}

function proveKeys(sets: readonly RecordSet[], key: SigningKey): ProvenKeys {
  const ds = parseDs(dsRdata(apex, key.key, digestType.SHA256))!;
  const set = findSet(sets, apex, rrType.DNSKEY)!;
  const judged = judgeNow(judgeKeys(apex, { ds: [ds], keys: [] }, set, terms(true)));
  assert.ok(judged.kind === "secure");
  return judged;
}

function isSigned(set: RecordSet, cuts: readonly Name[]): boolean {
  return set.signatures.length > 0 || !cuts.some((cut) => nameEqual(cut, set.name));
}

describe("a zone signed with any algorithm is secure, set by set", () => {
  for (const [mnemonic, number] of Object.entries(algorithm)) {
    test(mnemonic, () => {
      const keys = keysOf(number);
      const records = signed(keys, { kind: "nsec" });
      const sets = gatherSets(records);
      const proven = proveKeys(sets, keys[0]!);
      const cuts = cutsOf(records, apex);
      let count = 0;
      for (const set of sets.filter((one) => one.signatures.length > 0)) {
        assert.ok(isSigned(set, cuts));
        assert.equal(judgeNow(judgeSet(set, proven, terms(true))).kind, "secure");
        count++;
      }
      assert.ok(count > 15);
    });
  }
});

/** Every denial of the zone, proven. */
function allProofs(denial: Denial): Proofs {
  const keys = keysOf(algorithm.ED25519);
  const sets = gatherSets(signed(keys, denial));
  const proven = proveKeys(sets, keys[0]!);
  const denials = sets.filter((set) => set.type === rrType.NSEC || set.type === rrType.NSEC3);
  // The work of each check is not what is tested here.
  const judged = denials.map((set) => judgeNow(judgeSet(set, proven, terms())));
  const secure = judged.filter((one): one is ProvenSet => one.kind === "secure");
  assert.equal(secure.length, denials.length);
  const zone = apex;
  const all = secure.map((one) => gatherProofs([one], zone));
  return {
    zone,
    nsecs: all.flatMap((one) => one.nsecs),
    nsec3s: all.flatMap((one) => one.nsec3s),
    isAbsent: false,
    failure: undefined,
  };
}

for (const [title, denial] of DENIALS) {
  const isOptOut = denial.kind === "nsec3" && denial.isOptOut;
  const weak = isOptOut ? "insecure" : "secure";
  describe(`a zone with ${title} proves what it lacks`, () => {
    const proofs = allProofs(denial);
    const noName: readonly [string, string][] = [
      ["nothing.example", weak],
      ["a.b.c.example", weak],
      ["below.www.example", weak],
      ["www.example", "bogus"],
      ["any.wild.example", "bogus"],
      ["in.empty.example", "bogus"],
      ["x.away.example", "bogus"],
      ["x.signed.example", "bogus"],
      ["example", "bogus"],
      ["example.test", "bogus"],
    ];
    for (const [name, kind] of noName) {
      test(`no such name: ${name} is ${kind}`, () => {
        assert.equal(proveNoName(plainName(name), proofs, terms()).kind, kind);
      });
    }
    const noData: readonly [string, number, string][] = [
      ["www.example", rrType.AAAA, "secure"],
      ["www.example", rrType.A, "bogus"],
      ["alias.example", rrType.A, "bogus"],
      ["empty.example", rrType.A, "secure"],
      ["any.wild.example", rrType.AAAA, weak],
      ["any.wild.example", rrType.A, "bogus"],
      ["signed.example", rrType.A, "bogus"],
      ["signed.example", rrType.DS, "bogus"],
      ["unsigned.example", rrType.DS, isOptOut ? "insecure" : "secure"],
      ["example", rrType.AAAA, "secure"],
      ["example", rrType.DS, "bogus"],
    ];
    for (const [name, type, kind] of noData) {
      test(`no data: type ${type} of ${name} is ${kind}`, () => {
        assert.equal(proveNoData(plainName(name), type, proofs, terms()).kind, kind);
      });
    }
    const noDs: readonly [string, string][] = [
      ["unsigned.example", "insecure"],
      ["signed.example", "bogus"],
      ["www.example", "no-cut"],
      ["empty.example", "no-cut"],
      ["example", "bogus"],
      ["x.unsigned.example", isOptOut ? "insecure" : "bogus"],
    ];
    for (const [name, kind] of noDs) {
      test(`no DS: ${name} is ${kind}`, () => {
        assert.equal(proveNoDs(plainName(name), proofs, terms()).kind, kind);
      });
    }
    test("a wildcard answer is proven for names that only the wildcard stands for", () => {
      const wild = plainName("wild.example");
      const judge = (name: string): string =>
        proveWildcard(plainName(name), wild, proofs, terms()).kind;
      assert.equal(judge("any.wild.example"), weak);
      assert.equal(judge("a.b.wild.example"), weak);
      assert.equal(judge("wild.example"), "bogus");
      assert.equal(judge("*.wild.example"), "bogus");
      assert.equal(judge("any.example"), "bogus");
    });
  });
}

test("a flipped bit anywhere in a set or its signature breaks the proof", () => {
  const keys = keysOf(algorithm.ED25519);
  const sets = gatherSets(signed(keys, { kind: "nsec" }));
  const proven = proveKeys(sets, keys[0]!);
  const own = sets.filter((set) => set.signatures.length === 1);
  const property = fc.property(
    fc.nat(own.length - 1),
    fc.boolean(),
    fc.nat(1_000_000),
    (which, inSignature, bit) => {
      const set = own[which]!;
      const broken = inSignature
        ? { ...set, signatures: [flipped(set.signatures[0]!, bit)] }
        : { ...set, rdatas: [flipped(set.rdatas[0]!, bit), ...set.rdatas.slice(1)] };
      const judged = judgeNow(judgeSet(broken, proven, terms()));
      // A letter of a name in canonical RDATA may change its case: nothing else may change.
      if (judged.kind === "secure") assert.ok(isCaseOnly(broken, set));
    },
  );
  fc.assert(property, { numRuns: 400 });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  const place = bit % (8 * copy.length);
  copy[place >>> 3]! ^= 1 << (place & 7);
  return copy;
}

function isCaseOnly(a: RecordSet, b: RecordSet): boolean {
  return folded(a) === folded(b);
}

function folded({ rdatas, signatures }: RecordSet): string {
  return joined(...rdatas, ...signatures)
    .map((octet) => FOLD[octet]!)
    .toHex();
}
