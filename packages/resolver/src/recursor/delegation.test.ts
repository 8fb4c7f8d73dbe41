/** Delegations: how many servers are kept, and what a referral makes the cache forget. */
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, text, trailIn, SmallWorld } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import {
  addIp,
  addSpareAddresses,
  delegationTold,
  follow,
  nearestDelegation,
} from "./delegation.ts";

function servers(zone: string, count: number): RecordSet {
  const rdatas = Array.from({ length: count }, (_, i) => name(`ns${i}.${zone}`));
  return { name: name(zone), type: rrType.NS, class: 1, ttl: 300, rdatas, signatures: [] };
}

test("a delegation has nsNamesPerDelegationMax name servers at most", () => {
  const max = limits.nsNamesPerDelegationMax.value;
  const trail = trailIn(new SmallWorld({}));
  assert.equal(delegationTold(servers("com", max), [], trail).targets.length, max);
  assert.equal(delegationTold(servers("com", max + 1), [], trail).targets.length, max);
});

test("a name server has addressesPerNsNameMax addresses at most, each once", () => {
  const max = limits.addressesPerNsNameMax.value;
  const target = { name: name("ns.com"), ips: [], spareIps: [], lookedUp: [] };
  for (let i = 0; i < max; i++) {
    addIp(target, Uint8Array.of(10, 0, 0, i));
    addIp(target, Uint8Array.of(10, 0, 0, i));
  }
  assert.equal(target.ips.length, max);
  addIp(target, Uint8Array.of(10, 0, 0, max));
  assert.equal(target.ips.length, max);
});

test("glue from outside the parent's zone is held back, within the same bound", () => {
  const max = limits.addressesPerNsNameMax.value;
  const trail = trailIn(new SmallWorld({}));
  const rdatas = Array.from({ length: max + 1 }, (_, i) => Uint8Array.of(10, 0, 0, i));
  const set = { ...servers("com", 1), name: name("ns0.com"), type: rrType.A, rdatas };
  const delegation = delegationTold(servers("com", 1), [], trail, [set]);
  assert.deepEqual(delegation.targets[0]!.ips, []);
  assert.equal(addSpareAddresses(delegation), true);
  assert.deepEqual(delegation.targets[0]!.ips, rdatas.slice(0, max));
  assert.equal(addSpareAddresses(delegation), false);
});

test("a referral past a known cut makes it forgotten (ghost domains)", () => {
  const world = new SmallWorld({});
  const trail = trailIn(world);
  const { rrsets } = world.memory;
  for (const zone of ["com", "example.com", "b.example.com", "other.com"]) {
    rrsets.storeCut(servers(zone, 1), [], 0);
  }
  const referral = {
    kind: "referral",
    servers: servers("a.b.example.com", 1),
    glue: [],
    outside: [],
    signed: [],
  } as const;
  follow(referral, name("com"), trail);
  const nearest = (qname: string): string =>
    text(nearestDelegation({ name: name(qname), type: rrType.A, class: 1 }, trail)!.zone);
  assert.equal(nearest("www.a.b.example.com"), "a.b.example.com.");
  assert.equal(nearest("www.b.example.com"), "com.");
  assert.equal(nearest("www.other.com"), "other.com.");
});

test("the servers of a DS set are those above its name (RFC 4035 §3.1.4.1)", () => {
  const world = new SmallWorld({});
  const trail = trailIn(world);
  for (const zone of ["com", "example.com"]) {
    world.memory.rrsets.storeCut(servers(zone, 1), [], 0);
  }
  const question = { name: name("example.com"), type: rrType.DS, class: 1 };
  assert.equal(text(nearestDelegation(question, trail)!.zone), "com.");
  assert.equal(
    text(nearestDelegation({ ...question, type: rrType.NS }, trail)!.zone),
    "example.com.",
  );
});
