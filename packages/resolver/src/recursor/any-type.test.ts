/** Questions of type ANY that are resolved: all sets of a name, each judged (RFC 8482 §4.1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { name } from "../../test/small-world.ts";
import { lacks } from "../dnssec/denial-nsec.ts";
import type { Outcome } from "./outcome.ts";

function any(text: string): Question {
  return { name: name(text), type: rrType.ANY, class: 1 };
}

/** The verdict, and the types that were told. */
function told(outcome: Outcome): readonly (string | number)[] {
  if (outcome.kind === "failed") return [outcome.why, ...outcome.errors.map(({ code }) => code)];
  return [outcome.verdict, outcome.rcode, ...outcome.answer.map((set) => set.type)];
}

test("all sets of a signed zone's apex are told and proven", () => {
  const [verdict, rcode, ...types] = told(new SandboxWorld().resolve(any("good.lethe")));
  assert.deepEqual([verdict, rcode], ["secure", 0]);
  for (const type of [rrType.SOA, rrType.NS, rrType.DNSKEY]) assert.ok(types.includes(type));
});

test("one bogus set refuses all", () => {
  assert.deepEqual(told(new SandboxWorld().resolve(any("www.bogus.lethe"))), ["bogus", 6]);
});

test("a name that is not there is denied as for any type", () => {
  const outcome = new SandboxWorld().resolve(any("nowhere.good.lethe"));
  assert.deepEqual(told(outcome), ["secure", 3]);
});

test("an alias in the cache is no answer: the servers are asked, and it is not followed", () => {
  const world = new SandboxWorld();
  world.resolve({ ...any("alias.good.lethe"), type: rrType.A });
  const [, , ...types] = told(world.resolve(any("alias.good.lethe")));
  assert.ok(types.includes(rrType.CNAME) && !types.includes(rrType.A));
});

test("that a name has nothing at all is denied only by a record that lists nothing", () => {
  const rows: readonly (readonly [title: string, bitmap: readonly number[], expected: boolean])[] =
    [
      ["the denial alone", [0, 6, 0, 0, 0, 0, 0, 0x03], true],
      ["an empty name's, by NSEC3", [], true],
      ["an address", [0, 6, 0x40, 0, 0, 0, 0, 0x03], false],
      ["an alias", [0, 6, 0x04, 0, 0, 0, 0, 0x03], false],
      ["a type of another window", [0, 6, 0, 0, 0, 0, 0, 0x03, 1, 1, 0x40], false],
    ];
  for (const [title, bitmap, expected] of rows) {
    assert.equal(lacks(Uint8Array.from(bitmap), rrType.ANY, name("a.example")), expected, title);
  }
});
