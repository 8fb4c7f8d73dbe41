/**
 * What the lanes count: numbers only, for the operator.
 *
 * PERF: counting is one addition in a typed array. PRIVACY: no count is kept per client or name.
 */
import type { Failure } from "../cache/failed.ts";
import { failures } from "../recursor/explain.ts";

/** Places of the counters. */
export const counter = {
  /** Messages that came through the door. */
  asked: 0,
  /** Answered by the fast lane. */
  fast: 1,
  /** Answered by a step of the slow lane, or from the cache there. */
  local: 2,
  /** Sent on to the recursor. */
  resolved: 3,
  /** Not answered at all. */
  silent: 4,
  /** Answered with what had expired. */
  stale: 5,
} as const;

const FIRST_FAILURE = Object.keys(counter).length;

export class Counters {
  readonly #counts = new Float64Array(FIRST_FAILURE + failures.length);

  /** Counts one. PERF: allocates nothing. */
  count(at: number): void {
    this.#counts[at]!++;
  }

  /** Counts a client whose question failed, by what failed. */
  countFailure(why: Failure): void {
    this.count(FIRST_FAILURE + failures.indexOf(why));
  }

  /** All counts by name; failures as `failed.WHY`. */
  get all(): Readonly<Record<string, number>> {
    const names = [...Object.keys(counter), ...failures.map((why) => `failed.${why}`)];
    return Object.fromEntries(names.map((name, i) => [name, this.#counts[i]!]));
  }
}
