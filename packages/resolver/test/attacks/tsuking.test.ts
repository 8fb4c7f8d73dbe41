/** TsuKing: resolvers chained into one another, so that each question makes the next ask more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import { limits } from "../../src/base/limits.ts";
import { SmallResolver } from "../small-resolver.ts";
import { type Server, SmallWorld, name } from "../small-world.ts";
import { assertTold, asksTo, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const CHAINED = "10.0.0.2";
const ASKS_MAX = limits.asksPerClientQuestionMax.value;

test("another resolver that poses as an authority is never asked to recurse", () => {
  const desired: boolean[] = [];
  const chained: Server = (_, __, { message }) => {
    desired.push((message.header.flags & flag.rd) !== 0);
    return { rcode: rcode.REFUSED };
  };
  const world = new SmallWorld({ [ROOT]: refersTo({ "evil.": CHAINED }), [CHAINED]: chained });
  assert.equal(world.resolve("a.evil.").kind, "failed");
  assert.ok(desired.length > 0 && desired.every((one) => !one));
});

test("a question without RD is refused, and makes us ask nobody", () => {
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": CHAINED }) });
  assert.equal(fullRcode(small.answer({ name: "a.evil.", rd: false })), rcode.REFUSED);
  assert.equal(small.world.asked.length, 0);
});

test("silence is not answered by a storm: few questions, and none while it is remembered", () => {
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": CHAINED }) });
  const cost = costOf(small.world, () => {
    assert.equal(fullRcode(small.answer({ name: "a.evil." })), rcode.SERVFAIL);
  });
  assertTold("TsuKing, a silent server", cost);
  const first = asksTo(small.world, CHAINED);
  assert.ok(first <= 8, `${first} questions`);
  for (const id of [1, 2, 3, 4, 5]) {
    assert.equal(fullRcode(small.answer({ name: "a.evil.", id })), rcode.SERVFAIL);
  }
  assert.equal(asksTo(small.world, CHAINED), first);
});

test("a forwarder that sends our question back to us joins what we are asking already", () => {
  const zone = { zone: name("loop."), servers: [], recursive: true };
  const server = { ip: Uint8Array.of(10, 0, 0, 2), port: 53 };
  const looped = new SmallWorld(
    { [CHAINED]: (qname) => void looped.mesh.request(questionOf(qname), () => {}) },
    { configuredZones: [{ ...zone, servers: [server] }] },
  );
  const cost = costOf(looped, () => {
    assert.equal(looped.resolve("a.loop.").kind, "failed");
  });
  assertTold("TsuKing, a forwarder that sends it back", cost);
  assert.ok(looped.asked.length <= 8, `${looped.asked.length} questions`);
});

function questionOf(qname: string) {
  return { name: name(qname), type: 1, class: 1 };
}

test("a chain of zones that each lead to the next costs what one question may", () => {
  const chained: Server = (qname) => ({ aa: true, answer: [`${qname} CNAME x.${qname}`] });
  const world = new SmallWorld({ [ROOT]: refersTo({ "evil.": CHAINED }), [CHAINED]: chained });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("c9.evil.").kind, "failed");
  });
  assertTold("TsuKing, aliases one label deeper each time", cost);
  for (const one of many(4, (index) => `c${index}.evil.`)) {
    assert.equal(world.resolve(one).kind, "failed");
  }
  assert.ok(world.asked.length <= 5 * ASKS_MAX, `${world.asked.length} questions`);
});
