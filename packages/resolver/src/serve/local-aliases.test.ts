/** Aliases between local names and public ones, through the door. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { SmallResolver } from "../../test/small-resolver.ts";
import { type Said, name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { LocalZone } from "./local-zones.ts";
import type { ResolverOptions } from "./resolver.ts";

function local(zone: string, text: string, others: LocalZone["others"] = "no-name"): LocalZone {
  const read = readZoneFile(text, { origin: name(zone), ttlS: 60 });
  assert.ok(!("kind" in read));
  return { zone: name(zone), records: read.records, others };
}

/** The public server says nothing any more. */
let isDead = false;

/** What the one public server says. */
const said: Readonly<Record<string, Said>> = {
  "www.example.": { answer: ["www.example A 192.0.2.1"] },
  "inward.example.": { answer: ["inward.example CNAME host.home.test"] },
  "lost.example.": { answer: ["lost.example CNAME gone.home.test"] },
  "deep.example.": { answer: ["deep.example CNAME inward.example"] },
  "whole.example.": {
    answer: ["whole.example CNAME own.example", "own.example A 192.0.2.66"],
  },
  "back.example.": { answer: ["back.example CNAME forth.home.test"] },
  "round.example.": { answer: ["round.example CNAME round.home.test"] },
  "moved.example.": { answer: ["moved.example DNAME home.test"] },
  "host.moved.example.": { answer: ["moved.example DNAME home.test"] },
  "dead.example.": { rcode: rcode.SERVFAIL },
};

function newResolver(options: Partial<ResolverOptions> = {}): SmallResolver {
  return new SmallResolver(
    {
      "10.0.0.1": (qname) => {
        if (isDead) return undefined;
        const isThere = qname === "example." || qname === ".";
        const none = { rcode: isThere ? rcode.NOERROR : rcode.NXDOMAIN, authority: [". SOA 60"] };
        return { aa: true, ...(said[qname] ?? none) };
      },
    },
    {
      localZones: [
        local(
          "home.test",
          "host A 10.0.0.7\noutward CNAME www.example.\nfar CNAME deep.example.\n" +
            "forth CNAME www.example.\nround CNAME round.example.\nnowhere CNAME none.example.\n" +
            "dead CNAME dead.example.\n",
        ),
        local("example", "own A 10.0.0.8\n", "resolve"),
      ],
    },
    options,
  );
}

/** RCODE and records: `name type data`. */
function told(message: Message): string[] {
  const texts = message.answer.map((record) => {
    const [owner, , , type, ...data] = recordToText(record).split("\t");
    return [owner, type, ...data].join(" ");
  });
  return [rcodeToText(fullRcode(message)), ...texts];
}

const HOST = "host.home.test. A 10.0.0.7";
const WWW = "www.example. A 192.0.2.1";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a public alias to a local name",
    "inward.example",
    ["NOERROR", "inward.example. CNAME host.home.test.", HOST],
  ],
  [
    "a public alias to a local name that is not there",
    "lost.example",
    ["NXDOMAIN", "lost.example. CNAME gone.home.test."],
  ],
  [
    "public aliases to a local name",
    "deep.example",
    [
      "NOERROR",
      "deep.example. CNAME inward.example.",
      "inward.example. CNAME host.home.test.",
      HOST,
    ],
  ],
  [
    "an alias whose target a server tells too",
    "whole.example",
    ["NOERROR", "whole.example. CNAME own.example.", "own.example. A 10.0.0.8"],
  ],
  [
    "a local alias to a public name",
    "outward.home.test",
    ["NOERROR", "outward.home.test. CNAME www.example.", WWW],
  ],
  [
    "a local alias to a public alias to a local name",
    "far.home.test",
    [
      "NOERROR",
      "far.home.test. CNAME deep.example.",
      "deep.example. CNAME inward.example.",
      "inward.example. CNAME host.home.test.",
      HOST,
    ],
  ],
  [
    "a public alias to a local alias to a public name",
    "back.example",
    ["NOERROR", "back.example. CNAME forth.home.test.", "forth.home.test. CNAME www.example.", WWW],
  ],
  [
    "a local alias to a public name that is not there",
    "nowhere.home.test",
    ["NXDOMAIN", "nowhere.home.test. CNAME none.example."],
  ],
  ["a local alias to a public name that fails", "dead.home.test", ["SERVFAIL"]],
  [
    "a public DNAME to a local zone",
    "host.moved.example",
    [
      "NOERROR",
      "moved.example. DNAME home.test.",
      "host.moved.example. CNAME host.home.test.",
      HOST,
    ],
  ],
];

describe("an answer", () => {
  for (const [title, asked, expected] of cases) {
    test(`follows ${title}, also from the cache, and asks nobody for local names`, () => {
      const small = newResolver();
      for (let round = 0; round < 2; round++) {
        assert.deepEqual(told(small.answer({ name: asked })), expected);
      }
      assert.ok(!small.world.asked.some((one) => one.includes("home.test")));
      const { flags } = small.answer({ name: asked, flags: flag.ad, udpSize: 1232 }).header;
      assert.equal(flags & flag.ad, 0);
    });
  }

  test("of an alias alone is the alias, whatever it leads to", () => {
    const small = newResolver();
    assert.deepEqual(told(small.answer({ name: "inward.example", type: rrType.CNAME })), [
      "NOERROR",
      "inward.example. CNAME host.home.test.",
    ]);
    assert.deepEqual(told(small.answer({ name: "outward.home.test", type: rrType.CNAME })), [
      "NOERROR",
      "outward.home.test. CNAME www.example.",
    ]);
  });

  test("without recursion has the local alias alone", () => {
    const answer = newResolver().answer({ name: "outward.home.test", rd: false });
    assert.deepEqual(told(answer), ["NOERROR", "outward.home.test. CNAME www.example."]);
  });

  test("in circles ends", () => {
    const answer = newResolver().answer({ name: "round.example" });
    assert.ok(answer.answer.length <= 3 * limits.localAliasesMax.value);
  });

  test("that is stale has what the configuration says now", () => {
    const stale = { limitS: 3600, ttlS: 30, recheckS: 30, clientTimeoutMs: 1800 };
    const small = newResolver({ stale });
    const expected = ["NOERROR", "whole.example. CNAME own.example.", "own.example. A 10.0.0.8"];
    assert.deepEqual(told(small.answer({ name: "whole.example" })), expected);
    small.world.run(small.world.nowMs() + 400_000);
    isDead = true;
    assert.deepEqual(told(small.answer({ name: "whole.example" })), expected);
    isDead = false;
    assert.ok(small.resolver.stats.counts["stale"]! > 0);
  });
});
