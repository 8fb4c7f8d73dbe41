/** Tests of who may ask. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { Client } from "../privacy/client.ts";
import { NetworkTable } from "../privacy/networks.ts";
import { Admission, type ClientNetwork, DROP, REFUSED } from "./admit.ts";

function network(text: string): ClientNetwork {
  const [ip, bits] = text.split("/");
  return { ip: ipFromText(ip!)!, bits: Number(bits) };
}

const allow = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "10.1.2.0/24", "2001:db8::/32"].map(network);
const refuse = ["10.1.0.0/16", "2001:db8:1::/48"].map(network);

const cases: [string, string, boolean][] = [
  ["loopback", "127.9.9.9", true],
  ["IPv6 loopback", "::1", true],
  ["an address of an allowed network", "10.200.0.1", true],
  ["an address of a refused network within it", "10.1.0.1", false],
  ["an address of an allowed network within that", "10.1.2.3", true],
  ["an address of an allowed IPv6 network", "2001:db8:2::1", true],
  ["an address of a refused IPv6 network", "2001:db8:1::1", false],
  ["anybody else", "192.0.2.1", false],
  ["anybody else over IPv6", "2001:db9::1", false],
  ["IPv4 bytes at the front of an IPv6 address", "7f00:1::", false],
];

for (const [title, ip, mayAsk] of cases) {
  test(`${title} ${mayAsk ? "may" : "may not"} ask`, () => {
    const client = Client.at(ipFromText(ip)!, 53);
    const refusing = new Admission({ allow, refuse, others: "refuse" });
    assert.equal(refusing.viewOf(client) >= 0, mayAsk);
    if (!mayAsk) assert.equal(refusing.viewOf(client), REFUSED);
  });
}

test("who is to get no answer gets none, in a network that is allowed or refused too", () => {
  const drop = ["10.1.2.128/25", "10.1.9.0/24"].map(network);
  const admission = new Admission({ allow, refuse, drop, others: "refuse" });
  assert.equal(admission.viewOf(Client.at(ipFromText("10.1.2.200")!, 53)), DROP);
  assert.equal(admission.viewOf(Client.at(ipFromText("10.1.9.1")!, 53)), DROP);
  assert.ok(admission.viewOf(Client.at(ipFromText("10.1.2.3")!, 53)) >= 0);
});

test("strangers are dropped where the configuration says so; the refused are still refused", () => {
  const dropping = new Admission({ allow, refuse, others: "drop" });
  assert.equal(dropping.viewOf(Client.at(ipFromText("192.0.2.1")!, 53)), DROP);
  assert.equal(dropping.viewOf(Client.at(ipFromText("10.1.0.1")!, 53)), REFUSED);
});

test("who was admitted elsewhere keeps his view, and has no address for other tables", () => {
  const admission = new Admission({ allow, refuse, others: "drop", views: [[network("::/0")]] });
  for (const view of [0, 3, REFUSED]) {
    assert.equal(admission.viewOf(Client.ofView(view)), view);
  }
  const rows = (text: string): NetworkTable => new NetworkTable([{ ...network(text), view: 0 }], 1);
  assert.equal(Client.ofView(0).viewIn(rows("10.0.0.0/8")), 1);
  assert.equal(Client.ofView(0).viewIn(rows("2001:db8::/32")), 1);
  assert.equal(Client.ofView(5).viewIn(rows("::/0")), 0);
});
