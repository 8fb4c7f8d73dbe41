/** Replies in JSON: what 1.1.1.1 and Google's resolver document, and what is none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonReplyLines, readJsonReply } from "./json-reply.ts";

/** In the form of 1.1.1.1's documentation. */
const REPLY = JSON.stringify({
  Status: 0,
  TC: false,
  RD: true,
  RA: true,
  AD: true,
  CD: false,
  Question: [{ name: "example.com", type: 28 }],
  Answer: [{ name: "example.com", type: 28, TTL: 1726, data: "2606:2800:220:1::1946" }],
  Comment: ["EDE(3): Stale Answer"],
});

test("a reply is shown in the manner of dig", () => {
  const reply = readJsonReply(REPLY);
  assert.ok(reply !== undefined);
  assert.deepEqual(jsonReplyLines(reply), [
    ";; status: NOERROR, flags: rd ra ad",
    "; EDE(3): Stale Answer",
    "",
    ";; ANSWER:",
    "example.com\t1726\tIN\tAAAA\t2606:2800:220:1::1946",
  ]);
});

test("what is written for a terminal does nothing to it", () => {
  const hostile = JSON.stringify({
    Status: 3,
    Comment: "\u001b[2J\u202Egone",
    Answer: [{ name: "a\r\nb", type: 16, TTL: 1, data: "\u0007" }],
  });
  const lines = jsonReplyLines(readJsonReply(hostile)!);
  assert.ok(lines.includes("; ?[2J?gone"));
  assert.ok(lines.includes("a??b\t1\tIN\tTXT\t?"));
});

describe("no reply is", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a text that is no JSON", "<html>"],
    ["a list", "[]"],
    ["an object without a status", "{}"],
    ["a status in words", '{"Status":"ok"}'],
    ["an answer that is no list", '{"Status":0,"Answer":{}}'],
    ["a record without data", '{"Status":0,"Answer":[{"name":"a","type":1,"TTL":1}]}'],
    ["a record that is none", '{"Status":0,"Authority":[null]}'],
  ];
  for (const [title, text] of cases) {
    test(title, () => assert.equal(readJsonReply(text), undefined));
  }
});
