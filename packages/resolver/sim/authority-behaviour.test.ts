/** What servers that misbehave send, and that they do nothing else wrong. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readMessage } from "@lethe/wire/message.ts";
import { Authority, type Sent } from "./authority.ts";
import type { Behaviour } from "./authority-behaviour.ts";
import { type Query, asked, linesOf, queryFor, zone } from "./zone-asking.ts";

const EXAMPLE = zone(
  "example",
  `@ SOA ns hostmaster 1 3600 900 604800 300
@ NS ns
ns A 192.0.2.1
www A 192.0.2.10
below.empty A 192.0.2.11
`,
);
const DENIAL = "authority example. SOA …";

describe("a server that misbehaves", () => {
  const serverOf = (...behaviours: readonly Behaviour[]): Authority =>
    new Authority([{ zone: EXAMPLE, behaviours }]);
  const sends = (question: string, options: Query, ...behaviours: readonly Behaviour[]): Sent =>
    serverOf(...behaviours).reply(queryFor(question, options), options.transport ?? "udp");
  const EDNS = { udpSize: 1232 };

  test("is silent, over one transport or both", () => {
    assert.equal(sends("www.example A", {}, { kind: "silent" }).messages.length, 0);
    const noTcp: Behaviour = { kind: "silent", transport: "tcp" };
    assert.equal(sends("www.example A", { transport: "tcp" }, noTcp).messages.length, 0);
    assert.equal(sends("www.example A", {}, noTcp).messages.length, 1);
  });

  test("is slow", () => {
    assert.equal(sends("www.example A", {}, { kind: "slow", delayMs: 40 }).delayMs, 40);
  });

  test("sends nothing to EDNS, and answers without", () => {
    assert.equal(sends("www.example A", EDNS, { kind: "drops-edns" }).messages.length, 0);
    assert.equal(sends("www.example A", {}, { kind: "drops-edns" }).messages.length, 1);
  });

  const rows: readonly (readonly [Behaviour, string, Query, ...string[]])[] = [
    [{ kind: "says", rcode: 5 }, "www.example A", {}, "REFUSED"],
    [{ kind: "fails-on-new-types" }, "www.example HTTPS", {}, "SERVFAIL"],
    [{ kind: "fails-on-new-types" }, "www.example AAAA", {}, "NOERROR aa", DENIAL],
    [{ kind: "lame" }, "www.example A", {}, "NOERROR", "authority . NS ns.example."],
    [
      { kind: "refers-to-itself" },
      "www.example A",
      {},
      "NOERROR",
      "authority example. NS ns.example.",
    ],
    [{ kind: "without-aa" }, "www.example A", {}, "NOERROR", "answer www.example. A 192.0.2.10"],
    [{ kind: "formerr-on-edns" }, "www.example A", EDNS, "FORMERR"],
    [{ kind: "truncates" }, "www.example A", {}, "NOERROR aa tc"],
    [{ kind: "denies-empty-non-terminals" }, "empty.example A", {}, "NXDOMAIN aa", DENIAL],
    [{ kind: "folds-case" }, "WWW.example A", {}, "NOERROR aa", "answer www.example. A 192.0.2.10"],
  ];
  for (const [behaviour, question, options, ...expected] of rows) {
    test(`${behaviour.kind}: ${question}`, () => {
      assert.deepEqual(linesOf(asked(serverOf(behaviour), question, options)), expected);
    });
  }

  test("answers as if EDNS were not there", () => {
    assert.equal(asked(serverOf({ kind: "ignores-edns" }), "www.example A", EDNS).opt, undefined);
  });

  test("sends another id, another question, or no message at all", () => {
    const reply = (kind: "wrong-id" | "wrong-question" | "garbage"): Uint8Array =>
      sends("www.example A", {}, { kind }).messages[0]!;
    assert.notEqual(reply("wrong-id")[0], 0x12);
    const other = readMessage(reply("wrong-question"));
    assert.ok(other.kind === "message" && other.questions[0]!.type !== 1);
    assert.equal(readMessage(reply("garbage")).kind, "malformed");
  });
});
