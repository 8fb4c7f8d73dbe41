/** What an authority says, by the section of the RFC that asks for it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { Authority } from "./authority.ts";
import { type Query, asked, linesOf, queryFor, zone } from "./zone-asking.ts";

type Rows = readonly (readonly [title: string, question: string, ...expected: string[]])[];

function check(authority: Authority, rows: Rows): void {
  for (const [title, question, ...expected] of rows) {
    test(`${title}: ${question}`, () => {
      assert.deepEqual(linesOf(asked(authority, question)), expected);
    });
  }
}

const SOA = "@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 192.0.2.1\n";
const EXAMPLE = zone(
  "example",
  `${SOA}www A 192.0.2.10
www TXT "here"
alias CNAME www
alias2 CNAME alias
away CNAME www.elsewhere.
hanging CNAME nothing
self CNAME self
round CNAME about
about CNAME round
@ MX 10 www
deep.below.empty A 192.0.2.11
sub NS ns.sub
sub NS ns.elsewhere.
ns.sub A 192.0.2.20
ns.sub AAAA 2001:db8::20
into CNAME www.sub
moved DNAME new.elsewhere.
inside DNAME empty
`,
);
const DENIAL = "authority example. SOA …";

describe("RFC 1034 §4.3.2: an authority", () => {
  const authority = new Authority([
    { zone: EXAMPLE, behaviours: [] },
    { zone: zone("child.example", `${SOA}www A 192.0.2.77\n`), behaviours: [] },
  ]);
  check(authority, [
    ["answers", "www.example A", "NOERROR aa", "answer www.example. A 192.0.2.10"],
    [
      "answers in any letter case",
      "WWW.eXample TXT",
      "NOERROR aa",
      'answer WWW.eXample. TXT "here"',
    ],
    [
      "chases an alias within the zone",
      "alias2.example A",
      "NOERROR aa",
      "answer alias2.example. CNAME alias.example.",
      "answer alias.example. CNAME www.example.",
      "answer www.example. A 192.0.2.10",
    ],
    [
      "gives an alias itself to who asks for it",
      "alias2.example CNAME",
      "NOERROR aa",
      "answer alias2.example. CNAME alias.example.",
    ],
    [
      "leaves an alias out of the zone to the asker",
      "away.example A",
      "NOERROR aa",
      "answer away.example. CNAME www.elsewhere.",
    ],
    [
      "denies what an alias leads to (RFC 6604 §2.1)",
      "hanging.example A",
      "NXDOMAIN aa",
      "answer hanging.example. CNAME nothing.example.",
      DENIAL,
    ],
    [
      "ends where an alias leads to itself",
      "self.example A",
      "NOERROR aa",
      "answer self.example. CNAME self.example.",
    ],
    [
      "ends where aliases lead round",
      "round.example A",
      "NOERROR aa",
      "answer round.example. CNAME about.example.",
      "answer about.example. CNAME round.example.",
    ],
    [
      "refers with glue, and without authority",
      "www.sub.example A",
      "NOERROR",
      "authority sub.example. NS ns.sub.example.",
      "authority sub.example. NS ns.elsewhere.",
      "additional ns.sub.example. A 192.0.2.20",
      "additional ns.sub.example. AAAA 2001:db8::20",
    ],
    [
      "refers for what stands at a cut",
      "sub.example NS",
      "NOERROR",
      "authority sub.example. NS ns.sub.example.",
      "authority sub.example. NS ns.elsewhere.",
      "additional ns.sub.example. A 192.0.2.20",
      "additional ns.sub.example. AAAA 2001:db8::20",
    ],
    [
      "refers behind an alias",
      "into.example A",
      "NOERROR aa",
      "answer into.example. CNAME www.sub.example.",
      "authority sub.example. NS ns.sub.example.",
      "authority sub.example. NS ns.elsewhere.",
      "additional ns.sub.example. A 192.0.2.20",
      "additional ns.sub.example. AAAA 2001:db8::20",
    ],
    [
      "says itself what a cut has of DS (RFC 4035 §3.1.4.1)",
      "sub.example DS",
      "NOERROR aa",
      DENIAL,
    ],
    [
      "adds addresses of what MX names",
      "example MX",
      "NOERROR aa",
      "answer example. MX 10 www.example.",
      "additional www.example. A 192.0.2.10",
    ],
    [
      "gives all that a name has to ANY",
      "www.example ANY",
      "NOERROR aa",
      "answer www.example. A 192.0.2.10",
      'answer www.example. TXT "here"',
    ],
    [
      "answers from the nearest of its zones",
      "www.child.example A",
      "NOERROR aa",
      "answer www.child.example. A 192.0.2.77",
    ],
    ["asks the upper of two zones for DS", "child.example DS", "NXDOMAIN aa", DENIAL],
    ["refuses what lies in none of its zones", "www.other A", "REFUSED"],
    ["refuses other classes", "www.example A 3", "REFUSED"],
    ["refuses transfers", "example AXFR", "REFUSED"],
  ]);
});

describe("RFC 2308 §2: a denial", () => {
  const authority = new Authority([{ zone: EXAMPLE, behaviours: [] }]);
  check(authority, [
    ["of a name", "nothing.example A", "NXDOMAIN aa", DENIAL],
    ["of a type", "www.example AAAA", "NOERROR aa", DENIAL],
    [
      "of a type behind an alias",
      "alias.example AAAA",
      "NOERROR aa",
      "answer alias.example. CNAME www.example.",
      DENIAL,
    ],
    ["of a type at an empty non-terminal", "below.empty.example A", "NOERROR aa", DENIAL],
  ]);
  test("has an SOA whose TTL is how long it counts (RFC 2308 §3)", () => {
    assert.equal(asked(authority, "nothing.example A").authority[0]!.ttl, 300);
    assert.equal(asked(authority, "example SOA").answer[0]!.ttl, 3600);
  });
});

describe("RFC 4592: a wildcard", () => {
  // The zone of RFC 4592 §2.2.1, and the questions that it is asked there.
  const authority = new Authority([
    {
      zone: zone(
        "example",
        `${SOA}* TXT "this is a wildcard"
* MX 10 host1
sub.* TXT "this is not a wildcard"
host1 A 192.0.2.1
_ssh._tcp.host1 SRV 0 0 22 host1
_ssh._tcp.host2 SRV 0 0 22 host1
subdel NS ns.example.com.
`,
      ),
      behaviours: [],
    },
  ]);
  check(authority, [
    [
      "answers for a name below its encloser",
      "host3.example MX",
      "NOERROR aa",
      "answer host3.example. MX 10 host1.example.",
      "additional host1.example. A 192.0.2.1",
    ],
    ["has no data of other types", "host3.example A", "NOERROR aa", DENIAL],
    [
      "answers several labels below",
      "foo.bar.example TXT",
      "NOERROR aa",
      'answer foo.bar.example. TXT "this is a wildcard"',
    ],
    ["does not stand for a name that exists", "host1.example MX", "NOERROR aa", DENIAL],
    ["does not stand for a name that stands for itself", "sub.*.example MX", "NOERROR aa", DENIAL],
    [
      "does not stand below a name that exists",
      "_telnet._tcp.host1.example SRV",
      "NXDOMAIN aa",
      DENIAL,
    ],
    [
      "does not stand below a cut",
      "host.subdel.example A",
      "NOERROR",
      "authority subdel.example. NS ns.example.com.",
    ],
    ["does not stand below itself (RFC 4592 §2.2.1)", "ghost.*.example MX", "NXDOMAIN aa", DENIAL],
    [
      "can be asked for by its own name",
      "*.example TXT",
      "NOERROR aa",
      'answer *.example. TXT "this is a wildcard"',
    ],
  ]);
});

describe("RFC 6672: a DNAME", () => {
  const long = "a".repeat(63);
  const authority = new Authority([
    { zone: EXAMPLE, behaviours: [] },
    { zone: zone("long", `${SOA}@ DNAME ${long}.${long}.${long}.long.\n`), behaviours: [] },
  ]);
  check(authority, [
    [
      "redirects what is below it, with a CNAME made up",
      "a.b.moved.example A",
      "NOERROR aa",
      "answer moved.example. DNAME new.elsewhere.",
      "answer a.b.moved.example. CNAME a.b.new.elsewhere.",
    ],
    [
      "is followed within the zone",
      "deep.below.inside.example A",
      "NOERROR aa",
      "answer inside.example. DNAME empty.example.",
      "answer deep.below.inside.example. CNAME deep.below.empty.example.",
      "answer deep.below.empty.example. A 192.0.2.11",
    ],
    ["does not redirect its own name (RFC 6672 §2.3)", "moved.example A", "NOERROR aa", DENIAL],
    ["is data", "moved.example DNAME", "NOERROR aa", "answer moved.example. DNAME new.elsewhere."],
    [
      "says YXDOMAIN where the new name is too long (RFC 6672 §2.2)",
      `${long}.long A`,
      "YXDOMAIN aa",
      `answer long. DNAME ${long}.${long}.${long}.long.`,
    ],
  ]);
});

describe("RFC 6891: EDNS", () => {
  const many = Array.from({ length: 80 }, (_, i) => `many A 192.0.2.${i}\n`).join("");
  const glue = Array.from({ length: 40 }, (_, i) => {
    return `sub NS ns${i}.sub\nns${i}.sub A 192.0.2.${i}\n`;
  }).join("");
  const authority = new Authority([
    { zone: zone("example", `${SOA}${many}${glue}www A 192.0.2.10\n`), behaviours: [] },
  ]);

  test("an OPT record is answered with one, and its lack with none", () => {
    assert.equal(asked(authority, "www.example A").opt, undefined);
    const { opt } = asked(authority, "www.example A", { udpSize: 4096, dnssecOk: true });
    assert.deepEqual(opt, {
      udpSize: 1232,
      extendedRcode: 0,
      version: 0,
      dnssecOk: true,
      options: [],
    });
  });

  test("a version above 0 is told BADVERS (RFC 6891 §6.1.3)", () => {
    const message = asked(authority, "www.example A", { udpSize: 1232, version: 1 });
    assert.deepEqual(linesOf(message), ["BADVERS"]);
  });

  const sizes: readonly (readonly [title: string, options: Query, isCut: boolean])[] = [
    ["512 bytes without EDNS", {}, true],
    ["512 bytes where less is offered", { udpSize: 100 }, true],
    ["1232 bytes where more is offered", { udpSize: 4096 }, true],
    ["all over TCP", { transport: "tcp" }, false],
  ];
  for (const [title, options, isCut] of sizes) {
    test(`a reply has at most ${title}`, () => {
      const message = asked(authority, "many.example A", options);
      assert.equal((message.header.flags & flag.tc) !== 0, isCut);
      assert.equal(message.answer.length, isCut ? 0 : 80);
    });
  }

  test("a referral whose glue does not fit says so (RFC 9471 §3)", () => {
    const cut = asked(authority, "www.sub.example A", { udpSize: 1232 });
    assert.notEqual(cut.header.flags & flag.tc, 0);
    const whole = asked(authority, "www.sub.example A", { transport: "tcp" });
    assert.equal(whole.additional.length, 40);
  });
});

describe("what is no question", () => {
  const authority = new Authority([{ zone: EXAMPLE, behaviours: [] }]);
  const query = queryFor("www.example A");
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = query.slice();
    bytes[at] = value;
    return bytes;
  };
  const rows: readonly (readonly [
    title: string,
    bytes: Uint8Array,
    expected: string | undefined,
  ])[] = [
    ["less than a header", query.slice(0, 11), undefined],
    ["a reply", changed(2, 0x80), undefined],
    ["a header that promises more", changed(5, 2), "FORMERR"],
    ["a header alone, without a question", new Uint8Array(12), "FORMERR"],
    ["another opcode", changed(2, 4 << 3), "NOTIMP"],
  ];
  for (const [title, bytes, expected] of rows) {
    test(`${title} is told ${expected ?? "nothing"}`, () => {
      const reply = authority.reply(bytes, "udp").messages[0];
      const message = reply === undefined ? undefined : readMessage(reply);
      const said = message?.kind === "message" ? rcodeToText(fullRcode(message)) : undefined;
      assert.equal(said, expected);
    });
  }

  test("random bytes behind a good header never throw, and get a reply that can be read", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(3), (bytes, count) => {
      const hostile = Uint8Array.of(0, 1, 0, 0, 0, 1, 0, count, 0, count, 0, count, ...bytes);
      const [reply] = authority.reply(hostile, "udp").messages;
      assert.ok(reply !== undefined && readMessage(reply).kind === "message");
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("RD comes back, AD and CD do not (RFC 4035 §3.1.6)", () => {
    const flags = flag.rd | flag.ad | flag.cd;
    const { header } = asked(authority, "www.example A", { flags });
    assert.equal(header.flags, flag.qr | flag.aa | flag.rd);
  });
});
