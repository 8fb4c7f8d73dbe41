/** Rebinding: a name of the attacker's leads to an address in the network of whoever asks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Message } from "@lethe/wire/message.ts";
import { ipToText } from "../../src/base/address.ts";
import { SmallResolver } from "../small-resolver.ts";
import { type Server, name } from "../small-world.ts";
import { assertTold, costOf, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const EVIL = "10.0.0.2";
const HOME = "10.0.0.3";
const PRINTER = "192.168.1.9";

const root = refersTo({ "evil.": EVIL, "home.": HOME, "mixed.": "10.0.0.4" });
const evil: Server = (qname, qtype) => {
  if (qname.startsWith("alias.")) return { aa: true, answer: [`${qname} CNAME printer.home.`] };
  if (qtype === rrType.AAAA) return { aa: true, answer: [`${qname} AAAA ::ffff:${PRINTER}`] };
  return { aa: true, answer: [`${qname} A ${PRINTER}`] };
};
const home: Server = (qname) => ({ aa: true, answer: [`${qname} A ${PRINTER}`] });
const mixed: Server = (qname) => ({
  aa: true,
  answer: [`${qname} A ${PRINTER}`, `${qname} A 192.0.2.1`],
});

function resolver(isOn: boolean): SmallResolver {
  const networks = [{ ip: Uint8Array.of(192, 168, 0, 0), bits: 16 }];
  const privateAddresses = { networks: isOn ? networks : [], exempt: [name("home.")] };
  const servers = { [ROOT]: root, [EVIL]: evil, [HOME]: home, "10.0.0.4": mixed };
  return new SmallResolver(servers, { privateAddresses });
}

function addressesIn(message: Message): string[] {
  const isAddress = (type: number): boolean => type === rrType.A || type === rrType.AAAA;
  return message.answer.filter(({ type }) => isAddress(type)).map(({ rdata }) => ipToText(rdata));
}

const asked: readonly (readonly [string, number, readonly string[]])[] = [
  ["www.evil.", rrType.A, []],
  ["www.evil.", rrType.AAAA, []],
  ["alias.evil.", rrType.A, []],
  ["www.mixed.", rrType.A, ["192.0.2.1"]],
  ["printer.home.", rrType.A, [PRINTER]],
];

for (const [qname, type, expected] of asked) {
  test(`${qname} type ${type} has ${expected.length} addresses, also out of the cache`, () => {
    const small = resolver(true);
    const cost = costOf(small.world, () => {
      assert.deepEqual(addressesIn(small.answer({ name: qname, type })), expected);
    });
    if (qname === "www.evil." && type === rrType.A) assertTold("rebinding", cost);
    const before = small.world.asked.length;
    assert.deepEqual(addressesIn(small.answer({ name: qname, type })), expected);
    assert.equal(small.world.asked.length, before);
  });
}

test("without the setting all addresses are given, as by other resolvers", () => {
  const small = resolver(false);
  assert.deepEqual(addressesIn(small.answer({ name: "www.evil." })), [PRINTER]);
});
