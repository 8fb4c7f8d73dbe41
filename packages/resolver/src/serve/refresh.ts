/**
 * Asks for answers anew while nobody waits for them: those about to expire that are asked for
 * still, and those that a client just got stale.
 *
 * At most `refreshesRunningMax` at a time in a worker, and one of each answer.
 */
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import type { AnswerCache } from "../cache/answer-cache.ts";
import type { World } from "../recursor/effect.ts";
import type { Outcome } from "../recursor/outcome.ts";
import type { SlowLane } from "./slow.ts";

/** What could not be had anew is asked for once more when the failure is forgotten. */
const RETRY_MS = limits.failureFirstTtlS.value * 1000;
const RUNNING_MAX = limits.refreshesRunningMax.value;

export interface RefreshParts {
  readonly answers: AnswerCache;
  readonly world: World;
  /** Resolves and packs, as it does for clients. */
  readonly lane: () => Pick<SlowLane, "renew" | "isLocal" | "compose">;
}

export class Refresher {
  readonly #parts: RefreshParts;
  #running = 0;

  constructor(parts: RefreshParts) {
    this.#parts = parts;
  }

  /** Refreshes of either kind that are under way. */
  get running(): number {
    return this.#running;
  }

  /**
   * Has the answer in an entry of the cache asked for anew, unless it is already.
   *
   * What the recursor knows and will not outlive the entry counts as unknown.
   */
  renew(entry: number): void {
    const { answers, world } = this.#parts;
    if (this.#running >= RUNNING_MAX || !answers.claim(entry)) return;
    const leftS = answers.leftS(entry, world.nowMs());
    this.refresh(answers.questionOf(entry), answers.variantIn(entry), leftS);
  }

  /** Resolves a question for the cache; sets that end within `renewS` seconds are asked for too. */
  refresh(question: Question, variant: number, renewS: number): void {
    const { answers, world } = this.#parts;
    const lane = this.#parts.lane();
    if (this.#running >= RUNNING_MAX || lane.isLocal(question, variant)) return;
    this.#running++;
    const done = (outcome: Outcome): void => {
      this.#running--;
      if (outcome.kind === "failed") {
        world.after(RETRY_MS, () => answers.release(question, variant));
        return;
      }
      const packed = lane.compose(outcome, question, variant);
      answers.store(question, variant, packed, world.nowMs());
    };
    lane.renew(question, variant, renewS, done);
  }
}
