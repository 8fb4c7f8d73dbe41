/**
 * The trail of one task: what it may look at, and what it has done so far.
 *
 * A suspended generator cannot be inspected, so what matters about it stands here, in memory only.
 */
import type { Question } from "@lethe/wire/question.ts";
import type { Random } from "../base/random.ts";
import type { Budget } from "./budget.ts";
import type { RecursorMemory, RecursorOptions, TraceStep } from "./options.ts";

export interface Trail {
  readonly question: Question;
  readonly options: RecursorOptions;
  readonly memory: RecursorMemory;
  readonly random: Random;
  /** Monotonic milliseconds, set by the mesh at each resume. */
  nowMs: number;
  /** How many tasks stand above this one. */
  depth: number;
  readonly budget: Budget;
  /** A sub-question failed for reasons that will pass: this task's own failure is not kept. */
  isHampered: boolean;
}

/** Tells a step to whoever watches; nobody does while serving. */
export function trace(trail: Trail, step: TraceStep): void {
  trail.options.trace?.(step);
}
