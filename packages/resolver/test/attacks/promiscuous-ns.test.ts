/** Promiscuous NS sets and injected records: what comes beside an answer, unasked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Server, SmallWorld, line } from "../small-world.ts";
import { assertTold, asksTo, costOf, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const GOOD = "10.0.0.2";
const EVIL = "10.0.0.66";

const root = refersTo({ "good.": GOOD, "bank.": "10.0.0.3", "evil.": EVIL });
const evil: Server = (qname) => ({ aa: true, answer: [`${qname} A 203.0.113.66`] });

/** An answer to `www.good.` whose second half was forged; all others are right. */
function forged(beside: Partial<Record<"answer" | "authority" | "additional", string[]>>): Server {
  return (qname, qtype) => {
    if (qtype === rrType.NS) return { aa: true, answer: [`${qname} NS ns.good.`] };
    const answer = [`${qname} A 192.0.2.1`];
    if (qname !== "www.good.") return { aa: true, answer };
    const { answer: more = [], ...others } = beside;
    return { aa: true, answer: [...answer, ...more], ...others };
  };
}

const beside: readonly (readonly [string, Parameters<typeof forged>[0]])[] = [
  [
    "an NS set of the zone",
    { authority: ["good. NS ns.evil."], additional: [`ns.evil. A ${EVIL}`] },
  ],
  [
    "an NS set of the zone with a name inside",
    {
      authority: ["good. NS forged.good."],
      additional: [`forged.good. A ${EVIL}`, `ns.good. A ${EVIL}`],
    },
  ],
  [
    "an NS set of another zone",
    { authority: ["bank. NS ns.good."], additional: [`ns.good. A ${EVIL}`] },
  ],
  ["an NS set of the root", { authority: [". NS ns.good."], additional: [`ns.good. A ${EVIL}`] }],
  ["a DNAME of the zone", { authority: ["good. DNAME evil."] }],
  ["a DNAME beside the answer", { answer: ["mail.good. DNAME evil."] }],
  [
    "another name's address",
    { answer: ["mail.good. A 203.0.113.66"], additional: [`ns.good. A ${EVIL}`] },
  ],
];

for (const [title, records] of beside) {
  test(`${title} beside an answer leads nobody astray`, () => {
    const world = new SmallWorld({ [ROOT]: root, [GOOD]: forged(records), [EVIL]: evil });
    world.resolve("bank.");
    const cost = costOf(world, () => {
      assert.equal(line(world.resolve("www.good.")), "0 | www.good. 1 192.0.2.1");
    });
    if (title === "an NS set of the zone") assertTold("promiscuous NS", cost);
    assert.equal(line(world.resolve("mail.good.")), "0 | mail.good. 1 192.0.2.1");
    assert.equal(line(world.resolve("good.", rrType.NS)), "0 | good. 2 ns.good.");
    assert.equal(line(world.resolve("x.mail.good.")), "0 | x.mail.good. 1 192.0.2.1");
    assert.equal(asksTo(world, EVIL), 0);
  });

  test(`${title} beside an answer is not gone by when the zone's servers fall silent`, () => {
    let isSilent = false;
    const good = forged(records);
    const world = new SmallWorld({
      [ROOT]: root,
      [GOOD]: (qname, qtype, asked) => (isSilent ? undefined : good(qname, qtype, asked)),
      [EVIL]: evil,
    });
    world.resolve("www.good.");
    isSilent = true;
    assert.equal(world.resolve("new.good.").kind, "failed");
    assert.equal(asksTo(world, EVIL), 0);
  });
}
