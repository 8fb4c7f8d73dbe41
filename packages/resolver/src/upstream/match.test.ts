/** Replies that belong to a query, and those that do not (RFC 5452 §9.1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, property, uint8Array } from "fast-check";
import { isSameQuery, isSameServer, judgeReply, questionEnd } from "./match.ts";

/** Id 0x1234, one question: wWw.a, type A, class IN, then an OPT record. */
const QUERY = Uint8Array.fromHex(
  "123400000001000000000001037757770161000001000100002904d0000000000000",
);
const END = 12 + 7 + 4;

function altered(change: (reply: Uint8Array) => void): Uint8Array {
  const reply = Uint8Array.from(QUERY);
  reply[2] = 0x80;
  change(reply);
  return reply;
}

function withByte(at: number, byte: number): Uint8Array {
  return altered((reply) => reply.fill(byte, at, at + 1));
}

const CASES = [
  ["the same with QR set", altered(() => {}), "match"],
  ["nothing at all", new Uint8Array(0), "short"],
  ["a header without its last byte", altered(() => {}).subarray(0, 11), "short"],
  ["the question itself", QUERY, "not-a-reply"],
  ["another id, first byte", withByte(0, 0x13), "wrong-id"],
  ["another id, last byte", withByte(1, 0x35), "wrong-id"],
  ["another name", withByte(14, 0x58), "wrong-question"],
  ["another label length", withByte(12, 2), "wrong-question"],
  ["another type", withByte(20, 28), "wrong-question"],
  ["another class", withByte(22, 3), "wrong-question"],
  ["a type that differs as letters do", withByte(20, 0x21), "wrong-question"],
  ["a capital made small", withByte(14, 0x77), "wrong-case"],
  ["cut within the question", altered(() => {}).subarray(0, END - 1), "wrong-question"],
  ["cut behind the question", altered(() => {}).subarray(0, END), "match"],
  ["two questions", withByte(5, 2), "wrong-question"],
  ["no question, NOERROR", withByte(5, 0), "wrong-question"],
  ["no question, FORMERR", altered((r) => r.set([0x80, 1, 0, 0], 2)).subarray(0, 12), "match"],
  [
    "no question, FORMERR, an answer",
    altered((r) => r.set([0x80, 1, 0, 0, 0, 1], 2)),
    "wrong-question",
  ],
  [
    "no question, NXDOMAIN",
    altered((r) => r.set([0x80, 3, 0, 0], 2)).subarray(0, 12),
    "wrong-question",
  ],
] as const;

for (const [title, reply, expected] of CASES) {
  test(`a reply: ${title}: ${expected}`, () => {
    assert.equal(questionEnd(QUERY), END);
    assert.equal(judgeReply(QUERY, END, reply, reply.length), expected);
  });
}

test("bytes behind the size of a datagram do not count", () => {
  assert.equal(
    judgeReply(
      QUERY,
      END,
      altered(() => {}),
      END - 1,
    ),
    "wrong-question",
  );
});

test("random bytes are never judged a match, and never throw", () => {
  assertProperty(
    property(uint8Array({ maxLength: 100 }), (bytes) => {
      const verdict = judgeReply(QUERY, END, bytes, bytes.length);
      assert.ok(verdict !== "match" || (bytes[0] === 0x12 && bytes[1] === 0x34));
    }),
  );
});

test("queries are the same where id and letter case alone differ", () => {
  const otherId = Uint8Array.from(QUERY);
  otherId[0] = 9;
  const otherCase = Uint8Array.from(QUERY);
  otherCase[13] = 0x57;
  const otherFlags = Uint8Array.from(QUERY);
  otherFlags[3] = 0x10;
  const otherType = Uint8Array.from(QUERY);
  otherType[20] = 0x21;
  assert.ok(isSameQuery(QUERY, otherId));
  assert.ok(isSameQuery(QUERY, otherCase));
  assert.ok(!isSameQuery(QUERY, otherFlags));
  assert.ok(!isSameQuery(QUERY, otherType));
  assert.ok(!isSameQuery(QUERY, QUERY.subarray(0, END)));
});

test("servers are the same by address and port", () => {
  const ip = Uint8Array.of(192, 0, 2, 1);
  assert.ok(isSameServer({ ip, port: 53 }, { ip: Uint8Array.from(ip), port: 53 }));
  assert.ok(!isSameServer({ ip, port: 53 }, { ip, port: 54 }));
  assert.ok(!isSameServer({ ip, port: 53 }, { ip: new Uint8Array(16), port: 53 }));
});
