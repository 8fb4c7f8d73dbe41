/** Zones that were got as a whole: which are believed, and why the others are not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { sandboxRootZone } from "../../sim/sandbox-root.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { type TrustAnchor, readAnchors, rootAnchor } from "./anchor.ts";
import type { Terms } from "./judging.ts";
import { WorkBudget } from "./work-budget.ts";
import { type DigestTerms, checkZone, zoneTimes } from "./zone-check.ts";

const NOW_S = 1_800_000_000;
const anchors = readAnchors(sandboxTrustAnchors());
assert.ok(!("kind" in anchors));
const [anchor] = anchors;

const zone = sandboxRootZone({ nowS: NOW_S });

function terms(nowS: number = NOW_S): Terms {
  return { nowS, trustsSha1: false, work: new WorkBudget() };
}

const without = (type: number): ResourceRecord[] => zone.filter((record) => record.type !== type);
const unsigned = (type: number): ResourceRecord[] =>
  zone.filter((record) => record.type !== rrType.RRSIG || coveredType(record.rdata) !== type);
const altered = (type: number): ResourceRecord[] =>
  zone.map((record) => {
    if (record.type !== type) return record;
    const rdata = record.rdata.slice();
    rdata[rdata.length - 1]! ^= 1;
    return { ...record, rdata };
  });

interface Case {
  readonly records?: readonly ResourceRecord[];
  readonly anchor?: TrustAnchor | undefined;
  readonly nowS?: number;
  readonly digest?: DigestTerms;
  readonly why: string | undefined;
}

const cases: readonly (readonly [string, Case])[] = [
  ["as it was published", { why: undefined }],
  ["with the digest alone, where nothing is validated", { anchor: undefined, why: undefined }],
  ["with another address of a name server", { records: altered(rrType.A), why: "its digest is" }],
  ["without an address", { records: zone.slice(0, -1), why: "its digest is another's" }],
  ["without a digest", { records: without(rrType.ZONEMD), why: "it has no digest" }],
  [
    "with a digest that nobody signed",
    { records: unsigned(rrType.ZONEMD), why: "its digest: no RRSIG found for . ZONEMD" },
  ],
  ["with another digest", { records: altered(rrType.ZONEMD), why: "its digest: for DNSKEY" }],
  [
    "with a SOA record that nobody signed",
    { records: unsigned(rrType.SOA), why: "its SOA record" },
  ],
  ["without a SOA record", { records: without(rrType.SOA), why: "it has no SOA record" }],
  ["without keys", { records: without(rrType.DNSKEY), why: "its keys" }],
  ["with somebody's keys", { anchor: rootAnchor(), why: "its keys" }],
  ["whose signatures have expired", { nowS: NOW_S + 60 * 86_400, why: "its keys" }],
  [
    "altered, where nothing is validated",
    { anchor: undefined, records: altered(rrType.DS), why: "its digest is another's" },
  ],
  [
    "without a digest, where it need not have one",
    { records: without(rrType.ZONEMD), digest: "if-there", why: undefined },
  ],
  [
    "with another digest, where it need not have one",
    { anchor: undefined, records: altered(rrType.A), digest: "if-there", why: "its digest is" },
  ],
  [
    "with another digest, where it does not matter",
    { records: altered(rrType.A), digest: "ignored", why: undefined },
  ],
  [
    "whose digest nobody signed, where it need not have one",
    { records: unsigned(rrType.ZONEMD), digest: "if-there", why: "its digest: no RRSIG" },
  ],
  ["that has nothing, where no digest matters", { records: [], digest: "ignored", why: "it has" }],
  ["that has nothing", { records: [], why: "it has no SOA record" }],
];

describe("a zone", () => {
  for (const [title, one] of cases) {
    test(`${title} is ${one.why === undefined ? "believed" : "not believed"}`, () => {
      const by = "anchor" in one ? one.anchor : anchor;
      const check = checkZone(one.records ?? zone, ROOT, {
        ...terms(one.nowS),
        anchor: by,
        digest: one.digest ?? "required",
      });
      if (one.why === undefined) {
        const times = { serial: 1, refreshS: 1800, retryS: 900, expireS: 604_800 };
        assert.deepEqual(check, { kind: "good", times });
      } else {
        assert.ok(check.kind === "bad" && check.why.startsWith(one.why), JSON.stringify(check));
      }
    });
  }
});

test("a SOA record that is cut short says nothing", () => {
  assert.equal(zoneTimes(new Uint8Array(21)), undefined);
});
