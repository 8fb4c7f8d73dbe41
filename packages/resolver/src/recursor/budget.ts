/**
 * What one question may spend, and how it is counted.
 *
 * Two things are counted: upstream questions, and sub-questions (addresses of name servers, keys).
 * Both count against the task that causes them and against every task that waits for it.
 *
 *   client ─┐ share: 100 asks from when it came
 *   client ─┴─► task: 200 asks ──join──► task: 200 asks ──ask──► one more for all of them
 *
 * A client whose share is spent fails alone; a task that nobody is left for, or whose own cap is
 * reached, ends. Such a failure is never kept: it says something of the asker, and another may
 * fare better. A sub-question that one of its askers cannot pay for is refused to that asker only.
 */
import { limits } from "../base/limits.ts";

const ASKS_PER_CLIENT_MAX = limits.asksPerClientQuestionMax.value;
const ASKS_PER_TASK_MAX = limits.asksPerTaskMax.value;
const SUB_QUESTIONS_MAX = limits.subQuestionsPerTaskMax.value;
const LOOKUPS_MAX = limits.addressLookupsPerTaskMax.value;
const LOOKUPS_FAILED_MAX = limits.addressLookupsFailedMax.value;
const TASK_TIME_MS = limits.taskTimeMs.value;

/** What one task has spent, together with those below it while it waited for them. */
export class Budget {
  #asks = 0;
  #subQuestions = 0;
  #addressLookups = 0;
  #addressLookupsFailed = 0;
  readonly #startedMs: number;

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** What the task had asked when a client came: the client's share begins there. */
  get asks(): number {
    return this.#asks;
  }

  /** Counts one upstream question. */
  countAsk(): void {
    this.#asks++;
  }

  /** Counts one sub-question, where there is one left. */
  takeSubQuestion(): boolean {
    return ++this.#subQuestions <= SUB_QUESTIONS_MAX;
  }

  /** Counts one lookup of a name server's address, where there is one left. */
  takeAddressLookup(): boolean {
    if (!this.mayLookUpAddress) return false;
    this.#addressLookups++;
    return true;
  }

  /** Counts a name server for which no address was found. */
  countAddressLookupFailed(): void {
    this.#addressLookupsFailed++;
  }

  /** Says whether one more name server's address may be looked up. */
  get mayLookUpAddress(): boolean {
    return this.#addressLookups < LOOKUPS_MAX && this.#addressLookupsFailed < LOOKUPS_FAILED_MAX;
  }

  /** Says whether the task has asked more than any task may. */
  get isSpent(): boolean {
    return this.#asks > ASKS_PER_TASK_MAX;
  }

  /** Says whether a client that came when `asksBefore` were counted has spent its share. */
  isShareSpent(asksBefore: number): boolean {
    return this.#asks - asksBefore > ASKS_PER_CLIENT_MAX;
  }

  /** How long the task may still run, in milliseconds. */
  timeLeftMs(nowMs: number): number {
    return Math.max(0, this.#startedMs + TASK_TIME_MS - nowMs);
  }

  /** Says whether the task has run longer than any task may. */
  isOutOfTime(nowMs: number): boolean {
    return nowMs - this.#startedMs > TASK_TIME_MS;
  }
}
