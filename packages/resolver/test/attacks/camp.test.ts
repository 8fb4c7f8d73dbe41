/** CAMP: aliases times delegations times name servers, so that the products are what is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../src/base/limits.ts";
import { type Server, SmallWorld } from "../small-world.ts";
import { assertTold, asksTo, costOf, deniesAll, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const ATTACKER = "10.0.0.2";
const VICTIM = "10.0.0.3";
const ASKS_MAX = limits.asksPerClientQuestionMax.value;

const root = refersTo({ "evil.": ATTACKER, "victim.": VICTIM });

/** `cN.evil.` is an alias of the next; `zN.….evil.` is delegated away to names of the victim. */
const attacker: Server = (qname) => {
  const [, number] = /^c(\d+)(?:\.[a-z0-9.]*)?\.evil\.$/.exec(qname) ?? [];
  if (number !== undefined) {
    const next = Number(number) + 1;
    return { aa: true, answer: [`${qname} CNAME a.b.c.d.e.f.g.z${next}.evil.`] };
  }
  const [, zone, inner] = /((z\d+)\.evil\.)$/.exec(qname) ?? [];
  if (zone === undefined) return { aa: true, authority: ["evil. SOA 60"] };
  return { authority: many(20, (index) => `${zone} NS c${index}.${inner}.evil.`) };
};

test("a chain of aliases over delegations over aliases stays within one question's share", () => {
  for (const fetchAhead of [false, true]) {
    const servers = { [ROOT]: root, [ATTACKER]: attacker, [VICTIM]: deniesAll("victim.") };
    const world = new SmallWorld(servers, { fetchAhead });
    const cost = costOf(world, () => {
      assert.equal(world.resolve("c0.evil.").kind, "failed");
    });
    assert.ok(cost.asks <= ASKS_MAX, `${cost.asks} questions`);
    if (!fetchAhead) assertTold("CAMP", cost);
  }
});

test("a chain of aliases alone ends at its bound", () => {
  const chain: Server = (qname) => {
    const number = Number(/^c(\d+)/.exec(qname)?.[1] ?? 0);
    return { aa: true, answer: [`${qname} CNAME c${number + 1}.evil.`] };
  };
  const world = new SmallWorld({ [ROOT]: root, [ATTACKER]: chain });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("c0.evil.").kind, "failed");
  });
  assertTold("a chain of aliases alone", cost);
  const most = limits.aliasesPerQuestionMax.value + 3; // root's NS, the referral, and one beyond
  assert.ok(asksTo(world, ATTACKER) <= most, `${asksTo(world, ATTACKER)} questions`);
});

test("what a question spends is not given back by a second asker's", () => {
  const servers = { [ROOT]: root, [ATTACKER]: attacker, [VICTIM]: deniesAll("victim.") };
  const world = new SmallWorld(servers);
  const questions = many(10, (index) => `c${100 + index}.evil.`);
  for (const one of questions) world.resolve(one);
  assert.ok(world.asked.length <= ASKS_MAX * questions.length);
});
