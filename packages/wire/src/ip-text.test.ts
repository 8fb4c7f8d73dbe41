/** Tests of addresses as text. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";
import { ip4FromText, ip4ToText, ip6FromText, ip6ToText } from "./ip-text.ts";

describe("an IPv6 address is written as RFC 5952 §4 says", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["00000000000000000000000000000000", "::"],
    ["00000000000000000000000000000001", "::1"],
    ["00010000000000000000000000000000", "1::"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    ["20010db8000000000000000100000001", "2001:db8::1:0:1"],
    ["00010002000300040005000600070008", "1:2:3:4:5:6:7:8"],
    ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
    ["abcdef00000000000000000000000000", "abcd:ef00::"],
  ];
  for (const [hex, text] of rows) {
    test(text, () => {
      assert.equal(ip6ToText(fromHex(hex)!), text);
      assert.equal(toHex(ip6FromText(text)!), hex);
    });
  }
});

describe("what is no address", () => {
  const rows = ["", ":", ":::", "1", "1:2:3:4:5:6:7:8:9", "1::2::3", "::g", "::12345", "1.2.3.4::"];
  const more = ["::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", " ::", "1:", ":1"];
  for (const text of [...rows, ...more]) {
    test(`"${text}" of IPv6`, () => assert.equal(ip6FromText(text), undefined));
  }
  for (const text of [
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "1.2.3.x",
    "1..2.3",
  ]) {
    test(`"${text}" of IPv4`, () => assert.equal(ip4FromText(text), undefined));
  }
});

test("every address comes back from its text", () => {
  const byte = fc.oneof(fc.constant(0), fc.nat(255));
  const six = fc.array(byte, { minLength: 16, maxLength: 16 });
  const property = fc.property(six, (numbers) => {
    const bytes = Uint8Array.from(numbers);
    assert.deepEqual(ip6FromText(ip6ToText(bytes)), bytes);
    const four = bytes.slice(0, 4);
    assert.deepEqual(ip4FromText(ip4ToText(four)), four);
  });
  fc.assert(property, { numRuns: 1000 });
});
