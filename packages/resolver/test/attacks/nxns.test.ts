/** NXNSAttack: referrals that name many servers elsewhere, none of which has an address. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../src/base/limits.ts";
import { SmallWorld, line } from "../small-world.ts";
import { assertTold, asksTo, costOf, deniesAll, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const ATTACKER = "10.0.0.2";
const VICTIM = "10.0.0.3";
const ASKS_MAX = limits.asksPerClientQuestionMax.value;
const LOOKUPS_MAX = limits.addressLookupsPerTaskMax.value;

const root = refersTo({ "evil.": ATTACKER, "victim.": VICTIM });

/** Refers each name to servers that it names by `nameOf`. */
function referring(nameOf: (index: number, qname: string) => string) {
  return (qname: string) => ({
    authority: many(1000, (index) => `${qname} NS ${nameOf(index, qname)}`),
  });
}

for (const ipv6 of [false, true]) {
  test(`a referral to 1000 names costs their zone few questions, IPv6 ${ipv6}`, () => {
    const attacker = referring((index, qname) => `n${index}-${qname.split(".")[0]}.victim.`);
    const servers = { [ROOT]: root, [ATTACKER]: attacker, [VICTIM]: deniesAll("victim.") };
    const world = new SmallWorld(servers, { ipv6, fetchAhead: true });
    const cost = costOf(world, () => {
      assert.equal(line(world.resolve("a.evil.")), "no-reachable-server");
    });
    assertTold(ipv6 ? "NXNSAttack, IPv6 asked for too" : "NXNSAttack", cost);
    assert.ok(asksTo(world, VICTIM) <= LOOKUPS_MAX, `${asksTo(world, VICTIM)} questions`);
    const before = world.asked.length;
    for (const one of many(20, (index) => `b${index}.evil.`)) world.resolve(one);
    const each = (world.asked.length - before) / 20;
    assert.ok(each <= LOOKUPS_MAX + 2, `${each} questions a question`);
  });
}

test("referrals whose servers are referred away again stay within one question's share", () => {
  // The product: each name server's name is a name of the attacker's, and is referred on.
  const attacker = referring((index, qname) => `n${index}.${qname}`);
  const onward = referring((index, qname) => `n${index}-${qname.split(".")[0]}.evil.`);
  for (const server of [attacker, onward]) {
    const world = new SmallWorld({ [ROOT]: root, [ATTACKER]: server }, { fetchAhead: true });
    const cost = costOf(world, () => {
      assert.equal(world.resolve("a.evil.").kind, "failed");
    });
    assert.ok(cost.asks <= ASKS_MAX, `${cost.asks} questions`);
    if (server === attacker) assertTold("NXNSAttack, referrals to referrals", cost);
  }
});
