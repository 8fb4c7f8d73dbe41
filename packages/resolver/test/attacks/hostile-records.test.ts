/** Keys, signatures, denials and times at their extremes: a verdict and a reason, never a throw. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assert as assertProperty, array, property, record, uint8Array } from "fast-check";
import { setU16 } from "@lethe/wire/bytes.ts";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type Claim, wrongSignatures } from "../../sim/attack-keys.ts";
import { nsec3Hash, nsec3Owner, typeBitmap } from "../../sim/signer-denial.ts";
import { dnsKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { joined } from "../../sim/signer-bytes.ts";
import { PROOF_TIME_S, freshTerms, oneKeyZone, signedSet } from "../../sim/signer-proofs.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dsRdata } from "../../sim/signer.ts";
import { limits } from "../../src/base/limits.ts";
import { algorithm, digestType } from "../../src/dnssec/algorithm.ts";
import { judgeCut, judgeData, judgeDenial } from "../../src/dnssec/judge-answer.ts";
import { judgeKeys, trustOf } from "../../src/dnssec/judge-keys.ts";
import { judgeSet } from "../../src/dnssec/judge-set.ts";
import { type Judging, judgeNow } from "../../src/dnssec/judging.ts";
import { type DnsKey, keyFlag, keyTag } from "../../src/dnssec/key.ts";
import { many, number } from "./attacked.ts";

const apex = plainName("example");
const zone = oneKeyZone(apex);
const www = {
  name: plainName("www.example"),
  type: rrType.A,
  rdatas: [Uint8Array.of(192, 0, 2, 1)],
};

/** A verdict in a word, and the code of its first reason. */
function said(judged: { kind: string; errors?: readonly { readonly code: number }[] }): string {
  return [judged.kind, ...(judged.errors ?? []).map((error) => error.code)].join(" ");
}

function setOf(name: string, type: number, rdatas: readonly Uint8Array[]): RecordSet {
  return { name: plainName(name), type, class: 1, ttl: 3600, rdatas, signatures: [] };
}

function claimFor(set: Pick<RecordSet, "name" | "type">, key: DnsKey): Claim {
  return {
    owner: set.name,
    type: set.type,
    ttl: 3600,
    signer: apex,
    key,
    inceptionS: PROOF_TIME_S - 60,
    expirationS: PROOF_TIME_S + 60,
  };
}

/** The set with signatures that name a key and are made up. */
function wronglySigned(set: RecordSet, key: DnsKey, count = 1): RecordSet {
  const signatures = wrongSignatures(count, claimFor(set, key), 1).map(({ rdata }) => rdata);
  return { ...set, signatures };
}

function filled(size: number, octet: number): Uint8Array {
  return new Uint8Array(size).fill(octet);
}

/** An RSA key field of these parts. */
function rsa(exponent: readonly number[], modulus: Uint8Array): Uint8Array {
  return Uint8Array.of(exponent.length, ...exponent, ...modulus);
}

const { RSASHA256, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448 } = algorithm;
const modulus = filled(256, 0xff);

const keys: readonly (readonly [title: string, number: number, field: Uint8Array])[] = [
  ["RSA, an exponent of one", RSASHA256, rsa([1], modulus)],
  ["RSA, an exponent of zero", RSASHA256, rsa([0], modulus)],
  ["RSA, an even exponent", RSASHA256, rsa([4], modulus)],
  ["RSA, an exponent as long as the modulus", RSASHA256, rsa([...filled(255, 0xff)], modulus)],
  ["RSA, an exponent longer than the key", RSASHA256, Uint8Array.of(0, 0xff, 0xff, 1, 2, 3)],
  ["RSA, no modulus", RSASHA256, rsa([1, 0, 1], new Uint8Array(0))],
  ["RSA, a modulus of zero", RSASHA256, rsa([1, 0, 1], filled(256, 0))],
  ["RSA, an even modulus", RSASHA256, rsa([1, 0, 1], filled(256, 0xfe))],
  ["RSA, a modulus of 64 bits", RSASHA256, rsa([1, 0, 1], filled(8, 0xff))],
  ["RSA, a modulus of 65,000 bytes", RSASHA256, rsa([1, 0, 1], filled(65_000, 0xff))],
  ["P-256, a point off the curve", ECDSAP256SHA256, filled(64, 5)],
  ["P-256, the point at infinity", ECDSAP256SHA256, filled(64, 0)],
  ["P-256, coordinates beyond the field", ECDSAP256SHA256, filled(64, 0xff)],
  ["P-256, a byte too few", ECDSAP256SHA256, filled(63, 5)],
  ["P-256, a compressed point", ECDSAP256SHA256, filled(33, 2)],
  ["P-384, a point off the curve", ECDSAP384SHA384, filled(96, 5)],
  ["P-384, a key of P-256", ECDSAP384SHA384, filled(64, 5)],
  ["Ed25519, a byte too many", ED25519, filled(33, 1)],
  ["Ed25519, beyond the field", ED25519, filled(32, 0xff)],
  ["Ed448, a byte too few", ED448, filled(56, 1)],
  ["Ed448, beyond the field", ED448, filled(57, 0xff)],
  ["one byte", ED25519, filled(1, 0)],
];

describe("a hostile key proves nothing", () => {
  for (const [title, which, field] of keys) {
    test(`${title}: no data`, () => {
      const key = dnsKey(keyFlag.zone, which, field);
      const set = wronglySigned(setOf("www.example", rrType.A, www.rdatas), key);
      const judged = judgeNow(judgeSet(set, { zone: apex, keys: [key] }, freshTerms()));
      assert.equal(said(judged), `bogus ${extendedError.dnssecBogus}`);
    });

    test(`${title}: no keys, though its DS is there`, () => {
      const key = dnsKey(keyFlag.zone, which, field);
      const set = wronglySigned(setOf("example", rrType.DNSKEY, [key.rdata]), key);
      const ds = setOf("example", rrType.DS, [dsRdata(apex, key, digestType.SHA256)]);
      const judged = judgeNow(judgeKeys(apex, trustOf(ds), set, freshTerms()));
      assert.equal(said(judged), `bogus ${extendedError.dnssecBogus}`);
    });
  }
});

describe("a signature of a wrong length is none", () => {
  for (const which of [RSASHA256, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448]) {
    const key = makeSigningKey({ algorithm: which, role: "all", seed: 7 }).key;
    for (const size of [0, 1, 31, 63, 65, 95, 97, 113, 115, 4096, 65_000]) {
      test(`algorithm ${which}, ${number(size)} bytes`, () => {
        const set = wronglySigned(setOf("www.example", rrType.A, www.rdatas), key);
        const head = set.signatures[0]!.subarray(0, 18 + apex.length);
        const short = { ...set, signatures: [joined(head, filled(size, 1))] };
        const judged = judgeNow(judgeSet(short, { zone: apex, keys: [key] }, freshTerms()));
        const code = size === 0 ? extendedError.rrsigsMissing : extendedError.dnssecBogus;
        assert.equal(said(judged), `bogus ${code}`);
      });
    }
  }
});

/** How many signatures a judgement wants checked when none of them is good. */
function checksOf(judging: Judging<unknown>): number {
  let checks = 0;
  for (let step = judging.next(); step.done !== true; step = judging.next(false)) checks++;
  return checks;
}

/** Keys of one tag: what is added to one word is taken from another. */
function sameTag(count: number): DnsKey[] {
  const found = many(count, String).map((_, i) => {
    const field = filled(32, 1);
    setU16(field, 0, i);
    setU16(field, 2, 0xffff - i);
    return dnsKey(keyFlag.zone, ED25519, field);
  });
  assert.equal(new Set(found.map((key) => keyTag(key.rdata))).size, 1);
  return found;
}

describe("of thousands of keys of one tag few are tried", () => {
  const all = sameTag(3000);
  const rdatas = all.map((key) => key.rdata);

  test("for data", () => {
    const set = wronglySigned(setOf("www.example", rrType.A, www.rdatas), all[0]!, 300);
    const checks = checksOf(judgeSet(set, { zone: apex, keys: all }, freshTerms()));
    assert.equal(checks, limits.signatureFailuresPerQuestionMax.value);
  });

  test("for the keys themselves, with thousands of DS records", () => {
    const set = wronglySigned(setOf("example", rrType.DNSKEY, rdatas), all[0]!, 300);
    const ds = all.map((key) => dsRdata(apex, key, digestType.SHA256));
    const trust = trustOf(setOf("example", rrType.DS, ds));
    const checks = checksOf(judgeKeys(apex, trust, set, freshTerms()));
    assert.equal(checks, limits.signatureFailuresPerQuestionMax.value);
  });
});

/** RDATA of an NSEC3 with these fields; the next hash is the last of all. */
function nsec3(fields: {
  readonly hash?: number;
  readonly flags?: number;
  readonly iterations?: number;
  readonly saltBytes?: number;
  readonly nextBytes?: number;
}): Uint8Array {
  const { hash = 1, flags = 0, iterations = 0, saltBytes = 0, nextBytes = 20 } = fields;
  const head = Uint8Array.of(hash, flags, iterations >> 8, iterations & 255, saltBytes);
  const next = Uint8Array.of(nextBytes, ...filled(nextBytes, 0xff));
  return joined(head, filled(saltBytes, 0xaa), next, typeBitmap([rrType.SOA, rrType.NS]));
}

describe("NSEC3 parameters at their extremes", () => {
  const max = limits.nsec3IterationsMax.value;
  const unproven = `bogus ${extendedError.dnssecBogus}`;
  const tooMany = `insecure ${extendedError.unsupportedNsec3Iterations}`;
  const rows: readonly (readonly [string, Parameters<typeof nsec3>[0], string])[] = [
    ["no iteration, no salt", {}, "secure"],
    ["as many iterations as are believed", { iterations: max }, "secure"],
    ["one more", { iterations: max + 1 }, tooMany],
    ["all that there can be", { iterations: 65_535, saltBytes: 255 }, tooMany],
    ["the longest salt", { saltBytes: 255 }, "secure"],
    ["both", { iterations: max, saltBytes: 255 }, "secure"],
    ["a hash of no kind", { hash: 0 }, unproven],
    ["another kind of hash", { hash: 2 }, unproven],
    ["all flags", { flags: 255 }, unproven],
    ["no next hash", { nextBytes: 0 }, unproven],
    ["a short next hash", { nextBytes: 19 }, unproven],
    ["a long next hash", { nextBytes: 255 }, unproven],
  ];
  for (const [title, fields, expected] of rows) {
    test(title, () => {
      const { iterations = 0, saltBytes = 0 } = fields;
      // From the first hash of all to the last: everything but the apex is covered.
      const salt = filled(saltBytes, 0xaa);
      const sets = [filled(20, 0), nsec3Hash(apex, Math.min(iterations, max + 1), salt)].map(
        (hash) => {
          const name = nsec3Owner(hash, apex);
          return signedSet(zone, { name, type: rrType.NSEC3, rdatas: [nsec3(fields)] });
        },
      );
      const denied = { kind: "no-name", name: plainName("nowhere.example") } as const;
      assert.equal(said(judgeNow(judgeDenial(denied, sets, zone, freshTerms()))), expected);
    });
  }
});

describe("clocks at the edges of a window, across 2038 and 2106 (RFC 4034 §3.1.5)", () => {
  const [of2038, of2106] = [2 ** 31, 2 ** 32];
  const early = `bogus ${extendedError.signatureNotYetValid}`;
  const late = `bogus ${extendedError.signatureExpired}`;
  const turned = `bogus ${extendedError.signatureExpiredBeforeValid}`;
  const rows: readonly (readonly [string, number, number, number, string])[] = [
    ["the last second before 2038", of2038 - 60, of2038 + 60, of2038 - 1, "secure"],
    ["the first second of it", of2038 - 60, of2038 + 60, of2038, "secure"],
    ["it, a second late", of2038 - 60, of2038 - 1, of2038, late],
    ["it, a second early", of2038, of2038 + 60, of2038 - 1, early],
    ["the last second before 2106", of2106 - 60, of2106 + 60, of2106 - 1, "secure"],
    ["the first second of it ", of2106 - 60, of2106 + 60, of2106, "secure"],
    ["2106, in its last second", of2106 - 60, of2106, of2106, "secure"],
    ["2106, a second late", of2106 - 60, of2106 - 1, of2106, late],
    ["2106, a second early", of2106, of2106 + 60, of2106 - 1, early],
    ["a window turned round across 2106", of2106 + 60, of2106 - 60, of2106, turned],
    ["a window of 68 years", 0, of2038 - 1, 1000, "secure"],
    ["a window that is longer than can be told", 0, of2038 + 1, 1000, turned],
    ["a clock that stands at 1970", PROOF_TIME_S - 60, PROOF_TIME_S + 60, 0, early],
    ["a clock 70 years ahead", PROOF_TIME_S - 60, PROOF_TIME_S, PROOF_TIME_S + of2038 - 1, late],
  ];
  for (const [title, inceptionS, expirationS, nowS, expected] of rows) {
    test(title, () => {
      const set = signedSet(zone, www, { inceptionS, expirationS });
      const judged = judgeNow(judgeSet(set, zone, { ...freshTerms(), nowS }));
      assert.equal(said(judged), expected);
      if (judged.kind === "secure") assert.ok(judged.ttlS >= 0 && judged.ttlS <= 3600);
    });
  }
});

test("whatever stands in keys, DS records, signatures and denials, nothing throws", () => {
  const bytes = uint8Array({ maxLength: 80 });
  const sets = record({
    keys: array(bytes, { maxLength: 3 }),
    ds: array(bytes, { maxLength: 3 }),
    denials: array(bytes, { maxLength: 3 }),
    signatures: array(bytes, { maxLength: 3 }),
  });
  assertProperty(
    property(sets, ({ keys: keyRdatas, ds, denials, signatures }) => {
      const withThem = (name: string, type: number, rdatas: readonly Uint8Array[]): RecordSet => ({
        ...setOf(name, type, rdatas),
        signatures,
      });
      const trust = trustOf(setOf("example", rrType.DS, ds));
      judgeNow(judgeKeys(apex, trust, withThem("example", rrType.DNSKEY, keyRdatas), freshTerms()));
      const authority = [
        withThem("a.example", rrType.NSEC, denials),
        withThem("b.example", rrType.NSEC3, denials),
      ];
      const data = withThem("www.example", rrType.A, www.rdatas);
      const denied = { kind: "no-name", name: www.name } as const;
      judgeNow(judgeData(data, authority, zone, freshTerms()));
      judgeNow(judgeDenial(denied, authority, zone, freshTerms()));
      judgeNow(
        judgeCut(www.name, [withThem("www.example", rrType.DS, ds)], [], zone, freshTerms()),
      );
    }),
    { numRuns: 300 },
  );
});
