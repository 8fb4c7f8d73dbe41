/** Networks: the longest match wins, families do not mix, the table is bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { NetworkTable } from "./networks.ts";

const row = (ip: string, bits: number, view: number) => ({ ip: ipFromText(ip)!, bits, view });
const table = new NetworkTable(
  [
    row("10.0.0.0", 8, 1),
    row("10.1.0.0", 16, 2),
    row("10.1.2.128", 25, 3),
    row("2001:db8::", 32, 4),
  ],
  9,
);

const CASES: [title: string, ip: string, expected: number][] = [
  ["the only network that holds it", "10.2.3.4", 1],
  ["the longer of two", "10.1.3.4", 2],
  ["a bound inside an octet, above", "10.1.2.128", 3],
  ["a bound inside an octet, below", "10.1.2.127", 2],
  ["an address that no row holds", "11.0.0.1", 9],
  ["an IPv6 network", "2001:db8:1::1", 4],
  ["an IPv6 address that no row holds", "a01:203::", 9],
];

for (const [title, text, expected] of CASES) {
  test(title, () => {
    const ip = ipFromText(text)!;
    assert.equal(table.lookup(ip, 0, ip.length), expected);
  });
}

test("clientNetworksMax rows are taken, one more is our mistake", () => {
  const max = limits.clientNetworksMax.value;
  const rows = Array.from({ length: max + 1 }, () => row("10.0.0.0", 8, 1));
  assert.ok(new NetworkTable(rows.slice(1), 0));
  assert.throws(() => new NetworkTable(rows, 0));
});
