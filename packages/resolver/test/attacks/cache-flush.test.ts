/** CacheFlush: sets so large that a few of them would push everything else out of the cache. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld, line } from "../small-world.ts";
import { type Cost, assertTold, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const ATTACKER = "10.0.0.2";
const GOOD = "10.0.0.3";

const root = refersTo({ "evil.": ATTACKER, "good.": GOOD });
const good: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });

/**
 * Fills a cache of a megabyte with 200 answers of an attacker, and sees that another's answer is
 * still there; gives the cost of the first of the attacker's.
 */
function flush(attacker: Server): Cost {
  const world = new SmallWorld({ [ROOT]: root, [ATTACKER]: attacker, [GOOD]: good });
  assert.equal(line(world.resolve("www.good.")), "0 | www.good. 1 192.0.2.1");
  const cost = costOf(world, () => world.resolve("first.evil."));
  for (const one of many(200, (index) => `x${index}.evil.`)) world.resolve(one);
  const before = world.asked.length;
  assert.equal(line(world.resolve("www.good.")), "0 | www.good. 1 192.0.2.1");
  assert.equal(world.asked.length, before);
  return cost;
}

test("referrals with 1000 names of servers leave the rest of the cache alone", () => {
  const long = "long".repeat(12);
  const attacker: Server = (qname) => ({
    authority: many(1000, (index) => `${qname} NS n${index}.${long}.example.`),
  });
  assertTold("CacheFlush, referrals", flush(attacker));
});

test("answers with 3000 records leave it alone too: they are not kept", () => {
  const attacker: Server = (qname) => ({
    aa: true,
    answer: many(3000, (index) => `${qname} A 192.0.${index >> 8}.${index & 255}`),
  });
  assertTold("CacheFlush, answers", flush(attacker));
});
