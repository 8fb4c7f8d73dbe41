/**
 * Root key sentinel names (RFC 8509): what a secure answer becomes for whoever asks by such a name.
 *
 * The judgement depends on what is trusted at this moment. So it is made when a client is
 * answered, and nothing of it is kept: neither under this name nor under the names that it leads
 * to.
 */
import type { Question } from "@lethe/wire/question.ts";
import { refusesSentinel, sentinelOf } from "../dnssec/sentinel.ts";
import type { Outcome } from "../recursor/outcome.ts";

/** Says whether a client's question is one whose answer is judged anew each time. */
export function isSentinel(question: Question, checkingDisabled: boolean): boolean {
  return !checkingDisabled && sentinelOf(question) !== undefined;
}

/** What the client is told: a secure answer whose name claims what is not so is refused. */
export function answerSentinel(
  question: Question,
  outcome: Outcome,
  rootTags: readonly number[],
): Outcome {
  const sentinel = sentinelOf(question);
  if (sentinel === undefined || outcome.kind !== "answered") return outcome;
  if (outcome.verdict !== "secure" || !refusesSentinel(sentinel, rootTags)) return outcome;
  return { kind: "failed", why: "sentinel", errors: [], ttlS: 0 };
}
