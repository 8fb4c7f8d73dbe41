/** What has expired and what has been proven, in the sandbox: each verdict lives on, or ends. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import { readMessage } from "@lethe/wire/message.ts";
import type { Question } from "@lethe/wire/question.ts";
import { type Meddler, SandboxWorld } from "../../sim/sandbox-world.ts";
import { name } from "../../test/small-world.ts";
import type { Outcome } from "./outcome.ts";

const DAY_S = 86_400;
const terms = { limitS: 3 * DAY_S, ttlS: 30, recheckS: 30 };

function ask(text: string, type: number = rrType.A): Question {
  return { name: name(text), type, class: 1 };
}

/** A world in which questions were asked once, so many seconds ago. */
function after(s: number, questions: readonly Question[], checkingDisabled = false): SandboxWorld {
  const world = new SandboxWorld();
  for (const question of questions) world.resolve(question, checkingDisabled);
  world.time.runUntil(world.nowMs() + s * 1000);
  return world;
}

function told(world: SandboxWorld, question: Question, checkingDisabled = false): unknown {
  const old = world.mesh.recallStale(question, terms, checkingDisabled);
  return old && [old.verdict, old.errors.map(({ code }) => code), old.ttlS];
}

const stale: [string, Question, string, number][] = [
  ["data that was proven", ask("www.good.lethe"), "secure", extendedError.staleAnswer],
  ["a name that was not there", ask("no.good.lethe"), "secure", extendedError.staleNxdomainAnswer],
  ["a type that was not there", ask("www.good.lethe", rrType.MX), "secure", 3],
  ["a wildcard", ask("any.wild.good.lethe", rrType.TXT), "secure", 3],
  ["data of an unsigned zone", ask("www.plain.lethe"), "insecure", 3],
];
for (const [title, question, verdict, error] of stale) {
  test(`${title} keeps its verdict past its time`, () => {
    const world = after(DAY_S, [question]);
    assert.deepEqual(told(world, question), [verdict, [error], 30]);
  });
}

test("the proof of a stale wildcard goes with it", () => {
  const question = ask("any.wild.good.lethe", rrType.TXT);
  const old = after(DAY_S, [question]).mesh.recallStale(question, terms);
  assert.ok(old?.authority.some(({ type }) => type === rrType.NSEC || type === rrType.NSEC3));
});

test("what was told to those with CD only is stale for these only, and never secure", () => {
  const question = ask("www.good.lethe");
  const world = after(DAY_S, [question], true);
  assert.equal(told(world, question), undefined);
  assert.deepEqual(told(world, question, true), ["indeterminate", [3], 30]);
  const proven = after(DAY_S, [question]);
  assert.deepEqual(told(proven, question, true), ["indeterminate", [3], 30]);
});

test("what was proven is not told when its signatures have ended", () => {
  const question = ask("www.good.lethe");
  const world = after(0, [question]);
  const [signature] = world.mesh.recallStale(question, terms)!.answer[0]!.signatures;
  const endsS = Buffer.from(signature!).readUInt32BE(8);
  const longer = { ...terms, limitS: 1000 * DAY_S };
  const passTo = (s: number): void => {
    world.time.runUntil(world.nowMs() + (s - world.wallS()) * 1000);
  };
  passTo(endsS);
  assert.equal(world.mesh.recallStale(question, longer)?.verdict, "secure");
  passTo(endsS + 1);
  assert.equal(world.mesh.recallStale(question, longer), undefined);
});

test("where no anchor stands above a name there was nothing to judge", () => {
  const question = ask("www.good.lethe");
  const world = new SandboxWorld({ validation: { anchors: [] } });
  world.resolve(question);
  world.time.runUntil(world.nowMs() + DAY_S * 1000);
  assert.deepEqual(told(world, question), ["indeterminate", [3], 30]);
});

/** Turns a bit in the signatures of every reply. */
const spoil: Meddler = (reply) => {
  const message = readMessage(reply);
  assert.ok(message.kind === "message");
  const spoiled = Buffer.from(reply);
  for (const { type, rdata } of [...message.answer, ...message.authority]) {
    if (type === rrType.RRSIG) spoiled[spoiled.indexOf(rdata.subarray(-16)) + 15]! ^= 1;
  }
  return new Uint8Array(spoiled);
};

test("what is bogus now does not touch what was proven before", () => {
  const question = ask("www.good.lethe");
  const world = after(DAY_S, [question]);
  world.meddler = spoil;
  const outcome = world.resolve(question);
  assert.equal(outcome.kind === "failed" && outcome.why, "bogus");
  assert.deepEqual(told(world, question), ["secure", [3], 30]);
});

test("a renewal is judged, and one that is bogus leaves what is good to its end", () => {
  const question = ask("www.good.lethe");
  const world = after(0, [question]);
  world.meddler = spoil;
  const outcomes: Outcome[] = [];
  world.mesh.request(question, (outcome) => outcomes.push(outcome), false, DAY_S);
  while (outcomes.length === 0 && world.time.step());
  const [renewed] = outcomes;
  assert.equal(renewed?.kind === "failed" && renewed.why, "bogus");
  const known = world.resolve(question);
  assert.equal(known.kind === "answered" && known.verdict, "secure");
});

describe("what a negative trust anchor let through is not told any more when it has ended", () => {
  const question = ask("www.bogus.lethe");
  const alias = ask("alias.good.lethe");
  const negative = (zone: string, untilS: number): SandboxWorld => {
    const anchor = { zone: name(zone), untilS, reason: "a test" };
    return new SandboxWorld({ validation: { negative: [anchor] } });
  };
  const nowS = new SandboxWorld().wallS();

  test("by its date", () => {
    const world = negative("bogus.lethe", nowS + 2 * DAY_S);
    world.resolve(question);
    world.time.runUntil(DAY_S * 1000);
    assert.deepEqual(told(world, question), ["insecure", [3], 30]);
    world.time.runUntil(2 * DAY_S * 1000);
    assert.equal(told(world, question), undefined);
    assert.deepEqual(told(world, question, true), ["insecure", [3], 30]);
  });
  test("because its zone validates again", () => {
    const world = negative("good.lethe", nowS + 9 * DAY_S);
    for (const one of [alias, ask("www.plain.lethe")]) world.resolve(one);
    world.time.runUntil(DAY_S * 1000);
    assert.deepEqual(told(world, alias), ["insecure", [3], 30]);
    world.mesh.beliefs?.dropNegative(name("good.lethe"));
    assert.equal(told(world, alias), undefined);
    assert.deepEqual(told(world, ask("www.plain.lethe")), ["insecure", [3], 30]);
  });
});
