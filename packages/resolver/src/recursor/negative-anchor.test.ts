/** Negative trust anchors: what they let through, until when, and what is nearer (RFC 7646). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { name } from "../../test/small-world.ts";
import { type TrustAnchor, readAnchors } from "../dnssec/anchor.ts";
import type { NegativeAnchor } from "../dnssec/beliefs.ts";
import { trustOf } from "../dnssec/judge-keys.ts";
import type { Outcome } from "./outcome.ts";
import { probeZone } from "./probe.ts";

function ask(text: string, type: number = rrType.A): Question {
  return { name: name(text), type, class: 1 };
}

function verdict(outcome: Outcome): string {
  return outcome.kind === "failed" ? outcome.why : outcome.verdict;
}

const NOW_S = new SandboxWorld().wallS();
const HOUR_S = 3600;

function negative(zone: string, untilS = NOW_S + HOUR_S): NegativeAnchor {
  return { zone: name(zone), untilS, reason: "expired signatures" };
}

function anchors(): readonly TrustAnchor[] {
  const read = readAnchors(sandboxTrustAnchors());
  assert.ok(!("kind" in read));
  return read;
}

/** An anchor of a zone of the sandbox, from its DS set. */
function anchorOf(zone: string): TrustAnchor {
  const outcome = new SandboxWorld().resolve(ask(zone, rrType.DS));
  assert.ok(outcome.kind === "answered");
  return { zone: name(zone), ...trustOf(outcome.answer[0]!) };
}

describe("a negative trust anchor", () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ["lets through what fails at it", "bogus.lethe", "www.bogus.lethe", "insecure"],
    ["takes what would be proven as unsigned", "good.lethe", "www.good.lethe", "insecure"],
    ["says nothing of names above it", "www.bogus.lethe", "bogus.lethe", "secure"],
    ["says nothing of names beside it", "good.lethe", "www.bogus.lethe", "bogus"],
    ["holds for all below it", "lethe", "www.bogus.lethe", "insecure"],
    ["disables a trust anchor at the same name", "", "www.good.lethe", "insecure"],
  ];
  for (const [title, zone, asked, expected] of rows) {
    test(title, () => {
      const type = asked === "bogus.lethe" ? rrType.SOA : rrType.A;
      const world = new SandboxWorld({ validation: { negative: [negative(zone)] } });
      assert.equal(verdict(world.resolve(ask(asked, type))), expected);
    });
  }
  test("ends at a nearer trust anchor (RFC 7646 §1.1)", () => {
    const validation = {
      negative: [negative("lethe")],
      anchors: [...anchors(), anchorOf("good.lethe"), anchorOf("bogus.lethe")],
    };
    const world = new SandboxWorld({ validation });
    assert.equal(verdict(world.resolve(ask("www.good.lethe"))), "secure");
    assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "bogus");
    assert.equal(verdict(world.resolve(ask("lethe", rrType.SOA))), "insecure");
  });
  test("counts below a nearer trust anchor that it is below of", () => {
    const validation = {
      negative: [negative("lethe"), negative("bogus.lethe")],
      anchors: [...anchors(), anchorOf("bogus.lethe")],
    };
    const world = new SandboxWorld({ validation });
    assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "insecure");
  });
});

describe("the end of a negative trust anchor", () => {
  const validation = { negative: [negative("bogus.lethe", NOW_S + 100)] };
  test("comes by itself, also for what is in the caches", () => {
    const world = new SandboxWorld({ validation });
    assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "insecure");
    world.time.runUntil(99_000);
    assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "insecure");
    world.time.runUntil(100_000);
    assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "bogus");
  });
  test("is as long as anything is kept that it let through", () => {
    const world = new SandboxWorld({ validation });
    world.time.runUntil(40_000);
    const outcome = world.resolve(ask("www.bogus.lethe"));
    assert.ok(outcome.kind === "answered" && outcome.ttlS <= 60 && outcome.ttlS > 50);
    const denied = world.resolve(ask("nowhere.bogus.lethe"));
    assert.ok(denied.kind === "answered" && denied.ttlS <= 60 && denied.ttlS > 50);
  });
  test("is told to who asks for an explanation, with the reason", () => {
    const world = new SandboxWorld({ validation });
    world.resolve(ask("www.bogus.lethe"));
    const step = world.steps.find((one) => one.kind === "judged" && one.what === "zone");
    assert.ok(step?.kind === "judged");
    assert.match(step.result, /^insecure: taken as unsigned until .*Z by the configuration, exp/);
  });
});

function probe(world: SandboxWorld, zone: string): boolean {
  const found: boolean[] = [];
  const { options, verifier } = world;
  const parts = { options, anchors: anchors(), world, verifier };
  probeZone(name(zone), parts, (validates) => found.push(validates));
  while (found.length === 0 && world.time.step());
  return found[0]!;
}

describe("a probe of a zone with a negative trust anchor", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["finds one that validates in order", "good.lethe", true],
    ["finds one that is proven to be unsigned in order", "plain.lethe", true],
    ["finds one that fails not in order", "ds-bad-tag.ede.lethe", false],
  ];
  for (const [title, zone, expected] of rows) {
    test(title, () => {
      const world = new SandboxWorld({ validation: { negative: [negative("lethe")] } });
      assert.equal(probe(world, zone), expected);
      assert.equal(verdict(world.resolve(ask(zone))), "insecure");
    });
  }
});

test("an island of security is judged by its own anchor, and what is around it is not judged", () => {
  const world = new SandboxWorld({ validation: { anchors: [anchorOf("good.lethe")] } });
  assert.equal(verdict(world.resolve(ask("www.good.lethe"))), "secure");
  assert.equal(verdict(world.resolve(ask("www.bogus.lethe"))), "indeterminate");
});

test("the nearest of several trust anchors decides", () => {
  const [other] = anchors();
  const wrong = { ...anchorOf("good.lethe"), ds: anchorOf("bogus.lethe").ds };
  const world = new SandboxWorld({ validation: { anchors: [other!, wrong] } });
  assert.equal(verdict(world.resolve(ask("www.good.lethe"))), "bogus");
  assert.equal(verdict(world.resolve(ask("lethe", rrType.SOA))), "secure");
});
