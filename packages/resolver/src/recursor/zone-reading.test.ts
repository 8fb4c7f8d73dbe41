/** What a copy of a zone says is what an authority with the same zone says. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { isAtOrUnder } from "@lethe/wire/name.ts";
import { nameFromText, nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { Authority } from "../../sim/authority.ts";
import type { Denial } from "../../sim/signer-denial.ts";
import { makeSigningKey } from "../../sim/signer-keys.ts";
import { plainName, smallZone } from "../../sim/signer-zone.ts";
import { signZone } from "../../sim/signer.ts";
import { asked } from "../../sim/zone-asking.ts";
import { zoneFromRecords } from "../../sim/zone.ts";
import { algorithm } from "../dnssec/algorithm.ts";
import { type Referral, type Telling, classify } from "./classify.ts";
import { ZoneCopy, packZone } from "./zone-copy.ts";
import { readingFrom } from "./zone-reading.ts";

const NOW_S = 1_800_000_000;
const apex = plainName("example");
const empty = new Uint8Array(0);
const DENIALS: readonly (readonly [string, Denial])[] = [
  ["NSEC", { kind: "nsec" }],
  ["NSEC3", { kind: "nsec3", iterations: 0, salt: empty, isOptOut: false }],
  ["salted NSEC3", { kind: "nsec3", iterations: 5, salt: Uint8Array.of(1, 2), isOptOut: false }],
  ["NSEC3 with opt-out", { kind: "nsec3", iterations: 1, salt: empty, isOptOut: true }],
];

const FORM = { transport: "tcp", udpSize: 1232, dnssecOk: true } as const;

const QUESTIONS = (
  "example. ANY, a.wild.example. ANY, example. SOA, example. NS, example. DNSKEY, example. TXT, example. DS, " +
  "www.example. A, WWW.example. TXT, www.example. MX, x.www.example. A, " +
  "alias.example. A, alias.example. CNAME, none.example. A, deep.none.example. A, " +
  "a.wild.example. A, b.a.wild.example. A, a.wild.example. TXT, wild.example. A, " +
  "*.wild.example. A, empty.example. A, in.empty.example. A, x.in.empty.example. A, " +
  "x.away.example. A, away.example. DNAME, away.example. A, x.away.example. CNAME, " +
  "signed.example. DS, signed.example. A, x.signed.example. A, signed.example. NS, " +
  "unsigned.example. DS, x.unsigned.example. A, ns.unsigned.example. A, " +
  "unsigned.below.example. DS, x.unsigned.below.example. A, below.example. A"
).split(", ");

function signedZone(denial: Denial): ResourceRecord[] {
  const keys = [makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 })];
  const window = { inceptionS: NOW_S - 3600, expirationS: NOW_S + 86400 };
  return signZone(smallZone("example"), { apex, keys, denial, ...window });
}

function questionOf(text: string): Question {
  const [name = "", type = ""] = text.split(" ");
  return { name: nameFromText(name)!, type: rrType[type as keyof typeof rrType], class: 1 };
}

function linesOf(sets: readonly RecordSet[]): string[] {
  return sets
    .flatMap(({ name, type, class: rrclass, ttl, rdatas, signatures }) => {
      const shared = { name, class: rrclass, ttl };
      return [
        ...rdatas.map((rdata) => recordToText({ ...shared, type, rdata }).toLowerCase()),
        ...signatures.map((rdata) => recordToText({ ...shared, type: rrType.RRSIG, rdata })),
      ];
    })
    .map((one) => one.toLowerCase())
    .toSorted();
}

/** What counts of a reading, as text. */
function told(reading: Telling | Referral): unknown {
  if (reading.kind === "referral") {
    const { servers, glue, signed } = reading;
    return [linesOf([servers]), linesOf(glue), linesOf(signed)];
  }
  const { sets, ending, proofs } = reading;
  // An authority goes on with an alias's target where it has it; what a copy says ends there.
  const isAlias = sets[0]?.type === rrType.CNAME || sets[0]?.type === rrType.DNAME;
  const own = isAlias ? sets.slice(0, 1) : sets;
  if (isAlias) return ["alias", linesOf(own)];
  return ending.kind === "data"
    ? ["data", linesOf(own), linesOf(proofs)]
    : [ending.kind, linesOf("authority" in ending ? ending.authority : [])];
}

describe("a copy says what an authority says", () => {
  for (const [title, denial] of DENIALS) {
    const records = signedZone(denial);
    const made = zoneFromRecords(apex, records);
    assert.ok(made.kind === "zone");
    const authority = new Authority([{ zone: made, behaviours: [] }]);
    const copy = new ZoneCopy(packZone(records));
    for (const text of QUESTIONS) {
      test(`${title}: ${text}`, () => {
        const question = questionOf(text);
        const expected = classify(asked(authority, text, FORM), question, apex);
        assert.ok(expected.kind !== "useless", `${expected.kind === "useless" && expected.why}`);
        assert.deepEqual(told(readingFrom(copy, apex, question)), told(expected));
      });
    }
  }
});

test("an unsigned zone denies with its SOA alone", () => {
  const copy = new ZoneCopy(packZone(smallZone("example")));
  const reading = readingFrom(copy, apex, questionOf("none.example. A"));
  assert.ok(reading.kind === "telling" && reading.ending.kind === "no-name");
  assert.deepEqual(
    reading.ending.authority.map(({ type }) => type),
    [rrType.SOA],
  );
});

test("where hashing a name costs too much its denial has no proof", () => {
  const salt = new Uint8Array(200);
  const records = signedZone({ kind: "nsec3", iterations: 0, salt, isOptOut: false });
  const dear = records.map((record) =>
    record.type === rrType.NSEC3PARAM
      ? { ...record, rdata: record.rdata.with(2, 0xff).with(3, 0xff) }
      : record,
  );
  const reading = readingFrom(new ZoneCopy(packZone(dear)), apex, questionOf("none.example. A"));
  assert.ok(reading.kind === "telling" && reading.ending.kind === "no-name");
  assert.ok(reading.ending.authority.every(({ type }) => type === rrType.SOA));
});

test("what denies a name is at it or stands before it in the circle, whatever lies between", () => {
  const records = signedZone({ kind: "nsec3", iterations: 0, salt: empty, isOptOut: false });
  const zone = new ZoneCopy(packZone(records));
  const owners = records.filter(({ type }) => type === rrType.NSEC3).map(({ name }) => name);
  const sorted = owners.map((owner) => nameToText(owner)).toSorted();
  const first = nameFromText(`0.${nameToText(apex)}`)!;
  assert.equal(nameToText(zone.denialOf(first)!.name), sorted.at(-1));
  for (const owner of owners) {
    assert.equal(nameToText(zone.denialOf(owner)!.name), nameToText(owner).toLowerCase());
  }
  assert.ok(owners.every((owner) => isAtOrUnder(owner, apex)));
});
