/** Glue that leads back: to this machine, to nobody, or from one zone to another in a circle. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld } from "../small-world.ts";
import { assertTold, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const EVIL = "10.0.0.2";
const root = refersTo({ "evil.": EVIL, "mirror.": "10.0.0.3" });

const unfit = ["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.5.5.5", "224.0.0.251", "255.255.255.255"];
const unfit6 = ["::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "ff02::fb"];

test("glue at addresses that serve nobody is not asked", () => {
  const evil: Server = (qname) => ({
    authority: [...unfit, ...unfit6].map((_, index) => `${qname} NS n${index}.${qname}`),
    additional: [...unfit, ...unfit6].map(
      (ip, index) => `n${index}.${qname} ${ip.includes(":") ? "AAAA" : "A"} ${ip}`,
    ),
  });
  const world = new SmallWorld({ [ROOT]: root, [EVIL]: evil }, { ipv6: true });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("a.evil.").kind, "failed");
  });
  assertTold("unfit glue: 0.0.0.0, loopback, multicast", cost);
  const servers = new Set(world.asked.map((asked) => asked.split(" ")[0]));
  assert.deepEqual(servers, new Set([ROOT, EVIL]));
  assert.ok(world.asked.length <= 12, `${world.asked.length} questions`);
});

test("two zones whose servers are each in the other end soon", () => {
  const evil: Server = (qname) => ({
    authority: [`${qname} NS n.a.mirror.`, `${qname} NS m.b.mirror.`],
  });
  const mirror: Server = (qname) => ({
    authority: [`${qname} NS n.a.evil.`, `${qname} NS m.b.evil.`],
  });
  const world = new SmallWorld({ [ROOT]: root, [EVIL]: evil, "10.0.0.3": mirror });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("x.a.evil.").kind, "failed");
  });
  assertTold("two zones whose servers are each in the other", cost);
  assert.ok(world.asked.length <= 20, `${world.asked.length} questions`);
});

test("a ring of zones, each of which needs the next", () => {
  const evil: Server = (qname) => {
    const number = Number(/z(\d+)\.evil\.$/.exec(qname)?.[1] ?? 0);
    const zone = `z${number}.evil.`;
    return { authority: many(13, (index) => `${zone} NS n${index}.z${(number + 1) % 20}.evil.`) };
  };
  const world = new SmallWorld({ [ROOT]: root, [EVIL]: evil });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("x.z0.evil.").kind, "failed");
  });
  assertTold("a ring of twenty such zones", cost);
  assert.ok(world.asked.length <= 60, `${world.asked.length} questions`);
});

test("glue that points back at the parent's own server ends", () => {
  const evil: Server = (qname) => ({
    authority: [`${qname} NS ns.${qname}`],
    additional: [`ns.${qname} A ${EVIL}`],
  });
  const world = new SmallWorld({ [ROOT]: root, [EVIL]: evil });
  const cost = costOf(world, () => {
    assert.equal(world.resolve("a.b.c.d.e.evil.").kind, "failed");
  });
  assertTold("glue that points back at the parent's server", cost);
  assert.ok(world.asked.length <= 16, `${world.asked.length} questions`);
});
