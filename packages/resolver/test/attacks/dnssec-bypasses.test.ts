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
    return errors.map((error) => `${error.code} ${error.text}`).join("; ");
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
    "6 a signature with a wrong number of labels",
  ],
  [
    "an NSEC whose next name is outside the zone denies nothing",
    "nowhere.next-outside.attacks.lethe",
    "12 the zone is signed and does not prove the denial",
  ],
  [
    "an NSEC3 whose owner is not right below the signer denies nothing",
    "nowhere.nsec3-below.attacks.lethe",
    "12 the zone is signed and does not prove the denial",
  ],
  [
    "a wildcard's NSEC, shown at the name of a cut, is no proof that there is no DS",
    "www.victim.wildcard-nsec.attacks.lethe",
    "12 the zone is signed and does not prove the denial",
  ],
  [
    "a wildcard's CNAME in the place of a DS makes no cut unsigned",
    "www.victim.wildcard-alias.attacks.lethe",
    "12 the zone is signed and does not prove the denial",
  ],
  [
    "a proof from above a known DS says nothing of names below it",
    "www.victim.from-above.attacks.lethe",
    "10 the signatures are not the zone's own",
  ],
  [
    "an unsigned CNAME that its DNAME does not make is not followed",
    "www.moved.dname-alias.attacks.lethe",
    "secure 198.18.8.1",
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
