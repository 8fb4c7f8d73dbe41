/** Ghost and phoenix domains: a zone that its parent has withdrawn lives on in caches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { type Server, SmallWorld, line } from "../small-world.ts";
import { assertTold, costOf, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const PARENT = "10.0.0.2";
const GHOST = "10.0.0.3";
const RISEN = "10.0.0.4";
/** Every record of the small world lives for 300 s. */
const BEFORE_MS = 290_000;
/** The parent's word came after 30 ms, for a second less than its own cut; a reply takes ten. */
const LAST_MOMENT_MS = 299_025;
const AFTER_MS = 310_000;
const LATER_MS = 580_000;

/** A world whose parent withdraws `ghost.tld.` after its first referral. */
function haunted(ghost: Server): SmallWorld {
  let isWithdrawn = false;
  const parent: Server = (qname) => {
    if (isWithdrawn || !qname.endsWith("ghost.tld.")) {
      return { rcode: rcode.NXDOMAIN, aa: true, authority: ["tld. SOA 60"] };
    }
    isWithdrawn = true;
    return { authority: ["ghost.tld. NS ns.ghost.tld."], additional: [`ns.ghost.tld. A ${GHOST}`] };
  };
  const root = refersTo({ "tld.": PARENT });
  return new SmallWorld({ [ROOT]: root, [PARENT]: parent, [GHOST]: ghost, [RISEN]: answers });
}

/** The ghost answers all, with its own NS set and address beside each answer. */
const answers: Server = (qname, qtype) => ({
  aa: true,
  answer: [qtype === rrType.NS ? `${qname} NS ns.ghost.tld.` : `${qname} A 203.0.113.1`],
  authority: ["ghost.tld. NS ns.ghost.tld."],
  additional: [`ns.ghost.tld. A ${GHOST}`],
});

test("a ghost that renews its own NS set is gone when its parent's word has run out", () => {
  const world = haunted(answers);
  assert.equal(line(world.resolve("a.ghost.tld.")), "0 | a.ghost.tld. 1 203.0.113.1");
  world.run(BEFORE_MS);
  assert.equal(world.resolve("ghost.tld.", rrType.NS).kind, "answered");
  assert.equal(line(world.resolve("b.ghost.tld.")), "0 | b.ghost.tld. 1 203.0.113.1");
  world.run(AFTER_MS);
  const cost = costOf(world, () => {
    assert.equal(line(world.resolve("c.ghost.tld.")), "3");
  });
  assertTold("ghost domain, when its parent's TTL is over", cost);
});

/** The phoenix refers to a zone below itself. */
const phoenix: Server = (qname, qtype, asked) =>
  qname.endsWith("rise.ghost.tld.")
    ? {
        authority: ["rise.ghost.tld. NS ns.rise.ghost.tld."],
        additional: [`ns.rise.ghost.tld. A ${RISEN}`],
      }
    : answers(qname, qtype, asked);

test("a zone below a withdrawn one does not outlive it", () => {
  const world = haunted(phoenix);
  assert.equal(line(world.resolve("a.ghost.tld.")), "0 | a.ghost.tld. 1 203.0.113.1");
  world.run(BEFORE_MS);
  assert.equal(line(world.resolve("x.rise.ghost.tld.")), "0 | x.rise.ghost.tld. 1 203.0.113.1");
  world.run(AFTER_MS);
  const cost = costOf(world, () => {
    assert.equal(line(world.resolve("y.rise.ghost.tld.")), "3");
  });
  assertTold("phoenix domain, likewise", cost);
  world.run(LATER_MS);
  assert.equal(line(world.resolve("z.rise.ghost.tld.")), "3");
});

test("a referral that comes when the referring zone's own time has run out is not kept", () => {
  const world = haunted(phoenix);
  assert.equal(line(world.resolve("a.ghost.tld.")), "0 | a.ghost.tld. 1 203.0.113.1");
  world.run(LAST_MOMENT_MS);
  assert.equal(line(world.resolve("x.rise.ghost.tld.")), "0 | x.rise.ghost.tld. 1 203.0.113.1");
  world.run(LAST_MOMENT_MS + 1000);
  assert.equal(line(world.resolve("y.rise.ghost.tld.")), "3");
});
