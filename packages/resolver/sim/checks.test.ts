/** The invariants: each must be able to fail. */
import { rcode } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Name } from "@lethe/wire/name.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../src/base/limits.ts";
import { wrongAfterwards, wrongInConversation } from "./checks.ts";
import { nameOf } from "./hostile-tree.ts";
import type { RightAnswer } from "./reference.ts";

const query = written(flag.rd, nameOf("WWW.a."));

function answer(code: number, ...ips: number[]): Uint8Array {
  return written(flag.qr | flag.rd | flag.ra | code, nameOf("WWW.a."), ...ips);
}

function written(flags: number, asked: Name, ...ips: number[]): Uint8Array {
  const bytes = new Uint8Array(512);
  const writer = new MessageWriter(bytes);
  const name = nameOf("www.a.");
  writer.question({ name: asked, type: 1, class: 1 });
  for (const ip of ips) writer.record("answer", name, 1, 1, 300, Uint8Array.of(192, 0, 2, ip));
  return bytes.slice(0, writer.finish(1, flags));
}

const right: RightAnswer = {
  rcode: "NOERROR",
  answer: ["www.a. A 192.0.2.1", "www.a. A 192.0.2.2"],
  enough: 2,
  deniedBy: undefined,
  must: true,
  truth: "secure or insecure",
  ttlMaxS: 300,
};
const denial = { ...right, answer: [], enough: 0, deniedBy: "a." };
const maybe = { ...right, must: false };
const good = answer(rcode.NOERROR, 2, 1);
const failed = answer(rcode.SERVFAIL);
const late = limits.clientWaitMs.value + 1;

const asking = {
  name: "www.a.",
  type: "A",
  query,
  askedMs: 0,
  checksItself: false,
  understandsAd: true,
};
const proven = answer(flag.ad | rcode.NOERROR, 2, 1);

type Answers = readonly (readonly [atMs: number, message: Uint8Array | undefined])[];

const cases: [string, Answers, RightAnswer, RegExp | undefined][] = [
  ["a right answer", [[5, good]], right, undefined],
  ["no answer", [], right, /never/],
  [
    "two answers",
    [
      [5, good],
      [6, good],
    ],
    right,
    /2 times/,
  ],
  ["a late answer", [[late, good]], right, /after/],
  ["a dropped question", [[5, undefined]], right, /dropped/],
  ["bytes that are no message", [[5, Uint8Array.of(1)]], right, /malformed/],
  ["a record too few", [[5, answer(0, 1)]], right, /-www\.a\. A 192\.0\.2\.2/],
  ["a record too many", [[5, answer(0, 1, 2, 3)]], right, /\+www\.a\. A 192\.0\.2\.3/],
  ["another letter case", [[5, written(0x8180, nameOf("www.a."), 1, 2)]], right, /question/],
  ["RA that is missing", [[5, written(0x8100, nameOf("WWW.a."), 1, 2)]], right, /question/],
  ["a denial without SOA", [[5, answer(0)]], denial, /by nobody, right is a\./],
  ["AD on what is secure", [[5, proven]], { ...right, truth: "secure" }, undefined],
  ["AD on what is insecure", [[5, proven]], { ...right, truth: "insecure" }, /got AD/],
  ["no AD on what is secure", [[5, good]], { ...right, truth: "secure" }, /no AD/],
  ["an answer that is bogus", [[5, good]], { ...right, truth: "bogus" }, /cannot be proven/],
  ["a failure for what is bogus", [[5, failed]], { ...right, truth: "bogus" }, undefined],
  ["a TTL that has grown", [[5, good]], { ...right, ttlMaxS: 299 }, /a TTL of 300 s/],
  ["another RCODE", [[5, answer(rcode.NXDOMAIN)]], maybe, /got NXDOMAIN/],
  ["a failure where a sure way leads to the answer", [[5, failed]], right, /SERVFAIL/],
  ["a failure where none does", [[5, failed]], maybe, undefined],
  [
    "a part of a set of which a part is enough",
    [[5, answer(0, 1)]],
    { ...right, enough: 1 },
    undefined,
  ],
];

for (const [title, answers, wanted, wrong] of cases) {
  test(`${title} is ${wrong === undefined ? "fine" : "found"}`, () => {
    const told = answers.map(([atMs, message]) => ({ atMs, message }));
    const found = wrongInConversation({ ...asking, answers: told }, wanted);
    if (wrong === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", wrong);
  });
}

test("what is left over afterwards is found", () => {
  const clean = { tasksRunning: 0, eventsWaiting: 0, asks: 10 };
  assert.equal(wrongAfterwards(clean, 1), undefined);
  assert.match(wrongAfterwards({ ...clean, tasksRunning: 1 }, 1) ?? "", /tasks/);
  assert.match(wrongAfterwards({ ...clean, eventsWaiting: 1 }, 1) ?? "", /events/);
  const asks = limits.asksPerClientQuestionMax.value + 1;
  assert.match(wrongAfterwards({ ...clean, asks }, 1) ?? "", /upstream/);
});
