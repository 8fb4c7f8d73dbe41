/** Counts by client network: the network is /24 or /56, and nothing stays when all have left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { Client } from "./client.ts";
import { NetworkCounts } from "./network-counts.ts";

const random = { uint32: () => 5, bytes: (size: number) => new Uint8Array(size).fill(5) };

function client(text: string, port = 1): Client {
  return Client.at(ipFromText(text)!, port);
}

const SAME: readonly (readonly [string, string, boolean])[] = [
  ["192.0.2.1", "192.0.2.255", true],
  ["192.0.2.1", "192.0.3.1", false],
  ["2001:db8:1:aa00::1", "2001:db8:1:aaff:ffff::", true],
  ["2001:db8:1:aa00::1", "2001:db8:1:ab00::1", false],
  ["192.0.2.1", "c000:200::", false],
];

for (const [one, other, isSame] of SAME) {
  test(`${one} and ${other} are ${isSame ? "one network" : "two"}`, () => {
    const counts = new NetworkCounts(random, 1);
    assert.notEqual(counts.enter(client(one)), undefined);
    assert.equal(counts.enter(client(other, 2)) === undefined, isSame);
  });
}

test("a network's share is free again when one leaves, and forgotten when all have", () => {
  const counts = new NetworkCounts(random, 2);
  const first = counts.enter(client("192.0.2.1"))!;
  const second = counts.enter(client("192.0.2.2"))!;
  assert.equal(counts.enter(client("192.0.2.3")), undefined);
  counts.leave(first);
  assert.notEqual(counts.enter(client("192.0.2.3")), undefined);
  counts.leave(second);
  counts.leave(first);
  assert.equal(counts.networks, 0);
  assert.throws(() => counts.leave(first));
});
