/** The bad network: what it loses, forges and delays, and what the resolver hears of it. */
import { rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AskResult } from "../src/recursor/effect.ts";
import { writeQuery } from "../src/recursor/query.ts";
import { authorityZone, HostileHost } from "./hostile-host.ts";
import { type TreeZone, nameOf } from "./hostile-tree.ts";
import { type Link, SimWorld } from "./net.ts";
import { Dice } from "./seeded.ts";

const zone: TreeZone = {
  apex: "a.",
  parent: undefined,
  servers: [],
  records: new Map([
    ["a.", new Map([["SOA", ["ns.a. host.a. 1 2 3 4 5"]]])],
    ["averylongname.a.", new Map([["A", ["192.0.2.1"]]])],
  ]),
  children: [],
  ttlS: 300,
};

const good: Link = { rttMs: 40, jitterMs: 0, lossShare: 0, duplicateShare: 0, spoofShare: 0 };

function ask(link: Partial<Link>, transport: "udp" | "tcp" = "udp", seed = 1): [AskResult, number] {
  const dice = new Dice(seed);
  const manners = { works: true, poisons: false, behaviours: [] };
  const served = () => authorityZone(zone, undefined);
  const host = new HostileHost(manners, { ...good, ...link }, served, [], dice);
  const world = new SimWorld(dice, new Map([["10.0.0.1", host]]));
  const question = { name: nameOf("averylongname.a."), type: rrType.A, class: 1 };
  const form = { edns: true, randomCase: true, recursionDesired: false };
  const server = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  const results: AskResult[] = [];
  const query = writeQuery(question, form, world.random);
  world.ask({ kind: "ask", server, transport, query, timeoutMs: 1000 }, (result) =>
    results.push(result),
  );
  while (world.time.step());
  assert.equal(results.length, 1, "every question ends once");
  return [results[0]!, world.counters.ignored];
}

test("a reply takes a round trip over UDP and two over TCP", () => {
  const [udp] = ask({});
  assert.deepEqual([udp.kind, "rttMs" in udp && udp.rttMs], ["reply", 40]);
  const [tcp] = ask({}, "tcp");
  assert.deepEqual([tcp.kind, "rttMs" in tcp && tcp.rttMs], ["reply", 80]);
});

test("what is lost ends in a time-out", () => {
  assert.equal(ask({ lossShare: 1 })[0].kind, "timeout");
});

test("a duplicate is heard once", () => {
  assert.equal(ask({ duplicateShare: 1 })[0].kind, "reply");
});

test("spoofed replies are ignored and counted, or at most noticed by their letter case", () => {
  let ignored = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const [result, count] = ask({ spoofShare: 1 }, "udp", seed);
    ignored += count;
    assert.ok(result.kind === "reply" || result.kind === "case-mismatch");
    if (result.kind === "reply") {
      const poison = Buffer.from(result.message).includes(Buffer.from([203, 0, 113, 66]));
      assert.equal(poison, false);
    }
  }
  assert.ok(ignored > 50);
});
