/** What a reply means, as a table over its sections. */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { classify, refersDeeper } from "./classify.ts";
import { scrub } from "./scrub.ts";

const TYPES: Readonly<Record<string, number>> = rrType;

function record(line: string): ResourceRecord {
  const [owner, type, value] = line.split(" ");
  const code = TYPES[type!]!;
  const rdata = code === rrType.A ? Uint8Array.of(192, 0, 2, 1) : name(value ?? "x");
  return { name: name(owner!), type: code, class: 1, ttl: 300, rdata };
}

function reply(
  flags: number,
  answer: readonly string[],
  authority: readonly string[],
  additional: readonly string[] = [],
): Message {
  return {
    kind: "message",
    header: { id: 0, flags: flag.qr | flags, opcode: 0, rcode: flags & 0xf },
    questions: [{ name: name("www.example.com"), type: rrType.A, class: 1 }],
    answer: answer.map(record),
    authority: authority.map(record),
    additional: additional.map(record),
    opt: undefined,
    trailingBytes: 0,
  };
}

const AA = flag.aa;
const RA = flag.ra;
const NX = rcode.NXDOMAIN;

const CASES: [title: string, flags: number, answer: string[], authority: string[], is: string][] = [
  ["an answer", AA, ["www.example.com A"], [], "telling data"],
  ["an answer without AA", 0, ["www.example.com A"], ["example.com NS ns"], "telling data"],
  ["a resolver's answer", RA, ["www.example.com A"], [], "telling data second-hand"],
  ["an alias out of the zone", AA, ["www.example.com CNAME www.example.net"], [], "telling alias"],
  [
    "an alias and its data",
    AA,
    ["www.example.com CNAME a.example.com", "a.example.com A"],
    [],
    "telling data",
  ],
  [
    "data before an alias at one name",
    AA,
    ["www.example.com A", "www.example.com CNAME www.example.net"],
    [],
    "telling data",
  ],
  [
    "an alias before data at one name",
    AA,
    ["www.example.com CNAME www.example.net", "www.example.com A"],
    [],
    "telling alias",
  ],
  [
    "an alias whose target does not exist (RFC 6604 §3)",
    AA | NX,
    ["www.example.com CNAME a.example.com"],
    ["example.com SOA"],
    "telling no-name",
  ],
  ["no data", AA, [], ["example.com SOA"], "telling no-data"],
  ["no data without SOA", AA, [], [], "telling no-data"],
  ["no data with the zone's own servers", AA, [], ["example.com NS ns"], "telling no-data"],
  ["no name", AA | NX, [], ["example.com SOA"], "telling no-name"],
  ["a SOA of another zone proves nothing", AA | NX, [], ["example.net SOA"], "telling no-name"],
  ["a referral", 0, [], ["sub.example.com NS ns"], "useless lame"],
  ["a referral towards the name", 0, [], ["www.example.com NS ns"], "referral"],
  ["the zone's own servers without AA", 0, [], ["example.com NS ns"], "useless lame"],
  ["a referral with AA", AA, [], ["www.example.com NS ns"], "referral"],
  ["a referral upwards", 0, [], ["com NS ns"], "useless lame"],
  ["a referral upwards with AA", AA, [], [". NS ns"], "useless lame"],
  ["nothing without AA", 0, [], [], "useless lame"],
  ["another type of the name without AA", 0, ["www.example.com NS ns"], [], "telling no-data"],
  ["records of other names only", 0, ["www.example.net A"], [], "useless junk"],
  ["refusal", rcode.REFUSED, [], [], "useless refused"],
  ["failure", rcode.SERVFAIL, [], [], "useless server-failed"],
];

for (const [title, flags, answer, authority, expected] of CASES) {
  test(`${title} is ${expected}`, () => {
    const message = reply(flags, answer, authority);
    const reading = classify(message, message.questions[0]!, name("example.com"));
    let is: string = reading.kind;
    if (reading.kind === "telling") is += ` ${reading.ending.kind}`;
    if (reading.kind === "telling" && reading.secondHand) is += " second-hand";
    if (reading.kind === "useless") is += ` ${reading.why}`;
    assert.equal(is, expected);
  });
}

test("a CNAME question below a DNAME is answered by the DNAME and the CNAME that it makes", () => {
  const redirected = reply(
    AA,
    ["example.com DNAME example.net", "www.example.com CNAME elsewhere.example"],
    [],
  );
  const question = { ...redirected.questions[0]!, type: rrType.CNAME };
  const reading = classify(redirected, question, name("com"));
  assert.equal(reading.kind, "telling");
  const sets = reading.kind === "telling" ? reading.sets : [];
  assert.deepEqual(
    sets.map((set) => set.type),
    [rrType.DNAME, rrType.CNAME],
  );
  assert.deepEqual(sets[1]!.rdatas, [name("www.example.net")]);
});

test("a referral must lead deeper, towards the name", () => {
  const to = (zone: string): boolean => {
    const message = reply(0, [], [`${zone} NS ns`]);
    const reading = classify(message, message.questions[0]!, name("com"));
    return (
      reading.kind === "referral" && refersDeeper(reading, name("com"), name("www.example.com"))
    );
  };
  assert.equal(to("example.com"), true);
  assert.equal(to("com"), false);
  assert.equal(to("example.org"), false);
  assert.equal(to("other.com"), false);
});

test("glue of names outside the referring zone is not kept", () => {
  const message = reply(
    0,
    [],
    ["www.example.com NS ns.example.com"],
    ["ns.example.com A", "ns.example.net A"],
  );
  const reading = classify(message, message.questions[0]!, name("example.com"));
  assert.equal(reading.kind === "referral" && reading.glue.length, 1);
});

test("NS sets are cut at nsNamesPerDelegationMax, signatures at signaturesPerSetMax", () => {
  const namesMax = limits.nsNamesPerDelegationMax.value;
  const many = Array.from({ length: namesMax + 5 }, (_, i) => `example.com NS ns${i}`);
  const cut = scrub(reply(AA, many, []), name("com"), 1);
  assert.equal(cut.answer[0]!.rdatas.length, namesMax);
  const signaturesMax = limits.signaturesPerSetMax.value;
  const message = reply(AA, ["www.example.com A"], []);
  const signatures = Array.from({ length: signaturesMax + 2 }, (_, i) => ({
    ...record("www.example.com A"),
    type: rrType.RRSIG,
    rdata: Uint8Array.of(0, 1, i),
  }));
  const signed = scrub({ ...message, answer: [...message.answer, ...signatures] }, name("com"), 1);
  assert.equal(signed.answer[0]!.signatures.length, signaturesMax);
});
