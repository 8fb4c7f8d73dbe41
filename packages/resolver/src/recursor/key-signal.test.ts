/** Zones with a trust anchor are told which of their keys are trusted, and nobody else is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Name } from "@lethe/wire/name.ts";
import { SandboxWorld, type SandboxWorldOptions } from "../../sim/sandbox-world.ts";
import { name } from "../../test/small-world.ts";
import { trustOf } from "../dnssec/judge-keys.ts";
import { lookAtKeys } from "./key-look.ts";

/** RFC 1035 §3.3.10. */
const NULL = 10;

/** Whom was told which tags: `zone name`. */
function signals(world: SandboxWorld): string[] {
  const told: string[] = [];
  for (const step of world.steps) {
    if (step.kind !== "asked" || step.question.type !== NULL) continue;
    told.push(`${nameToText(step.zone)} ${nameToText(step.question.name)}`);
  }
  return told;
}

/** Resolves a few names, and lets all that nobody waits for happen too. */
function resolving(options: SandboxWorldOptions["validation"]): SandboxWorld {
  const world = new SandboxWorld({ validation: { ...options } });
  for (const one of ["www.good.lethe", "www.example.com", "www.plain.lethe"]) {
    world.resolve({ name: name(one), type: rrType.A, class: 1 });
  }
  world.time.runUntil(world.nowMs() + 1000);
  return world;
}

/** The DS set of a zone, as an anchor. */
function anchorOf(zone: string) {
  const world = new SandboxWorld();
  const outcome = world.resolve({ name: name(zone), type: rrType.DS, class: 1 });
  assert.ok(outcome.kind === "answered");
  return { zone: name(zone), ...trustOf(outcome.answer[0]!) };
}

describe("RFC 8145 §5.2", () => {
  test("the root is told once, with the question for its keys", () => {
    assert.deepEqual(signals(resolving({ signalsKeyTags: true })), [". _ta-bd5b."]);
  });
  test("nobody is told where that is off", () => {
    assert.deepEqual(signals(resolving({})), []);
  });
  test("an island of security is told of its own keys only", () => {
    const island = anchorOf("good.lethe");
    const world = resolving({ signalsKeyTags: true, anchors: [island] });
    const tag = island.ds[0]!.keyTag.toString(16).padStart(4, "0");
    assert.deepEqual(signals(world), [`good.lethe. _ta-${tag}.good.lethe.`]);
  });
  test("a look at keys tells too, and gets them from the servers though the caches have them", () => {
    const world = resolving({ signalsKeyTags: true });
    const before = keyQuestions(world);
    const found: number[] = [];
    const root = name("");
    world.time.runUntil(world.nowMs() + 3_700_000); // the denial of the first has expired
    lookAtKeys(root, world.mesh, world.memory, (set) => found.push(set?.rdatas.length ?? 0));
    world.time.runUntil(world.nowMs() + 1000);
    assert.equal(keyQuestions(world), before + 1);
    assert.equal(found.length, 1);
    assert.ok(found[0]! > 0);
    assert.deepEqual(signals(world), [". _ta-bd5b.", ". _ta-bd5b."]);
  });
});

function keyQuestions(world: SandboxWorld): number {
  const isOfRoot = (one: Name): boolean => one.length === 1;
  return world.steps.filter((step) => {
    return (
      step.kind === "asked" && step.question.type === rrType.DNSKEY && isOfRoot(step.question.name)
    );
  }).length;
}
