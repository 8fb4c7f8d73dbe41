/** Whom to ask next: by speed, with exploration, and who comes last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SmallWorld, name, trailIn } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Delegation } from "./delegation.ts";
import { Tried, mayAsk, pickServer } from "./pick-server.ts";

const PICKS = 2000;

function delegation(...lasts: number[]): Delegation {
  const ips = lasts.map((last) => Uint8Array.of(10, 0, 0, last));
  const target = { name: name("ns.com"), ips, spareIps: [], lookedUp: [] };
  return {
    zone: name("com"),
    targets: [target],
    configured: undefined,
    learntMs: 0,
    whole: false,
    childAdded: false,
  };
}

/** How many of two thousand first picks fell on each server, by round-trip time; 0 is unknown. */
function picks(rttsMs: readonly number[]): number[] {
  const world = new SmallWorld({});
  const trail = trailIn(world);
  const from = delegation(...rttsMs.keys());
  for (const [i, rttMs] of rttsMs.entries()) {
    const server = { ip: Uint8Array.of(10, 0, 0, i), port: 53 };
    if (rttMs > 0) world.memory.servers.noteReply(server, rttMs, 0);
  }
  const counts = rttsMs.map(() => 0);
  for (let i = 0; i < PICKS; i++) {
    counts[pickServer(from, new Tried(), false, trail)!.ip[3]!]!++;
  }
  return counts;
}

test("servers within rttBandMs of the fastest share the questions, others do not", () => {
  const band = limits.rttBandMs.value;
  const [fastest, near, far] = picks([10, 10 + band, 10 + band + 1]);
  assert.ok(near! > PICKS / 3, `${near} picks of a near server`);
  assert.ok(Math.abs(fastest! - near!) < PICKS / 5);
  assert.ok(far! < PICKS / 10);
});

test("one question in exploreOneIn goes to any server", () => {
  const [, far] = picks([10, 900]);
  const expected = PICKS / limits.exploreOneIn.value / 2;
  assert.ok(far! > expected / 2 && far! < expected * 2, `${far} picks`);
});

test("a server never asked counts as rttUnknownMs away", () => {
  const unknownMs = limits.rttUnknownMs.value;
  const band = limits.rttBandMs.value;
  const [, beside] = picks([unknownMs + band, 0]);
  assert.ok(beside! > PICKS / 3);
  const [slow, unknown] = picks([unknownMs + band + 1, 0]);
  assert.ok(slow! < PICKS / 10 && unknown! > (PICKS * 9) / 10);
});

test("a server that seems dead waits for two tries of the others, and gets one chance", () => {
  const world = new SmallWorld({});
  const trail = trailIn(world);
  const dead = { ip: Uint8Array.of(10, 0, 0, 0), port: 53 };
  for (let i = 0; i < limits.timeoutsUntilDown.value; i++) {
    world.memory.servers.noteTimeout(dead, 0);
  }
  const tried = new Tried();
  const order: number[] = [];
  for (;;) {
    const server = pickServer(delegation(0, 1), tried, false, trail);
    if (server === undefined) break;
    order.push(server.ip[3]!);
    tried.add(server);
  }
  assert.equal(order.length, limits.triesPerServerMax.value + 1);
  assert.deepEqual(order.slice(0, 2), [1, 1]);
  assert.equal(order.filter((last) => last === 0).length, 1);
});

test("a lame server is asked when nobody else is left, once", () => {
  const world = new SmallWorld({});
  const trail = trailIn(world);
  const lame = { ip: Uint8Array.of(10, 0, 0, 0), port: 53 };
  world.memory.servers.noteLame(lame, name("com"), 0);
  const tried = new Tried();
  assert.equal(pickServer(delegation(0), tried, false, trail), undefined);
  assert.deepEqual(pickServer(delegation(0), tried, true, trail), lame);
  tried.add(lame);
  assert.equal(pickServer(delegation(0), tried, true, trail), undefined);
});

test("a server that told something bogus is asked again when nobody else is left", () => {
  const trail = trailIn(new SmallWorld({}));
  const { zone, targets } = delegation(0);
  const [first, second] = [0, 1].map((last) => ({ ip: Uint8Array.of(10, 0, 0, last), port: 53 }));
  for (const one of [first!, second!]) trail.memory.servers.noteLame(one, zone, 0);
  trail.distrusted = [first!];
  const both = { ...delegation(0), targets: [...targets, ...delegation(1).targets] };
  const tried = new Tried();
  const order = Array.from({ length: 2 }, () => {
    const server = pickServer(both, tried, true, trail)!;
    tried.add(server);
    return server.ip[3];
  });
  assert.deepEqual(order, [1, 0]);
  assert.equal(pickServer(both, tried, true, trail), undefined);
});

const ADDRESSES: [title: string, ip: number[], may: boolean][] = [
  ["a public address", [192, 0, 2, 1], true],
  ["this network", [0, 0, 0, 0], false],
  ["loopback", [127, 0, 0, 1], false],
  ["multicast", [224, 0, 0, 1], false],
  ["broadcast", [255, 255, 255, 255], false],
  ["a public IPv6 address", [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true],
  ["unspecified", Array.from({ length: 16 }, () => 0), false],
  ["IPv6 loopback", [...Array.from({ length: 15 }, () => 0), 1], false],
  ["IPv4 in IPv6", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1], false],
];

for (const [title, ip, may] of ADDRESSES) {
  test(`${title} is ${may ? "" : "not "}asked (RFC 6890 §2.2)`, () => {
    const trail = trailIn(new SmallWorld({}, { ipv6: true }));
    assert.equal(mayAsk(Uint8Array.from(ip), trail), may);
  });
}

test("a family that is off, or has no route, is not asked", () => {
  const v6 = Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array.from({ length: 12 }, () => 1)]);
  assert.equal(mayAsk(v6, trailIn(new SmallWorld({}, { ipv6: false }))), false);
  const world = new SmallWorld({}, { ipv6: true });
  world.memory.servers.noteNoRoute(16, 0);
  assert.equal(mayAsk(v6, trailIn(world)), false);
});
