/** Tests of master files. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { rrClass } from "./codes.ts";
import { nameFromText } from "./name-text.ts";
import { recordToText } from "./record-text.ts";
import { readZoneFile } from "./zone-file.ts";

const origin = nameFromText("example.")!;

/** What a text is read as: its records with blanks for tabs, or the line and reason of an error. */
function read(text: string): readonly string[] {
  const zone = readZoneFile(text, { origin });
  if ("kind" in zone) return [`${zone.line}: ${zone.why}`];
  return zone.records.map((record) => recordToText(record).replaceAll("\t", " "));
}

describe("a zone file", () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ["nothing", "", []],
    ["blank lines and comments", "\n  \n; a comment\n   ; another", []],
    ["an absolute owner", "a. 60 IN A 192.0.2.1", ["a. 60 IN A 192.0.2.1"]],
    ["a relative owner", "a 60 IN A 192.0.2.1", ["a.example. 60 IN A 192.0.2.1"]],
    ["the origin", "@ 60 A 192.0.2.1", ["example. 60 IN A 192.0.2.1"]],
    ["class before TTL", "@ CH 60 TXT x", ['example. 60 CH TXT "x"']],
    ["a class by number", "@ 60 CLASS32 TYPE9 \\# 1 00", ["example. 60 CLASS32 MR ."]],
    [
      "owner, TTL and class of the record before",
      "@ 60 CH TXT x\n TXT y",
      ['example. 60 CH TXT "x"', 'example. 60 CH TXT "y"'],
    ],
    [
      "$TTL",
      "$TTL 1h\n@ TXT x\n@ 1 TXT y\n@ TXT z",
      ['example. 3600 IN TXT "x"', 'example. 1 IN TXT "y"', 'example. 3600 IN TXT "z"'],
    ],
    [
      "$ORIGIN, relative too",
      "$ORIGIN sub\n@ 1 NS ns\n$ORIGIN .\na 1 NS b",
      ["sub.example. 1 IN NS ns.sub.example.", "a. 1 IN NS b."],
    ],
    [
      "parentheses, comments and quotes over lines",
      '@ 60 IN SOA ns ( host ; the mailbox\n 1 2\n ) 3 4 5\n@ TXT "a;b(" c',
      ["example. 60 IN SOA ns.example. host.example. 1 2 3 4 5", 'example. 60 IN TXT "a;b(" "c"'],
    ],
    [
      "the minimum of a SOA without a TTL",
      "@ SOA . . 1 2 3 4 5",
      ["example. 5 IN SOA . . 1 2 3 4 5"],
    ],
    ["an owner that looks like a type", "a 60 A 192.0.2.1", ["a.example. 60 IN A 192.0.2.1"]],
    ["ANY as a class where a type follows", "@ 0 ANY TXT x", ['example. 0 ANY TXT "x"']],
    [
      "line ends of other systems",
      "@ 1 TXT x\r\n@ 2 TXT y\r\n",
      ['example. 1 IN TXT "x"', 'example. 2 IN TXT "y"'],
    ],
    ["no TTL anywhere", "@ TXT x", ["1: the record has no TTL, and none was said before"]],
    ["no owner anywhere", " 60 TXT x", ["1: the first record has no owner"]],
    ["an owner that is no name", "a..b 60 TXT x", ['1: "a..b" is no name']],
    ["no type", "@ 60 IN", ['1: "" is no record type']],
    ["an unknown type", "@ 60 IN NOPE x", ['1: "NOPE" is no record type']],
    ["a TTL above 31 bits", "@ 2147483648 TXT x", ['1: "2147483648" is no TTL']],
    ["RDATA that is wrong", "\n@ 60 A x", ["2: A: an IPv4 address expected"]],
    [
      "an entry that goes wrong in a later line",
      "@ 60 A (\n x )",
      ["1: A: an IPv4 address expected"],
    ],
    ["a parenthesis that stays open", "@ 60 A (", ["1: a parenthesis is not closed"]],
    ["a quote that stays open", '@ 60 TXT "a\n', ["1: a quoted string is not closed"]],
    ["$INCLUDE", "$INCLUDE file", ["1: $INCLUDE is not followed: a zone is one file here"]],
    ["$GENERATE", "$GENERATE 1-2 a A 1", ['1: "$GENERATE" is no directive that is known']],
    ["$TTL without a value", "$TTL", ["1: $TTL takes one argument"]],
    ["$TTL with a wrong value", "$TTL x", ['1: "x" is no TTL']],
    ["$ORIGIN with a wrong value", "$ORIGIN ..", ['1: ".." is no name']],
  ];
  for (const [title, text, expected] of rows) {
    test(title, () => assert.deepEqual(read(text), expected));
  }
});

test("a TTL and a class of the options stand in for what the file leaves out", () => {
  const zone = readZoneFile("@ TXT x\n@ 5 TXT y\n@ TXT z", { origin, ttlS: 7, class: rrClass.CH });
  assert.ok(!("kind" in zone));
  assert.deepEqual(
    zone.records.map((record) => [record.ttl, record.class]),
    [
      [7, rrClass.CH],
      [5, rrClass.CH],
      [5, rrClass.CH],
    ],
  );
});

test("no text makes it throw, and what it reads is written and read again", () => {
  const word = fc.oneof(
    fc.constantFrom("@", "a", "60", "IN", "A", "TXT", "192.0.2.1", "(", ")", ";", '"', "\n", "\n "),
    fc.constantFrom("$TTL 5\n", "$ORIGIN b\n", "MX 5 c", "\\", "\\001", '"x y"', "NS d."),
    fc.string({ maxLength: 3 }),
  );
  const property = fc.property(fc.array(word, { maxLength: 24 }), (words) => {
    const zone = readZoneFile(words.join(" "), { origin });
    if ("kind" in zone) return;
    const text = zone.records.map(recordToText).join("\n");
    assert.deepEqual(readZoneFile(text, { origin }), zone);
  });
  fc.assert(property, { numRuns: 3000 });
});
