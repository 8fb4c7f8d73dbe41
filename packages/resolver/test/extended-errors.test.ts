/** What a client is told by Extended DNS Errors, text and all, one situation after the other. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { readAnchors } from "../src/dnssec/anchor.ts";
import { explain } from "../src/recursor/explain.ts";
import { CASES_ZONE } from "../sim/sandbox-cases.ts";
import { SandboxWorld } from "../sim/sandbox-world.ts";

/** Codes and texts; `ZONE` stands for the case's zone, and tags and times are left out. */
function errorsOf(world: SandboxWorld, name: string, type = "A"): string[] {
  const question = { name: nameFromText(name, ROOT)!, type: typeFromText(type)!, class: 1 };
  const outcome = world.resolve(question);
  const { errors } = outcome.kind === "failed" ? explain(outcome) : outcome;
  return errors.map(({ code, text }) => `${code} ${text.replaceAll(/ = \d+/g, " = N")}`);
}

const cases: readonly (readonly [string, string, ...string[]])[] = [
  ["valid", ""],
  ["unsigned", ""],
  ["allow-query-none", "", "22 at delegation ZONE.", "23 127.53.4.12:53 rcode=REFUSED for ZONE. A"],
  ["not-auth", "", "22 at delegation ZONE."],
  ["v4-doc", "", "22 at delegation ZONE."],
  ["dsa", "", "1 no supported DNSKEY algorithm for ZONE."],
  ["ds-unassigned-digest-algo", "", "2 no supported DS digest type for ZONE."],
  ["bad-rrsig-ksk", "", "6 for DNSKEY ZONE., id = N: RRSIG ZONE. DNSKEY does not verify"],
  ["rrsig-exp-a", "", "7 for DNSKEY ZONE., id = N: RRSIG ZONE. A, expiration = N"],
  ["rrsig-not-yet-a", "", "8 for DNSKEY ZONE., id = N: RRSIG ZONE. A, inception = N"],
  ["ds-bad-tag", "", "9 no SEP matching the DS found for ZONE."],
  ["no-zsk", "", "9 no DNSKEY ZONE., id = N, for RRSIG ZONE. A"],
  ["rrsig-no-a", "", "10 no RRSIG found for ZONE. A"],
  ["no-rrsig-ksk", "", "10 for DNSKEY ZONE., id = N"],
  ["no-dnskey-257", "", "11 for DNSKEY ZONE., id = N"],
  ["nsec3-missing", "no", "12 no NSEC found for proof of non-existence of no.ZONE."],
  ["bad-nsec3-next", "no", "6 failed to verify proof of non-existence of no.ZONE."],
  [
    "rrsig-exp-before-a",
    "",
    "25 for DNSKEY ZONE., id = N: RRSIG ZONE. A, expiration before inception",
  ],
  ["nsec3-iter-51", "no", "27 NSEC3 iterations = N for ZONE."],
];

describe("of misconfigured zones is told", () => {
  for (const [name, label, ...expected] of cases) {
    const zone = `${name}.${CASES_ZONE}`;
    test(`${name}: ${expected.join("; ") || "nothing"}`, () => {
      const asked = label === "" ? zone : `${label}.${zone}`;
      const told = errorsOf(new SandboxWorld(), asked);
      assert.deepEqual(
        told.map((text) => text.replaceAll(zone, "ZONE")),
        expected,
      );
    });
  }
});

const broken: readonly (readonly [string, ...string[]])[] = [
  ["www.servfail.lethe", "23 127.53.3.4:53 rcode=SERVFAIL for www.servfail.lethe. A"],
  ["www.dead.lethe", "22 at delegation dead.lethe."],
  ["www.garbage.lethe", "24 malformed replies at delegation garbage.lethe."],
  ["www.loop.lethe", "0 too many aliases, or aliases in a circle"],
];

describe("of broken servers is told", () => {
  for (const [name, ...expected] of broken) {
    test(`${name}: ${expected.join("; ")}`, () => {
      assert.deepEqual(errorsOf(new SandboxWorld(), name), expected);
    });
  }
});

test("who is told a failure once more is told why it was, and that it is remembered", () => {
  const world = new SandboxWorld();
  const first = errorsOf(world, "www.dead.lethe");
  assert.deepEqual(errorsOf(world, "www.dead.lethe"), [...first, "13 failed a moment ago"]);
  const bogus = errorsOf(world, "www.bogus.lethe");
  assert.deepEqual(errorsOf(world, "www.bogus.lethe"), [...bogus, "13 failed a moment ago"]);
});

test("where no anchor stands above a name, its answer is indeterminate", () => {
  const anchors = readAnchors("example.org. DS 1 15 2 " + "00".repeat(32));
  assert.ok(!("kind" in anchors));
  const world = new SandboxWorld({ validation: { anchors } });
  assert.deepEqual(errorsOf(world, "www.river-news.com"), [
    "5 no trust anchor above www.river-news.com.",
    "5 no trust anchor above river-news.edge.near-cdn.net.",
  ]);
});
