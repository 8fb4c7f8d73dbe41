/** A client can be mapped and counted; whatever tries to look at it fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { serialize } from "node:v8";
import { ipFromText } from "../base/address.ts";
import { Client } from "./client.ts";
import { NetworkTable } from "./networks.ts";

const ip = ipFromText("203.0.113.77")!;
const client = Client.at(ip, 40_321);

const WAYS_OUT: readonly (readonly [string, () => unknown])[] = [
  ["String()", () => String(client)],
  ["a template string", () => ["", client].join("")],
  ["a number", () => Number(client)],
  ["JSON", () => JSON.stringify({ client })],
  ["inspection", () => inspect(client)],
  ["inspection of what holds it", () => inspect({ deep: { client } })],
];

for (const [title, way] of WAYS_OUT) {
  test(`a client does not leave by ${title}`, () => {
    assert.throws(way, { message: "a Client cannot be printed or copied out" });
  });
}

test("a copied client is empty", () => {
  const copies = [structuredClone(client), Object.assign({}, client)];
  for (const copy of copies) assert.deepEqual(Object.getOwnPropertyNames(copy), []);
  assert.equal(serialize(client).indexOf(Buffer.from(ip)), -1);
});

test("errors about a client do not tell it", () => {
  try {
    String(client);
  } catch (error) {
    assert.ok(!inspect(error).includes("203.0.113"));
  }
});

test("what looks like a number or a text is no client", () => {
  const table = new NetworkTable([], 7);
  // @ts-expect-error a client is no text, nor is a text a client
  assert.throws(() => ("203.0.113.77" satisfies Client).viewIn(table));
  // @ts-expect-error the address is private to the client
  assert.equal(client.sockaddr, undefined);
});
