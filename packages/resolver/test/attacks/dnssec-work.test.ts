/**
 * KeyTrap and its kin: few bytes that ask for many checks of signatures or many hashes.
 *
 * The zones are the sandbox's (sim/sandbox-attack-changes.ts), so that anybody can ask for them.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { limits } from "../../src/base/limits.ts";
import { name } from "../small-world.ts";
import { number, assertSaid } from "./attacked.ts";

function ask(text: string): Question {
  return { name: name(text), type: rrType.A, class: 1 };
}

/** What one more question costs, when everything above the zone is known. */
interface Work {
  readonly asks: number;
  readonly bytes: number;
  readonly checks: number;
  readonly ms: number;
}

function asksIn(world: SandboxWorld): number {
  return world.steps.filter((step) => step.kind === "asked").length;
}

/**
 * Asks some names of a zone; gives what the last one cost.
 *
 * Denials answer for no other names: who attacks makes each of them anew, for one name only.
 */
function workOf(zone: string, first: readonly string[], last: string): Work {
  const world = new SandboxWorld({ aggressive: false });
  for (const label of first) world.resolve(ask(`${label}.${zone}`));
  const before = { ...world, asks: asksIn(world), ms: world.nowMs() };
  world.resolve(ask(`${last}.${zone}`));
  return {
    asks: asksIn(world) - before.asks,
    bytes: world.bytes - before.bytes,
    checks: world.checks - before.checks,
    ms: world.nowMs() - before.ms,
  };
}

/** Checks that docs/attacks.md tells what a question cost. */
function assertWorkTold(attack: string, { asks, bytes, checks, ms }: Work): void {
  const cells = [attack, number(asks), number(bytes), number(checks), `${number(ms)} ms`];
  assertSaid(`| ${cells.join(" | ")} | `);
}

const deep = "a.".repeat(30);

const attacks: readonly (readonly [attack: string, zone: string, label: string])[] = [
  ["KeyTrap: 32 keys of one tag, 32 signatures", "keytrap.attacks.lethe", ""],
  ["SigJam: one key, 32 signatures", "sigjam.attacks.lethe", ""],
  ["LockCram: 32 keys of one tag, one signature", "lockcram.attacks.lethe", ""],
  ["SigJam with a large RSA key and exponent", "rsa.attacks.lethe", ""],
  ["wrong signatures of six algorithms", "algorithms.attacks.lethe", ""],
  ["SigJam over a set of 400 records", "records.attacks.lethe", ""],
  ["KeyTrap over the keys themselves", "chaintrap.attacks.lethe", ""],
  ["HashTrap: 32 DS records, 32 keys of their tag", "hashtrap.attacks.lethe", ""],
  ["33 DS records, 32 of them false", "ds.attacks.lethe", ""],
  ["NSEC3 of 50 iterations, a salt of 255 bytes", "nsec3.attacks.lethe", ""],
  ["the same, thirty labels below the zone", "nsec3.attacks.lethe", deep],
  ["LockCram, thirty labels below the zone", "lockcram.attacks.lethe", deep],
  ["NSEC3 of 500 iterations", "nsec3-iterations.attacks.lethe", ""],
  ["a denial of 35 NSEC3 records", "nsec3-records.attacks.lethe", ""],
];

describe("one more question into a zone that attacks", () => {
  for (const [attack, zone, label] of attacks) {
    test(`costs few checks: ${attack}`, () => {
      const work = workOf(zone, ["first"], `${label}second`);
      assertWorkTold(attack, work);
      assert.ok(work.asks <= limits.asksPerClientQuestionMax.value, "restarts give nothing back");
      assert.ok(work.checks <= limits.signatureChecksPerQuestionMax.value);
    });
  }
});

describe("a zone that has wasted the work of some questions is in ill repute", () => {
  const many = ["a", "b", "c", "d", "e", "f"];
  const rows: readonly (readonly [attack: string, zone: string, label: string])[] = [
    ["KeyTrap, when it has gone on for a while", "keytrap.attacks.lethe", "g"],
    ["deep NSEC3, when it has gone on for a while", "nsec3.attacks.lethe", `${deep}g`],
  ];
  for (const [attack, zone, last] of rows) {
    test(attack, () => {
      const first = many.map((label) => last.replace(/g$/, label));
      assertWorkTold(attack, workOf(zone, first, last));
    });
  }

  test("what is right there is proven nevertheless", () => {
    const world = new SandboxWorld();
    for (const label of many) world.resolve(ask(`${label}.keytrap.attacks.lethe`));
    const outcome = world.resolve(ask("www.keytrap.attacks.lethe"));
    assert.ok(outcome.kind === "answered" && outcome.verdict === "secure");
  });
});
