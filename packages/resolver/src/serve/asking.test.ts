/** Tests of what the fast lane takes, and of what is read of any message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { optionCode, rrType } from "@lethe/wire/codes.ts";
import { flag, opcodeBits } from "@lethe/wire/header.ts";
import { question } from "../../test/small-resolver.ts";
import { Asking } from "./asking.ts";

function isPlain(message: Uint8Array): boolean {
  const frame = new Uint8Array(message.length + 40).fill(0xff);
  frame.set(message, 20);
  return new Asking().readPlain(frame, 20, message.length);
}

/** A question with the bytes at `at` replaced. */
function patched(message: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const copy = message.slice();
  copy.set(bytes, at);
  return copy;
}

const bare = question({});
const edns = question({ udpSize: 1232 });
const optAt = bare.length;
const unknown = { code: 65_001, data: Uint8Array.of(1, 2, 3) };
const cookie = { code: optionCode.cookie, data: new Uint8Array(8) };

const cases: [string, Uint8Array, boolean][] = [
  ["a question without EDNS", bare, true],
  ["a question with EDNS", edns, true],
  ["a question with DO", question({ udpSize: 512, dnssecOk: true }), true],
  ["a question with AD and CD", question({ flags: flag.ad | flag.cd }), true],
  ["a question with options that nobody knows", question({ udpSize: 1, options: [unknown] }), true],
  ["a question with a cookie", question({ udpSize: 1232, options: [cookie, unknown] }), true],
  ["the root", question({ name: "" }), true],
  ["a root key sentinel", question({ name: "root-key-sentinel-is-ta-20326.example" }), false],
  ["nothing", new Uint8Array(0), false],
  ["half a header", bare.slice(0, 11), false],
  ["a header", bare.slice(0, 12), false],
  ["a question that ends early", bare.slice(0, -1), false],
  ["a byte behind", Uint8Array.of(...bare, 0), false],
  ["a byte behind the OPT", Uint8Array.of(...edns, 0), false],
  ["RD=0", question({ rd: false }), false],
  ["a response", question({ flags: flag.qr }), false],
  ["another opcode", question({ flags: opcodeBits(4) }), false],
  ["no question", patched(bare, 4, 0, 0), false],
  ["two questions", patched(bare, 4, 0, 2), false],
  ["an answer", patched(bare, 6, 0, 1), false],
  ["an authority record", patched(bare, 8, 0, 1), false],
  ["an additional record that is not there", patched(bare, 10, 0, 1), false],
  ["two additional records", patched(edns, 10, 0, 2), false],
  ["a compressed name", patched(bare, 12, 0xc0, 0x00), false],
  ["a label of 64 bytes", patched(bare, 12, 64), false],
  ["an OPT of another name", patched(edns, optAt, 1), false],
  ["an additional record of another type", patched(edns, optAt + 1, 0, rrType.A), false],
  ["another version of EDNS", question({ udpSize: 1232, version: 1 }), false],
  ["an OPT that is longer than the message", patched(edns, optAt + 9, 0, 1), false],
  ["an option that is longer than its OPT", optionOf(4, 5), false],
  ["an option that is cut short", optionOf(3, 0), false],
  ["an option that fits", optionOf(9, 5), true],
];

/** An OPT of `size` bytes whose one option says that it has `claimed`. */
function optionOf(size: number, claimed: number): Uint8Array {
  const message = new Uint8Array(edns.length + size);
  message.set(edns);
  message[optAt + 10] = size;
  message.set(Uint8Array.of(0xfd, 0xe9, 0, claimed).subarray(0, size), edns.length);
  return message;
}

for (const [title, message, expected] of cases) {
  test(`${title}: ${expected ? "plain" : "for the slow lane"}`, () => {
    assert.equal(isPlain(message), expected);
  });
}

test("the longest name is plain, a longer one is not", () => {
  const label = "a".repeat(63);
  const longest = question({ name: `${label}.${label}.${label}.${"b".repeat(61)}` });
  assert.equal(isPlain(longest), true);
  const longer = Uint8Array.of(...longest.slice(0, 12), 1, 97, ...longest.slice(12));
  assert.equal(isPlain(longer), false);
});

test("any bytes are read without a complaint", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      assert.equal(typeof isPlain(bytes), "boolean");
    }),
  );
});
