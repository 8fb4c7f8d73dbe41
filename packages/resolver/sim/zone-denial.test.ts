/** The proofs in an authority's replies prove what these say, and none of them is too much. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import type { Message } from "@lethe/wire/message.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import {
  type Proofs,
  proveNoData,
  proveNoDs,
  proveNoName,
  proveWildcard,
} from "../src/dnssec/denial.ts";
import { parseNsec } from "../src/dnssec/nsec.ts";
import { parseNsec3 } from "../src/dnssec/nsec3.ts";
import type { Terms } from "../src/dnssec/judging.ts";
import { WorkBudget } from "../src/dnssec/work-budget.ts";
import { Authority } from "./authority.ts";
import type { Denial } from "./signer-denial.ts";
import { makeSigningKey } from "./signer-keys.ts";
import { plainName, smallZone } from "./signer-zone.ts";
import { signZone } from "./signer.ts";
import { asked } from "./zone-asking.ts";
import { zoneFromRecords } from "./zone.ts";

const NOW_S = 1_800_000_000;
const apex = plainName("example");
const DENIALS: readonly (readonly [string, Denial])[] = [
  ["NSEC", { kind: "nsec" }],
  ["NSEC3", { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false }],
  ["NSEC3, salted", { kind: "nsec3", iterations: 5, salt: Uint8Array.of(1, 2), isOptOut: false }],
  ["NSEC3, opt-out", { kind: "nsec3", iterations: 1, salt: new Uint8Array(0), isOptOut: true }],
];

function authorityOf(denial: Denial): Authority {
  const keys = [makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 })];
  const window = { inceptionS: NOW_S - 3600, expirationS: NOW_S + 86400 };
  const zone = zoneFromRecords(
    apex,
    signZone(smallZone("example"), { apex, keys, denial, ...window }),
  );
  assert.ok(zone.kind === "zone");
  return new Authority([{ zone, behaviours: [] }]);
}

/** The denials of a reply. Whether they are signed well is the signer's test. */
function proofsOf({ authority }: Message): Proofs {
  const rdatas = (type: number): typeof authority => authority.filter((one) => one.type === type);
  return {
    zone: apex,
    isAbsent: false,
    failure: undefined,
    nsecs: rdatas(rrType.NSEC).map(({ name, rdata }) => parseNsec(name, rdata, apex)!),
    nsec3s: rdatas(rrType.NSEC3).map(({ name, rdata }) => parseNsec3(name, rdata, apex)!),
  };
}

function terms(): Terms {
  return { nowS: NOW_S, trustsSha1: false, work: new WorkBudget() };
}

/** Says whether one denial fewer would prove no less. */
function isTooMuch(proofs: Proofs, kind: string, prove: (proofs: Proofs) => string): boolean {
  const { nsecs, nsec3s } = proofs;
  return (
    nsecs.some((one) => prove({ ...proofs, nsecs: nsecs.filter((n) => n !== one) }) === kind) ||
    nsec3s.some((one) => prove({ ...proofs, nsec3s: nsec3s.filter((n) => n !== one) }) === kind)
  );
}

const EDNS = { udpSize: 4096, dnssecOk: true, transport: "tcp" } as const;

for (const [title, denial] of DENIALS) {
  const isOptOut = denial.kind === "nsec3" && denial.isOptOut;
  const weak = isOptOut ? "insecure" : "secure";
  describe(`an authority with ${title}`, () => {
    const authority = authorityOf(denial);
    const ask = (question: string): Message => asked(authority, question, EDNS);

    for (const name of ["nothing.example", "a.b.c.example", "below.www.example"]) {
      test(`proves that there is no ${name}`, () => {
        const message = ask(`${name} A`);
        assert.equal(message.header.rcode, rcode.NXDOMAIN);
        const prove = (proofs: Proofs): string =>
          proveNoName(plainName(name), proofs, terms()).kind;
        assert.equal(prove(proofsOf(message)), weak);
        assert.ok(!isTooMuch(proofsOf(message), weak, prove));
      });
    }

    const noData: readonly [string, "AAAA" | "DS", string][] = [
      ["www.example", "AAAA", "secure"],
      ["empty.example", "AAAA", "secure"],
      ["any.wild.example", "AAAA", weak],
      ["example", "AAAA", "secure"],
      ["www.example", "DS", "secure"],
      ["unsigned.example", "DS", weak],
    ];
    for (const [name, type, kind] of noData) {
      test(`proves that ${name} has no ${type}`, () => {
        const message = ask(`${name} ${type}`);
        assert.deepEqual([message.header.rcode, message.answer.length], [rcode.NOERROR, 0]);
        const prove = (proofs: Proofs): string =>
          proveNoData(plainName(name), rrType[type], proofs, terms()).kind;
        assert.equal(prove(proofsOf(message)), kind);
        // An opt-out span alone leaves everything open; RFC 5155 §7.2.5 wants the rest too.
        if (kind === "secure") assert.ok(!isTooMuch(proofsOf(message), kind, prove));
      });
    }

    test("proves that an answer is a wildcard's", () => {
      for (const name of ["any.wild.example", "a.b.wild.example"]) {
        const message = ask(`${name} A`);
        assert.equal(message.answer[0]!.type, rrType.A);
        assert.equal(message.answer[1]!.type, rrType.RRSIG);
        const wild = plainName("wild.example");
        const proof = proveWildcard(plainName(name), wild, proofsOf(message), terms());
        assert.equal(proof.kind, weak);
      }
    });

    test("proves that a delegation is unsigned, and signs the DS of one that is not", () => {
      for (const cut of ["unsigned.example", "unsigned.below.example"]) {
        const message = ask(`www.${cut} A`);
        assert.equal(message.authority[0]!.type, rrType.NS);
        assert.equal(proveNoDs(plainName(cut), proofsOf(message), terms()).kind, "insecure");
      }
      const types = ask("www.signed.example A").authority.map((record) => record.type);
      assert.deepEqual(types, [rrType.NS, rrType.DS, rrType.RRSIG]);
    });

    test("sends neither signatures nor proofs to who does not ask for them", () => {
      for (const question of ["www.example A", "nothing.example A", "www.unsigned.example A"]) {
        const { answer, authority: said } = asked(authority, question, { udpSize: 4096 });
        const extra = [...answer, ...said].filter(({ type }) => type >= rrType.RRSIG);
        assert.deepEqual(extra, []);
      }
    });
  });
}
