/** A task of the mesh, who waits for it, and what follows from that. */
import type { Cancel, Effect } from "./effect.ts";
import type { Outcome } from "./outcome.ts";
import type { Trail } from "./trail.ts";

/** Somebody outside the mesh who waits for a task. */
export interface Waiter {
  readonly done: (outcome: Outcome) => void;
  /** What the task had asked when the waiter came: its share begins there. */
  readonly asksBefore: number;
}

/** One question being resolved. */
export interface TaskState {
  readonly key: string;
  readonly trail: Trail;
  readonly steps: Generator<Effect, Outcome, unknown>;
  /** In the order in which they came, so that the first has the largest share spent. */
  readonly waiters: Waiter[];
  readonly parents: Set<TaskState>;
  /** The task that this one waits for. */
  child: TaskState | undefined;
  /** Ends the effect that is under way. */
  cancel: Cancel | undefined;
  isEnded: boolean;
}

/** Says whether the client that has waited longest has used up its share. */
export function isSpent(task: TaskState): boolean {
  const first = task.waiters[0];
  return first !== undefined && task.trail.budget.isShareSpent(first.asksBefore);
}

/** Counts one more sub-question for a task and all that wait for it; false where one cannot pay. */
export function mayBranch(task: TaskState): boolean {
  let canPay = true;
  for (const payer of withAncestors(task)) {
    if (!payer.trail.budget.takeSubQuestion()) canPay = false;
  }
  return canPay;
}

/** Says whether anybody waits for a task. */
export function isWanted(task: TaskState): boolean {
  return task.waiters.length > 0 || task.parents.size > 0;
}

/** Says whether `from` is `to`, or waits for it, directly or through others. */
export function reaches(from: TaskState, to: TaskState): boolean {
  for (let task: TaskState | undefined = from; task !== undefined; task = task.child) {
    if (task === to) return true;
  }
  return false;
}

/** A task and all that wait for it, each once. PERF: most tasks have clients above them only. */
export function withAncestors(task: TaskState): Iterable<TaskState> {
  if (task.parents.size === 0) return [task];
  const found = new Set([task]);
  for (const member of found) for (const parent of member.parents) found.add(parent);
  return found;
}
