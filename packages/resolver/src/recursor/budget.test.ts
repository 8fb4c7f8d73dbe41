/** What one question may spend. */
import { rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { SmallWorld, name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { Budget } from "./budget.ts";
import { type Task, join } from "./effect.ts";
import type { Outcome } from "./outcome.ts";
import type { Trail } from "./trail.ts";

function times(count: number, act: () => void): void {
  for (let i = 0; i < count; i++) act();
}

test("a client's share is asksPerClientQuestionMax asks from when it came", () => {
  const max = limits.asksPerClientQuestionMax.value;
  const budget = new Budget(0);
  times(10, () => budget.countAsk());
  const cameAt = budget.asks;
  times(max, () => budget.countAsk());
  assert.equal(budget.isShareSpent(cameAt), false);
  budget.countAsk();
  assert.equal(budget.isShareSpent(cameAt), true);
});

test("a task has asksPerTaskMax asks and taskTimeMs", () => {
  const budget = new Budget(1000);
  times(limits.asksPerTaskMax.value, () => budget.countAsk());
  assert.equal(budget.isSpent, false);
  budget.countAsk();
  assert.equal(budget.isSpent, true);
  const timeMs = limits.taskTimeMs.value;
  assert.equal(budget.isOutOfTime(1000 + timeMs), false);
  assert.equal(budget.isOutOfTime(1001 + timeMs), true);
  assert.deepEqual([budget.timeLeftMs(1001), budget.timeLeftMs(1001 + timeMs)], [timeMs - 1, 0]);
});

const done: Outcome = { kind: "failed", why: "servers-fail", errors: [], ttlS: 0 };

/** A world whose questions each join `width` others, `depth` times over, and ask nobody. */
function branching(width: number, depth: number): SmallWorld {
  function* program(trail: Trail): Task<Outcome> {
    if (trail.depth === depth) return done;
    let last: Outcome = done;
    for (let i = 0; i < width; i++) {
      const label = `${"x".repeat(i + 1)}${trail.depth}.`;
      const below = { name: name(label + "y".repeat(trail.question.name.length)), class: 1 };
      last = yield* join({ ...below, type: rrType.A });
    }
    return last;
  }
  return new SmallWorld({}, {}, { program });
}

function started(world: SmallWorld): number {
  return world.steps.filter((step) => step.kind === "start").length - 1;
}

test("subQuestionsPerTaskMax sub-questions are started for one question, and no more", () => {
  const max = limits.subQuestionsPerTaskMax.value;
  const reached = branching(25, 1);
  assert.notEqual(reached.resolve("a").kind === "failed" && started(reached), 0);
  assert.equal(started(reached), 25);
  const wide = branching(12, 7);
  const outcome = wide.resolve("a");
  assert.equal(outcome.kind === "failed" && outcome.why, "budget-spent");
  assert.equal(started(wide), max);
});
