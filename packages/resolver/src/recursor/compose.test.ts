/** Tests of packed answers: what is in which form, for how long, and what may be rotated. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { name, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { packedAnswer } from "../cache/packed-answer.ts";
import { type TtlBounds, compose, composeStatus } from "./compose.ts";
import type { Answered } from "./outcome.ts";

const question = { name: name("www.example"), type: rrType.A, class: 1 };
const bounds: TtlBounds = { minS: 0, maxS: 86_400 };
const signature = new Uint8Array(19);
signature[1] = rrType.A;

function set(
  owner: string,
  type: number,
  rdatas: Uint8Array[],
  more: Partial<RecordSet> = {},
): RecordSet {
  return { name: name(owner), type, class: 1, ttl: 300, rdatas, signatures: [], ...more };
}

const ip = (last: number): Uint8Array => Uint8Array.of(192, 0, 2, last);

function answered(parts: Partial<Answered>): Answered {
  const { answer = [], authority = [] } = parts;
  const ttlS = Math.min(...[...answer, ...authority].map(({ ttl }) => ttl));
  return {
    kind: "answered",
    rcode: rcode.NOERROR,
    answer,
    authority,
    verdict: "indeterminate",
    errors: [],
    ttlS,
    ...parts,
  };
}

/** A packed answer as the message that it stands for. */
function unpacked(packed: Uint8Array, qtype = question.type): Message {
  const bodyAt = packedAnswer.bodyAt(packed, 0);
  const body = packed.slice(bodyAt, bodyAt + packedAnswer.bodyBytes(packed, 0));
  const head = HEADER_BYTES + question.name.length + 4;
  const bytes = new Uint8Array(head + body.length);
  bytes[5] = 1;
  bytes[7] = packedAnswer.answerCount(packed, 0);
  bytes[9] = packedAnswer.authorityCount(packed, 0);
  bytes.set(question.name, HEADER_BYTES);
  bytes[head - 3] = qtype;
  bytes[head - 1] = 1;
  bytes.set(body, head);
  const message = readMessage(bytes);
  assert.ok(message.kind === "message" && message.trailingBytes === 0);
  return message;
}

/** Types of the records of both sections. */
function types(packed: Uint8Array): string {
  const { answer, authority } = unpacked(packed);
  return [answer, authority]
    .map((records) => records.map(({ type }) => type).join(" "))
    .join(" | ");
}

const signed = answered({ answer: [set("www.example", 1, [ip(1)], { signatures: [signature] })] });
const soa = set("example", rrType.SOA, [new Uint8Array(22)], { signatures: [signature] });
const nsec = set("a.example", rrType.NSEC, [Uint8Array.of(0, 0, 1, 2)], {
  signatures: [signature],
});
const denial = answered({ rcode: rcode.NXDOMAIN, authority: [soa, nsec], ttlS: 60 });

test("signatures go to DO=1 only (RFC 4035 §3.2.1)", () => {
  assert.equal(types(compose(signed, question, false, bounds)), "1 | ");
  assert.equal(types(compose(signed, question, true, bounds)), "1 46 | ");
});

test("the proof of a denial goes to DO=1 only, its SOA to all", () => {
  assert.equal(types(compose(denial, question, false, bounds)), " | 6");
  assert.equal(types(compose(denial, question, true, bounds)), " | 6 46 47 46");
});

test("who asks for NSEC gets it without DO", () => {
  const asked = { ...question, name: name("a.example"), type: rrType.NSEC };
  const packed = compose(answered({ answer: [nsec] }), asked, false, bounds);
  assert.equal(packedAnswer.answerCount(packed, 0), 1);
});

test("a denial's records are kept for no longer than the denial (RFC 2308 §5)", () => {
  const packed = compose(denial, question, true, bounds);
  assert.equal(packedAnswer.ttlS(packed, 0), 60);
  assert.deepEqual(new Set(unpacked(packed).authority.map(({ ttl }) => ttl)), new Set([60]));
});

const ttlCases: [string, number, TtlBounds, number][] = [
  ["within bounds", 300, { minS: 0, maxS: 86_400 }, 300],
  ["below the floor", 5, { minS: 30, maxS: 86_400 }, 30],
  ["above the ceiling", 90_000, { minS: 0, maxS: 86_400 }, 86_400],
  ["0 without a floor", 0, { minS: 0, maxS: 86_400 }, 0],
];

for (const [title, ttl, within, expected] of ttlCases) {
  test(`a TTL ${title}`, () => {
    const outcome = answered({ answer: [set("www.example", 1, [ip(1)], { ttl })] });
    const packed = compose(outcome, question, false, within);
    assert.equal(packedAnswer.ttlS(packed, 0), expected);
    assert.equal(unpacked(packed).answer[0]!.ttl, expected);
  });
}

test("an answer without any record is not kept", () => {
  assert.equal(packedAnswer.ttlS(compose(answered({}), question, false, bounds), 0), 0);
});

test("AD is kept for what is secure, AA for what is our own", () => {
  const flags = (outcome: Answered, aa: boolean): number =>
    packedAnswer.flags(compose(outcome, question, false, bounds, aa), 0);
  assert.equal(flags(signed, false), flag.qr | flag.ra);
  assert.equal(flags({ ...signed, verdict: "secure" }, false), flag.qr | flag.ra | flag.ad);
  assert.equal(flags(signed, true), flag.qr | flag.ra | flag.aa);
});

const four = [1, 2, 3, 4].map(ip);
const alias = set("www.example", rrType.CNAME, [name("other.example")]);
const rotations: [string, RecordSet[], number][] = [
  ["several addresses", [set("www.example", 1, four)], 4],
  ["several addresses behind an alias", [alias, set("other.example", 1, four)], 4],
  ["signed addresses", [set("www.example", 1, four, { signatures: [signature] })], 4],
  ["one address", [set("www.example", 1, [ip(1)])], 0],
  ["other records", [set("www.example", rrType.TXT, [Uint8Array.of(0), Uint8Array.of(0)])], 0],
  ["an owner that is written out", [set("x.org", 1, four)], 0],
];

for (const [title, answer, records] of rotations) {
  test(`${title}: ${records > 0 ? "may be rotated" : "stay as they are"}`, () => {
    const packed = compose(answered({ answer }), question, true, bounds);
    assert.equal(packedAnswer.rotationRecords(packed, 0), records);
    if (records === 0) return;
    const at = packedAnswer.rotationAt(packed, 0);
    const body = packed.slice(packedAnswer.bodyAt(packed, 0));
    for (let i = 0; i < records; i++) {
      const end = at + (i + 1) * packedAnswer.rotationBytes(packed, 0);
      assert.deepEqual(body.slice(end - 4, end), ip(i + 1));
    }
  });
}

test("YXDOMAIN comes with its DNAME (RFC 6672 §2.2)", () => {
  const dname = set("example", rrType.DNAME, [name("org")]);
  const packed = compose(
    answered({ rcode: rcode.YXDOMAIN, answer: [dname] }),
    question,
    false,
    bounds,
  );
  assert.equal(packedAnswer.flags(packed, 0) & 0xf, rcode.YXDOMAIN);
  assert.equal(text(unpacked(packed).answer[0]!.name), "example.");
});

test("an answer longer than any message is SERVFAIL, and not kept", () => {
  const addresses = (count: number): Answered =>
    answered({
      answer: [
        set(
          "www.example",
          1,
          Array.from({ length: count }, () => ip(1)),
        ),
      ],
    });
  const most = compose(addresses(4094), question, false, bounds);
  assert.equal(packedAnswer.answerCount(most, 0), 4094);
  const tooMany = compose(addresses(4095), question, false, bounds);
  assert.equal(packedAnswer.flags(tooMany, 0) & 0xf, rcode.SERVFAIL);
  assert.equal(packedAnswer.ttlS(tooMany, 0), 0);
});

test("answerErrorsMax errors are told, and no more", () => {
  const max = limits.answerErrorsMax.value;
  const bytesOf = (count: number): number => {
    const errors = Array.from({ length: count }, (_, code) => ({ code, text: "" }));
    return packedAnswer.optionBytes(composeStatus(rcode.SERVFAIL, errors), 0);
  };
  assert.equal(bytesOf(max), 6 * max);
  assert.equal(bytesOf(max + 1), 6 * max);
});

test("a failure is SERVFAIL for as long as it says, with its cause's errors first", () => {
  const errors = [{ code: 6, text: "" }];
  const packed = compose(
    { kind: "failed", why: "time-out", errors, ttlS: 5 },
    question,
    true,
    bounds,
  );
  assert.equal(packedAnswer.flags(packed, 0) & 0xf, rcode.SERVFAIL);
  assert.equal(packedAnswer.ttlS(packed, 0), 5);
  const optionsAt = packedAnswer.bodyAt(packed, 0);
  assert.deepEqual(packed.slice(optionsAt, optionsAt + 6), Uint8Array.of(0, 15, 0, 2, 0, 6));
});
