/** Headers of the PROXY protocol, version 2: whose question it is, or that there is no header. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Header, proxyHeader } from "../../test/proxied.ts";
import { ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { SOCKADDR_BYTES } from "../system/sockaddr.ts";
import { MALFORMED, UNFINISHED, hasClient, readProxyHeader } from "./proxy-header.ts";

/** The client that a header names, with its port; "the proxy", or why there is none. */
function told(bytes: Uint8Array): string {
  const at = 3;
  const frame = Uint8Array.of(...new Uint8Array(at), ...bytes, 0xff, 0xff);
  const sockaddr = new Uint8Array(SOCKADDR_BYTES).fill(0xee);
  const size = readProxyHeader(frame, at, bytes.length, sockaddr);
  if (size === MALFORMED) return "malformed";
  if (size === UNFINISHED) return "unfinished";
  if (!hasClient(sockaddr)) return `${size}: the proxy`;
  const isV4 = sockaddr[0] === 2 || sockaddr[1] === 2;
  const ip = isV4 ? sockaddr.slice(4, 8) : sockaddr.slice(8, 24);
  return `${size}: ${ipToText(ip)} ${(sockaddr[2]! << 8) | sockaddr[3]!}`;
}

const most = limits.proxyHeaderBytesMax.value;
const V6 = "2001:db8::7";

const headers: readonly (readonly [string, Header, string])[] = [
  ["IPv4 over UDP", {}, "28: 192.0.2.1 4321"],
  ["IPv4 over TCP", { family: 0x11 }, "28: 192.0.2.1 4321"],
  ["IPv6 over UDP", { from: V6, port: 65535 }, "52: 2001:db8::7 65535"],
  ["IPv6 over TCP", { from: V6, family: 0x21 }, "52: 2001:db8::7 4321"],
  ["an IPv4 address in IPv6", { from: "::ffff:198.51.100.7" }, "52: 198.51.100.7 4321"],
  ["more behind the addresses", { tlvs: 40 }, "68: 192.0.2.1 4321"],
  ["as much behind them as may be", { tlvs: most - 28 }, `${most}: 192.0.2.1 4321`],
  ["a byte more than that", { tlvs: most - 27 }, "malformed"],
  ["the proxy's own question", { command: 0x20 }, "28: the proxy"],
  ["the proxy's own question, without a family", { command: 0x20, family: 0 }, "28: the proxy"],
  ["a client without a family", { family: 0 }, "malformed"],
  ["a client at a path of Unix", { family: 0x31 }, "malformed"],
  ["a family that is none", { family: 0x42 }, "malformed"],
  ["a protocol that is none", { family: 0x13 }, "malformed"],
  ["no protocol", { family: 0x10 }, "malformed"],
  ["a command that is none", { command: 0x22 }, "malformed"],
  ["version 1", { command: 0x11 }, "malformed"],
  ["version 3", { command: 0x31 }, "malformed"],
  ["fewer bytes than its addresses take", { length: 11 }, "malformed"],
  ["the addresses of IPv4 and the family of IPv6", { family: 0x22 }, "malformed"],
  ["a length beyond its end", { length: 13 }, "unfinished"],
];

describe("a header with", () => {
  for (const [title, header, expected] of headers) {
    test(title, () => assert.equal(told(proxyHeader(header)), expected));
  }
});

test("a header that has come in part is not finished, wherever it is cut", () => {
  const whole = proxyHeader({ from: V6 });
  for (let size = 0; size < whole.length; size++) {
    assert.equal(told(whole.slice(0, size)), "unfinished");
  }
});

test("what does not begin like a header is none, from the first wrong byte on", () => {
  for (let i = 0; i < 12; i++) {
    const bytes = proxyHeader();
    bytes[i]! ^= 1;
    assert.equal(told(bytes), "malformed");
    assert.equal(told(bytes.slice(0, i + 1)), "malformed");
  }
  assert.equal(
    told(new TextEncoder().encode("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")),
    "malformed",
  );
});

test("any bytes are read without a complaint", () => {
  const start = proxyHeader().slice(0, 12);
  fc.assert(
    fc.property(fc.boolean(), fc.uint8Array({ maxLength: 90 }), (hasStart, rest) => {
      assert.equal(typeof told(hasStart ? Uint8Array.of(...start, ...rest) : rest), "string");
    }),
  );
});
