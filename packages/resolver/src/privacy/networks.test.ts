/** Networks to small numbers: the longest match wins, in either family. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { Client } from "./client.ts";
import { type Network, NetworkTable } from "./networks.ts";

function network(text: string, bits: number, view: number): Network {
  return { ip: ipFromText(text)!, bits, view };
}

const table = new NetworkTable(
  [
    network("10.0.0.0", 8, 1),
    network("10.1.0.0", 16, 2),
    network("10.1.2.128", 25, 3),
    network("10.1.2.200", 32, 4),
    network("2001:db8::", 32, 5),
    network("2001:db8:0:1::", 63, 6),
    network("::1", 128, 7),
  ],
  9,
);

const CASES: readonly (readonly [string, number])[] = [
  ["10.200.1.1", 1],
  ["10.1.2.127", 2],
  ["10.1.2.129", 3],
  ["10.1.2.200", 4],
  ["11.0.0.0", 9],
  ["9.255.255.255", 9],
  ["2001:db8:ffff::1", 5],
  ["2001:db8:0:1::1", 6],
  ["2001:db8:0:0:1::", 6],
  ["2001:db8:0:2::", 5],
  ["::1", 7],
  ["::2", 9],
  ["a00::", 9],
];

for (const [text, view] of CASES) {
  test(`${text} is of view ${view}`, () => {
    assert.equal(Client.at(ipFromText(text)!, 53).viewIn(table), view);
  });
}

test("every address is of a network of no bits of its own family", () => {
  const all = new NetworkTable([network("0.0.0.0", 0, 1)], 2);
  assert.equal(Client.at(ipFromText("198.51.100.1")!, 1).viewIn(all), 1);
  assert.equal(Client.at(ipFromText("2001:db8::1")!, 1).viewIn(all), 2);
});

test("a table takes clientNetworksMax networks, and no more", () => {
  const max = limits.clientNetworksMax.value;
  const full = new NetworkTable(networks(max), 0);
  assert.equal(Client.at(ipFromText("10.3.255.1")!, 1).viewIn(full), max - 1);
  assert.throws(() => new NetworkTable(networks(max + 1), 0));
});

/** So many networks, each of a view of its own. */
function networks(count: number): Network[] {
  return Array.from({ length: count }, (_, i) => network(`10.${i >>> 8}.${i & 255}.0`, 24, i));
}
