/** NRDelegationAttack: a large delegation to servers that do not respond to the zone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { limits } from "../../src/base/limits.ts";
import { type Server, SmallWorld } from "../small-world.ts";
import { assertTold, asksTo, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const ATTACKER = "10.0.0.2";
const NAMES = "10.0.0.3";
const NOBODY = "10.9.9.9";

const root = refersTo({ "evil.": ATTACKER, "names.": NAMES });
const attacker: Server = (qname) => ({
  authority: many(1000, (index) => `${qname} NS n${index}.names.`),
});
const names: Server = (qname, qtype) =>
  qtype === 1
    ? { aa: true, answer: [`${qname} A ${NOBODY}`] }
    : { aa: true, authority: ["names. SOA 60"] };

test("names of a large delegation are kept and looked up within their bounds", () => {
  const silent = new SmallWorld({ [ROOT]: root, [ATTACKER]: attacker, [NAMES]: names });
  const cost = costOf(silent, () => {
    assert.equal(silent.resolve("a.evil.").kind, "failed");
  });
  assertTold("NRDelegationAttack", cost);
  const lookups = limits.addressLookupsPerTaskMax.value;
  assert.ok(asksTo(silent, NAMES) <= lookups, `${asksTo(silent, NAMES)} lookups`);
  assert.ok(asksTo(silent, NOBODY) <= limits.asksPerExchangeMax.value);
  assert.ok(silent.asked.length <= 20, `${silent.asked.length} questions`);
});

test("servers that refuse the zone end the question as fast", () => {
  const refuses: Server = () => ({ rcode: rcode.REFUSED });
  const servers = { [ROOT]: root, [ATTACKER]: attacker, [NAMES]: names, [NOBODY]: refuses };
  const world = new SmallWorld(servers);
  const cost = costOf(world, () => {
    assert.equal(world.resolve("a.evil.").kind, "failed");
  });
  assertTold("NRDelegationAttack, servers that refuse", cost);
  assert.ok(world.asked.length <= 20, `${world.asked.length} questions`);
  // The failure is remembered (RFC 9520): asking again costs nobody anything.
  const before = world.asked.length;
  assert.equal(world.resolve("a.evil.").kind, "failed");
  assert.equal(world.asked.length, before);
});
