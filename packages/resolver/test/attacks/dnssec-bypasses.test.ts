/**
 * The ways around DNSSEC that were found in resolvers in 2026: what a zone's keys have signed is
 * shown for something else.
 *
 * The zones are the sandbox's (sim/sandbox-bypasses.ts), so that anybody can ask for them.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { ipToText } from "../../src/base/address.ts";
import { explain } from "../../src/recursor/explain.ts";
import type { Outcome } from "../../src/recursor/outcome.ts";
import { name } from "../small-world.ts";

/** RCODE and errors of what is refused, or the verdict and the addresses. */
function said(outcome: Outcome): string {
  if (outcome.kind === "failed") {
    const { rcode: code, errors } = explain(outcome);
    assert.equal(code, rcode.SERVFAIL);
    const told = errors.map((error) => `${error.code} ${error.text}`).join("; ");
    return told.replaceAll(/ = \d+/g, " = N").replaceAll(".attacks.lethe.", "");
  }
  const addresses = outcome.answer.filter((set) => set.type === rrType.A);
  return [outcome.verdict, ...addresses.flatMap((set) => set.rdatas.map(ipToText))].join(" ");
}

function ask(world: SandboxWorld, text: string, type: number = rrType.A): string {
  return said(world.resolve({ name: name(text), type, class: 1 }));
}

const bypasses: readonly (readonly [title: string, asked: string, said: string])[] = [
  [
    "a signature with fewer labels than its signer stands for no wildcard above the zone",
    "www.few-labels.attacks.lethe",
    "6 for DNSKEY few-labels, id = N: RRSIG www.few-labels A has a wrong number of labels",
  ],
  [
    "an NSEC whose next name is outside the zone denies nothing",
    "nowhere.next-outside.attacks.lethe",
    "12 no NSEC found for proof of non-existence of nowhere.next-outside",
  ],
  [
    "an NSEC3 whose owner is not right below the signer denies nothing",
    "nowhere.nsec3-below.attacks.lethe",
    "6 failed to verify proof of non-existence of nowhere.nsec3-below",
  ],
  [
    "a wildcard's NSEC, shown at the name of a cut, is no proof that there is no DS",
    "www.victim.wildcard-nsec.attacks.lethe",
    "12 failed to verify an insecure referral proof for victim.wildcard-nsec",
  ],
  [
    "a wildcard's CNAME in the place of a DS makes no cut unsigned",
    "www.victim.wildcard-alias.attacks.lethe",
    "6 no proof that victim.wildcard-alias had to come from a wildcard",
  ],
  [
    "a proof from above a known DS says nothing of names below it",
    "www.victim.from-above.attacks.lethe",
    "10 no RRSIG by victim.from-above found for victim.from-above NSEC",
  ],
  [
    "an unsigned CNAME that its DNAME does not make is refused",
    "www.moved.dname-alias.attacks.lethe",
    "6 a CNAME below a DNAME contradicts it: www.moved.dname-alias",
  ],
];

describe("in 2026", () => {
  for (const [title, asked, expected] of bypasses) {
    test(title, () => {
      assert.equal(ask(new SandboxWorld(), asked), expected);
    });

    test(`${title}, the zone's keys and neighbours being known`, () => {
      const world = new SandboxWorld();
      const zone = asked.split(".").slice(-3).join(".");
      for (const type of [rrType.DNSKEY, rrType.NS, rrType.DS]) ask(world, zone, type);
      ask(world, `other.${zone}`);
      assert.equal(ask(world, asked), expected);
    });
  }
});

test("what the same zones say truly is believed", () => {
  const world = new SandboxWorld();
  for (const zone of ["next-outside", "nsec3-below", "wildcard-nsec", "from-above"]) {
    assert.equal(ask(world, `www.${zone}.attacks.lethe`), "secure 198.18.8.1");
  }
});
