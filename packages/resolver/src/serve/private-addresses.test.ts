/** Tests of what private addresses are taken out of, and of what they are left in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import { fromHex } from "@lethe/wire/bytes.ts";
import { ipFromText } from "../base/address.ts";
import type { Answered } from "../recursor/outcome.ts";
import { name } from "../../test/small-world.ts";
import { PrivateAddresses } from "./private-addresses.ts";

const networks = (
  [
    ["10.0.0.0", 8],
    ["192.168.0.0", 16],
    ["fd00::", 8],
  ] as const
).map(([ip, bits]) => ({ ip: ipFromText(ip)!, bits }));
const addresses = new PrivateAddresses({ networks, exempt: [name("home.example")] }, [
  name("corp.example"),
  name(""), // a forwarder for all names exempts none
]);

function answered(type: number, rdatas: readonly Uint8Array[]): Answered {
  const owner = name("www.example");
  const set = { name: owner, type, class: 1, ttl: 300, rdatas, signatures: [new Uint8Array(20)] };
  const rest = { authority: [], errors: [], ttlS: 300 };
  return { kind: "answered", rcode: 0, answer: [set], verdict: "secure", ...rest };
}

function left(type: number, rdatas: readonly Uint8Array[], asked = "www.example"): number {
  const outcome = addresses.without(answered(type, rdatas), { name: name(asked), type, class: 1 });
  assert.ok(outcome.kind === "answered");
  return outcome.answer.reduce((sum, set) => sum + set.rdatas.length, 0);
}

const IPS: readonly (readonly [string, boolean])[] = [
  ["10.0.0.0", true],
  ["10.255.255.255", true],
  ["11.0.0.0", false],
  ["192.168.3.4", true],
  ["192.0.2.1", false],
  ["fd12::1", true],
  ["2001:db8::1", false],
  ["::ffff:10.1.2.3", true],
  ["::ffff:192.0.2.1", false],
  ["::10.1.2.3", true],
  ["64:ff9b::10.1.2.3", true],
  ["2002:a01:203::1", true],
  ["2002:c000:201::1", false],
];

for (const [text, isPrivate] of IPS) {
  test(`${text} is ${isPrivate ? "private" : "public"}`, () => {
    const ip = ipFromText(text)!;
    const type = ip.length === 4 ? rrType.A : rrType.AAAA;
    assert.equal(left(type, [ip]), isPrivate ? 0 : 1);
    assert.equal(left(type, [ip], "a.home.example"), 1, "exempt names");
    assert.equal(left(type, [ip], "corp.example"), 1, "the operator's own zones");
  });
}

/** Priority 1, target root, then parameters. */
const HINTS: readonly (readonly [string, string, boolean])[] = [
  ["no parameters", "000100", false],
  ["a public IPv4 hint", "00010000040004c0000201", false],
  ["a private IPv4 hint behind a public one", "00010000040008c00002010a000001", true],
  ["a private IPv6 hint", "00010000060010fd000000000000000000000000000001", true],
  ["a mapped IPv6 hint", "0001000006001000000000000000000000ffff0a000001", true],
  ["a hint behind a port", "0001000003000201bb000400040a000001", true],
  ["an address under another key", "000100000700040a000001", false],
  ["a hint that is cut off", "000100000400080a0000", false],
  ["a target that is cut off", "00010561", false],
];

for (const [title, hex, isPrivate] of HINTS) {
  test(`SVCB with ${title} is ${isPrivate ? "taken out" : "left"}`, () => {
    for (const type of [rrType.SVCB, rrType.HTTPS]) {
      assert.equal(left(type, [fromHex(hex)!]), isPrivate ? 0 : 1);
    }
  });
}

test("what is left of a set is unsigned, not authenticated, and says why", () => {
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  const rdatas = [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(192, 0, 2, 1)];
  const outcome = addresses.without(answered(rrType.A, rdatas), question);
  assert.ok(outcome.kind === "answered");
  assert.deepEqual(outcome.answer[0]!.rdatas, [rdatas[1]]);
  assert.deepEqual(outcome.answer[0]!.signatures, []);
  assert.equal(outcome.verdict, "indeterminate");
  assert.equal(outcome.errors[0]!.code, extendedError.blocked);
});

test("without networks every outcome is as it was", () => {
  const outcome = answered(rrType.A, [Uint8Array.of(10, 0, 0, 1)]);
  const question = { name: name("www.example"), type: rrType.A, class: 1 };
  assert.equal(new PrivateAddresses(undefined, []).without(outcome, question), outcome);
});
