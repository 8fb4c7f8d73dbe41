/** The scenario player: what it must accept, and above all what it must not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Verdict, dialectOf, replay } from "./replay-file.ts";

const servers = `
RANGE_BEGIN 0 100
ADDRESS 193.0.14.129
ENTRY_BEGIN
MATCH opcode qtype qname
ADJUST copy_id
REPLY QR AA NOERROR
SECTION QUESTION
. IN NS
SECTION ANSWER
. IN NS k.root-servers.net.
SECTION ADDITIONAL
k.root-servers.net. IN A 193.0.14.129
ENTRY_END
ENTRY_BEGIN
MATCH opcode subdomain
ADJUST copy_id copy_query
REPLY QR NOERROR
SECTION QUESTION
com. IN NS
SECTION AUTHORITY
com. IN NS ns.com.
SECTION ADDITIONAL
ns.com. IN A 192.5.6.30
ENTRY_END
RANGE_END
RANGE_BEGIN 0 100
ADDRESS 192.5.6.30
ENTRY_BEGIN
MATCH opcode qtype qname
ADJUST copy_id
REPLY QR AA NOERROR
SECTION QUESTION
www.com. IN A
SECTION ANSWER
www.com. 300 IN A 192.0.2.1
www.com. 300 IN A 192.0.2.2
ENTRY_END
ENTRY_BEGIN
MATCH opcode subdomain
ADJUST copy_id copy_query
REPLY QR AA NXDOMAIN
SECTION QUESTION
no.com. IN A
SECTION AUTHORITY
com. 300 IN SOA ns.com. host.com. 1 2 3 4 300
ENTRY_END
RANGE_END
`;

const query = `
STEP 1 QUERY
ENTRY_BEGIN
REPLY RD
SECTION QUESTION
NAME IN A
ENTRY_END
`;

const expected = `
STEP 10 CHECK_ANSWER
ENTRY_BEGIN
MATCH all ttl
REPLY QR RD RA NOERROR
SECTION QUESTION
www.com. IN A
SECTION ANSWER
www.com. 300 IN A 192.0.2.1
www.com. 300 IN A 192.0.2.2
ENTRY_END
`;

const denied = `
STEP 10 CHECK_ANSWER
ENTRY_BEGIN
MATCH all ttl
REPLY QR RD RA NXDOMAIN
SECTION QUESTION
no.com. IN A
SECTION AUTHORITY
com. 300 IN SOA ns.com. host.com. 1 2 3 4 300
ENTRY_END
`;

const unboundConfig = 'server:\nqname-minimisation: no\nstub-zone:\nname: "."\n';

function scenario(steps: string, config = unboundConfig): string {
  return `${config}stub-addr: 193.0.14.129
CONFIG_END
SCENARIO_BEGIN a scenario of our own
${servers}
${steps}
SCENARIO_END
`;
}

const good = scenario(query.replace("NAME", "www.com.") + expected);
const goodDenial = scenario(query.replace("NAME", "no.com.") + denied);
const deckard = scenario(query.replace("NAME", "www.com.") + expected, "query-minimization: off\n");

test("the dialects are told apart by their configuration", () => {
  assert.equal(dialectOf(good), "unbound");
  assert.equal(dialectOf(deckard), "deckard");
});

for (const [title, text] of [
  ["a scenario whose answer is right passes", good],
  ["a scenario whose denial is right passes", goodDenial],
  ["the same in the other dialect passes", deckard],
  ["records in another order pass", swap(good, "192.0.2.1", "192.0.2.2")],
] as const) {
  test(title, () => {
    assert.equal(replay(text).kind, "pass", JSON.stringify(replay(text)));
  });
}

/** Exchanges two texts in the expectation. */
function swap(text: string, a: string, b: string): string {
  const at = text.indexOf("CHECK_ANSWER");
  const tail = text.slice(at).replaceAll(a, "\0").replaceAll(b, a).replaceAll("\0", b);
  return text.slice(0, at) + tail;
}

/** Changes the expectation only, and makes sure that it was changed. */
function altered(text: string, from: string, to: string): string {
  const at = text.indexOf("CHECK_ANSWER");
  const tail = text.slice(at).replace(from, to);
  assert.notEqual(tail, text.slice(at), "the alteration altered something");
  return text.slice(0, at) + tail;
}

const alterations: [string, string, string, string, RegExp][] = [
  ["another RCODE", good, "NOERROR", "NXDOMAIN", /-rcode NXDOMAIN/],
  ["another record", good, "192.0.2.1\n", "192.0.2.9\n", /\+www\.com\..*192\.0\.2\.1/],
  ["a record too many", good, "www.com. 300 IN A 192.0.2.1\n", "", /\+www\.com\./],
  ["a record too few", good, "ENTRY_END", "www.com. 300 IN A 192.0.2.3\nENTRY_END", /-www\.com\./],
  [
    "an answer that is empty",
    good,
    "www.com. 300 IN A 192.0.2.1\nwww.com. 300 IN A 192.0.2.2\n",
    "",
    /\+/,
  ],
  [
    "another owner",
    good,
    "www.com. 300 IN A 192.0.2.1",
    "ww.com. 300 IN A 192.0.2.1",
    /-ww\.com\./,
  ],
  ["another type", good, "IN A 192.0.2.1", 'IN TXT "192.0.2.1"', /TXT/],
  ["another TTL", good, "300 IN A 192.0.2.1", "299 IN A 192.0.2.1", /299/],
  ["a flag that is not set", good, "QR RD RA", "QR RD RA AD", /flag AD/],
  ["a flag that is set", good, "QR RD RA", "QR RA", /flag RD/],
  ["RA that is missing", good, "QR RD RA", "QR RD", /flag RA/],
  ["TC that is not set", good, "QR RD RA", "QR TC RD RA", /flag TC/],
  ["CD that is not set", good, "QR RD RA", "QR RD RA CD", /flag CD/],
  ["another question", good, "www.com. IN A\n", "ww.com. IN A\n", /question ww\.com\./],
  ["an extended error", good, "MATCH all ttl", "MATCH all ede=any", /extended error/],
  ["a denial with another SOA", goodDenial, "SOA ns.com.", "SOA ns2.com.", /ns2\.com\./],
  [
    "a denial without SOA",
    goodDenial,
    "com. 300 IN SOA ns.com. host.com. 1 2 3 4 300\n",
    "",
    /SOA/,
  ],
  ["a denial with another TTL", goodDenial, "300 IN SOA", "200 IN SOA", /200/],
];

for (const [title, text, from, to, difference] of alterations) {
  test(`an expectation of ${title} fails`, () => {
    const verdict = replay(altered(text, from, to));
    assert.equal(verdict.kind, "fail");
    assert.match(differenceOf(verdict), difference);
  });
}

function differenceOf(verdict: Verdict): string {
  return verdict.kind === "fail" ? verdict.difference.join("\n") : "";
}

const unknowns: [string, string, string, string][] = [
  ["directive", "RANGE_END\n", "RANGE_END\nSURPRISE 1\n", "SURPRISE is unknown"],
  ["directive in an entry", "MATCH opcode qtype qname", "SURPRISE\nMATCH opcode", "SURPRISE"],
  ["word behind MATCH", "MATCH opcode qtype", "MATCH opcode surprise", "MATCH surprise"],
  ["word behind ADJUST", "ADJUST copy_id", "ADJUST copy_id surprise", "ADJUST surprise"],
  ["word behind REPLY", "REPLY QR AA", "REPLY QR AA SURPRISE", "REPLY SURPRISE"],
  ["section", "SECTION ADDITIONAL", "SECTION SURPRISE", "SECTION SURPRISE"],
  ["kind of step", "STEP 1 QUERY", "STEP 1 SURPRISE", "STEP SURPRISE"],
  ["setting", "server:", "server:\nsurprise: yes", "surprise is unknown"],
  ["type", "k.root-servers.net. IN A", "k.root-servers.net. IN SURPRISE", "no type"],
  ["word behind a step", "STEP 1 QUERY", "STEP 1 QUERY SURPRISE", "SURPRISE"],
  ["end", "SCENARIO_END", "", "ends too early"],
];

for (const [title, from, to, why] of unknowns) {
  test(`an unknown ${title} fails the file`, () => {
    assert.ok(good.includes(from));
    const verdict = replay(good.replace(from, to));
    assert.equal(verdict.kind, "fail");
    assert.match(verdict.kind === "fail" ? verdict.why : "", new RegExp(`^line \\d+: .*${why}`));
  });
}

test("a feature that is lacking skips the file and is named", () => {
  const verdict = replay(good.replace("server:", "server:\ndns64-prefix: 64:ff9b::/96"));
  assert.deepEqual(verdict, { kind: "skip", reason: "needs DNS64" });
});

test("a check without an answer fails", () => {
  assert.equal(replay(scenario(expected)).kind, "fail");
});

test("a question that nobody asks upstream fails its CHECK_OUT_QUERY", () => {
  const out = "STEP 5 CHECK_OUT_QUERY\nENTRY_BEGIN\nMATCH qname\nSECTION QUESTION\nx.com. IN A\n";
  const verdict = replay(good.replace("STEP 10", `${out}ENTRY_END\nSTEP 10`));
  assert.equal(verdict.kind, "fail");
});

test("TTLs count down as TIME_PASSES says, and only then", () => {
  const later = `STEP 20 TIME_PASSES ELAPSE 100
${query.replace("NAME", "www.com.").replace("STEP 1", "STEP 30")}
${expected.replace("STEP 10", "STEP 40").replaceAll("300", "200")}`;
  assert.equal(replay(good.replace("SCENARIO_END", `${later}SCENARIO_END`)).kind, "pass");
  const wrong = later.replace("ELAPSE 100", "ELAPSE 99");
  assert.equal(replay(good.replace("SCENARIO_END", `${wrong}SCENARIO_END`)).kind, "fail");
});

/** Entries that answer NS questions only, as files do whose author shows parts of names so. */
const partsByNs = deckard
  .replace("query-minimization: off", "query-minimization: on")
  .replace("MATCH opcode subdomain\nADJUST copy_id copy_query\nREPLY QR NOERROR", () =>
    ["MATCH opcode qtype qname", "ADJUST copy_id", "REPLY QR NOERROR"].join("\n"),
  );

test("a referral in an entry for NS answers the same part of a name with type A", () => {
  assert.equal(replay(partsByNs).kind, "pass");
});

for (const [title, text] of [
  ["data of type NS says nothing of type A", partsByNs.replace("AUTHORITY\ncom.", "ANSWER\ncom.")],
  ["a refusal of NS says nothing of type A", partsByNs.replace("QR NOERROR", "QR SERVFAIL")],
  ["who shows whole names has no parts", partsByNs.replace("minimization: on", "minimization: no")],
] as const) {
  test(title, () => {
    assert.notEqual(text, partsByNs);
    assert.equal(replay(text).kind, "fail");
  });
}
