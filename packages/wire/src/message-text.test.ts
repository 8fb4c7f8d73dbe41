/** Tests of messages and EDNS options as text. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex } from "./bytes.ts";
import { rrClass, rrType } from "./codes.ts";
import { extendedErrorOption } from "./edns.ts";
import { flag, opcodeBits } from "./header.ts";
import { messageToText } from "./message-text.ts";
import { readMessage } from "./message.ts";
import { nameFromText } from "./name-text.ts";
import { ednsOptionToText } from "./option-text.ts";
import { rdataFromText } from "./rdata-text.ts";
import { MessageWriter } from "./writer.ts";

describe("an EDNS option as text", () => {
  const rows: readonly (readonly [string, number, string, string])[] = [
    ["NSID that is text", 3, "6e7331", 'NSID: 6e7331 ("ns1")'],
    ["NSID that is none", 3, "00ff", "NSID: 00ff"],
    ["NSID that is asked for", 3, "", "NSID"],
    ["a cookie", 10, "0102030405060708", "COOKIE: 0102030405060708"],
    ["padding", 12, "0000", "PADDING: 2 bytes"],
    ["keepalive", 11, "0078", "TCP-KEEPALIVE: 12.0 secs"],
    ["keepalive of three bytes", 11, "007800", "TCP-KEEPALIVE: 007800"],
    ["EDE", 15, "0012", "EDE: 18 (Prohibited)"],
    ["EDE with a text that rings the bell", 15, "0000610762", "EDE: 0 (Other Error): (a\\007b)"],
    ["EDE cut off", 15, "00", "EDE: 00"],
    ["client subnet", 8, "00011800c00002", "CLIENT-SUBNET: 192.0.2.0/24/0"],
    ["client subnet of no family", 8, "00000000", "CLIENT-SUBNET: 00000000"],
    ["report channel", 18, "016100", "REPORT-CHANNEL: a."],
    ["zone version", 19, "010000000002", "ZONEVERSION: SOA-SERIAL 2"],
    ["key tags", 14, "4f6697b8", "KEY-TAG: 20326 38840"],
    ["an unknown option", 65001, "ff", "OPT65001: ff"],
  ];
  for (const [title, code, hex, expected] of rows) {
    test(title, () => assert.equal(ednsOptionToText({ code, data: fromHex(hex)! }), expected));
  }
});

test("a message is written as dig writes it", () => {
  const name = nameFromText("www.example.")!;
  const out = new Uint8Array(512);
  const writer = new MessageWriter(out);
  writer.question({ name, type: rrType.A, class: rrClass.IN });
  for (const [type, ttl, text] of [
    [rrType.CNAME, 300, "a.example."],
    [rrType.A, 5, "192.0.2.1"],
  ] as const) {
    const rdata = rdataFromText(type, text);
    assert.ok(rdata instanceof Uint8Array);
    writer.record("answer", name, type, rrClass.IN, ttl, rdata);
  }
  const options = [extendedErrorOption(3, "late")];
  writer.opt({ udpSize: 1232, extendedRcode: 0, version: 0, dnssecOk: true, options });
  const size = writer.finish(7, flag.qr | flag.rd | flag.ra);
  const message = readMessage(out.subarray(0, size));
  assert.ok(message.kind === "message");
  assert.equal(
    messageToText(message),
    `;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 7
;; flags: qr rd ra; QUESTION: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags: do; udp: 1232
; EDE: 3 (Stale Answer): (late)

;; QUESTION SECTION:
;www.example.\tIN\tA

;; ANSWER SECTION:
www.example. 300 IN CNAME a.example.
www.example. 5   IN A     192.0.2.1`,
  );
});

test("an UPDATE has sections of other names, and what is left over is said", () => {
  const bytes = new Uint8Array(14);
  new MessageWriter(bytes).finish(0, opcodeBits(5));
  const message = readMessage(bytes);
  assert.ok(message.kind === "message");
  const text = messageToText(message);
  assert.match(text, /opcode: UPDATE.*\n.*ZONE: 0, PREREQUISITE: 0, UPDATE: 0, ADDITIONAL: 0/);
  assert.match(text, /2 bytes stand behind the last record/);
});

test("no option makes it throw, and no text moves the cursor", () => {
  const property = fc.property(fc.nat(20), fc.uint8Array({ maxLength: 24 }), (code, data) => {
    assert.doesNotMatch(ednsOptionToText({ code, data }), /\p{Cc}/u);
  });
  fc.assert(property, { numRuns: 2000 });
});
