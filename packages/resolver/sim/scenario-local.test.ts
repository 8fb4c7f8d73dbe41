/** Local zones, views and tags of Unbound's configurations, played as files would have them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replay } from "./replay-file.ts";

const head = `
server:
	access-control: 10.0.0.0/8 allow
`;

/** Everybody else's answer to every question. */
const tail = `
forward-zone:
	name: "example."
	forward-addr: 192.0.2.53
CONFIG_END
SCENARIO_BEGIN local zones
RANGE_BEGIN 0 100
ENTRY_BEGIN
MATCH opcode
ADJUST copy_id copy_query
REPLY QR NOERROR
SECTION QUESTION
x. IN A
SECTION ANSWER
www.example. IN A 192.0.2.99
ENTRY_END
RANGE_END
`;

/** A file in which a client asks for www.example, and must get an address or an RCODE. */
function fileOf(config: string, client: string, expected: string): string {
  const isAddress = /^[\d.]+$/.test(expected);
  const answer = isAddress ? `SECTION ANSWER\nwww.example. IN A ${expected}\n` : "";
  const code = isAddress ? "NOERROR" : expected;
  const asked = "SECTION QUESTION\nwww.example. IN A\n";
  return (
    `${head}${config}${tail}` +
    `STEP 1 QUERY ADDRESS ${client}\nENTRY_BEGIN\nREPLY RD\n${asked}ENTRY_END\n` +
    `STEP 2 CHECK_ANSWER\nENTRY_BEGIN\nMATCH all\nREPLY QR RD RA ${code}\n${asked}${answer}` +
    "ENTRY_END\nSCENARIO_END\n"
  );
}

const zone = (kind: string): string => `local-zone: example. ${kind}\n`;
const data = 'local-data: "www.example. A 192.0.2.1"\n';

const views = `${data}
	access-control-view: 10.1.0.0/16 first
	access-control-view: 10.2.0.0/16 alone
view:
	name: "first"
	view-first: yes
	local-data: "other.example. A 192.0.2.7"
view:
	name: "alone"
	local-zone: www.example. refuse
`;

const tags = `
	define-tag: "one two"
	access-control-tag: 10.1.0.0/16 "one"
	access-control-tag: 10.2.0.0/16 "two one"
	access-control-tag-action: 10.2.0.0/16 one redirect
	access-control-tag-data: 10.2.0.0/16 one "A 192.0.2.2"
	access-control-tag: 10.3.0.0/16 "two"
	access-control-tag: 10.4.0.0/16 "one"
	access-control-tag-action: 10.4.0.0/16 one always_nxdomain
	local-zone-tag: example. "one"
	${zone("static")}${data}
`;

const overridden = "local-zone-override: example. 10.1.0.0/16 always_refuse\n";
const override = zone("static") + data + overridden;

const rows: readonly (readonly [string, string, string, string])[] = [
  ["a static zone has its records", zone("static") + data, "10.0.0.1", "192.0.2.1"],
  ["a static zone has nothing else", zone("static"), "10.0.0.1", "NXDOMAIN"],
  ["a transparent zone lets others be asked", zone("transparent"), "10.0.0.1", "192.0.2.99"],
  ["a zone that refuses", zone("refuse"), "10.0.0.1", "REFUSED"],
  ["a zone without data", zone("always_nodata") + data, "10.0.0.1", "NOERROR"],
  ["a zone that does not exist at all", zone("always_nxdomain") + data, "10.0.0.1", "NXDOMAIN"],
  ["a zone that counts for nothing", zone("always_transparent") + data, "10.0.0.1", "192.0.2.99"],
  ["a zone of nobody's addresses", zone("always_null"), "10.0.0.1", "0.0.0.0"],
  [
    "a zone that redirects",
    `${zone("redirect")}local-data: "example. A 192.0.2.3"\n`,
    "10.0.0.1",
    "192.0.2.3",
  ],
  ["a zone whose addresses are blocked", zone("block_a"), "10.0.0.1", "NOERROR"],
  ["a zone whose other addresses are", zone("block_aaaa"), "10.0.0.1", "192.0.2.99"],
  ["who has no view", views, "10.0.0.1", "192.0.2.1"],
  ["a view that asks everybody's zones too", views, "10.1.0.1", "192.0.2.1"],
  ["a view that does not", views, "10.2.0.1", "REFUSED"],
  ["who has no tag", tags, "10.0.0.1", "192.0.2.99"],
  ["who has the zone's tag", tags, "10.1.0.1", "192.0.2.1"],
  ["whose tag has data of its own", tags, "10.2.0.1", "192.0.2.2"],
  ["who has another tag", tags, "10.3.0.1", "192.0.2.99"],
  ["whose tag makes it another kind", tags, "10.4.0.1", "NXDOMAIN"],
  ["who is not overridden", override, "10.0.0.1", "192.0.2.1"],
  ["who is", override, "10.1.0.1", "REFUSED"],
];

describe("a scenario's local zones", () => {
  for (const [title, config, client, expected] of rows) {
    test(`${title}: ${expected}`, () => {
      const verdict = replay(fileOf(config, client, expected));
      assert.equal(verdict.kind, "pass", JSON.stringify(verdict));
      const wrong = expected === "192.0.2.42" ? "192.0.2.43" : "192.0.2.42";
      assert.equal(replay(fileOf(config, client, wrong)).kind, "fail");
    });
  }

  test("a pointer is data by its address", () => {
    const config = 'local-data-ptr: "192.0.2.1 60 www.example"\n';
    const text = fileOf(config, "10.0.0.1", "NOERROR")
      .replaceAll("www.example. IN A\n", "1.2.0.192.in-addr.arpa. IN PTR\n")
      .replace(
        /ENTRY_END\nSCENARIO_END/,
        "SECTION ANSWER\n1.2.0.192.in-addr.arpa. IN PTR www.example.\n$&",
      );
    assert.deepEqual(replay(text), { kind: "pass", asks: 0, unmatched: 0 });
  });

  test("a kind that Lethe lacks is named", () => {
    const verdict = replay(fileOf(zone("ipset"), "10.0.0.1", "NOERROR"));
    assert.deepEqual(verdict, { kind: "skip", reason: "needs local zones of the kind ipset" });
  });
});
