/** The bytes of an upstream question. */
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { nameEqual } from "@lethe/wire/name.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { type QueryForm, writeQuery } from "./query.ts";

const question = { name: name("www.a-long-enough-name.example"), type: rrType.MX, class: 1 };
const full: QueryForm = { edns: true, randomCase: true, recursionDesired: false };
const random = seeded(11);

function asked(form: QueryForm) {
  const message = readMessage(writeQuery(question, form, random));
  assert.ok(message.kind === "message");
  return message;
}

test("an authority is asked without RD, with DO, for upstreamUdpBytesMax bytes", () => {
  const message = asked(full);
  assert.equal(message.header.flags & flag.rd, 0);
  assert.equal(message.opt?.dnssecOk, true);
  assert.equal(message.opt?.udpSize, limits.upstreamUdpBytesMax.value);
  assert.equal(message.questions[0]!.type, rrType.MX);
  assert.equal(message.trailingBytes, 0);
});

test("without EDNS there is no OPT record; a resolver is asked with RD", () => {
  const message = asked({ edns: false, randomCase: false, recursionDesired: true });
  assert.equal(message.opt, undefined);
  assert.notEqual(message.header.flags & flag.rd, 0);
  assert.deepEqual(message.questions[0]!.name, question.name);
});

test("ids and letter case change from question to question (RFC 5452 §9.2)", () => {
  const ids = new Set<number>();
  const spellings = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const message = asked(full);
    ids.add(message.header.id);
    spellings.add(message.questions[0]!.name.toHex());
    assert.ok(nameEqual(message.questions[0]!.name, question.name));
  }
  assert.ok(ids.size > 45 && spellings.size > 45);
});
