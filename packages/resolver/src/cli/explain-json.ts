/** The explanation for a program to read: docs/specs/explain.md describes every field. */
import { extendedErrorToText, rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { explain } from "../recursor/explain.ts";
import type { Outcome } from "../recursor/outcome.ts";
import type { ShownChain } from "./explain-chain.ts";
import type { ExplainedStep } from "./explain-steps.ts";
import type { ShownVerdict } from "./explain-verdict.ts";

/** Goes up when a field changes its meaning or goes; new fields may come at any time. */
const VERSION = 1;

/** All that is known of one question that was explained. */
export interface Explained {
  readonly question: Question;
  readonly outcome: Outcome;
  readonly chain: ShownChain;
  readonly verdict: ShownVerdict;
  readonly steps: readonly ExplainedStep[];
  readonly asks: number;
  readonly elapsedMs: number;
}

/** One Extended DNS Error. */
interface ShownError {
  readonly code: number;
  readonly title: string;
  readonly text: string;
}

/** What the outcome amounts to: an RCODE, and what a client is told of it. */
export function statusOf(outcome: Outcome): {
  readonly rcode: string;
  readonly errors: readonly ShownError[];
} {
  const { rcode, errors } = outcome.kind === "failed" ? explain(outcome) : outcome;
  return {
    rcode: rcodeToText(rcode),
    errors: errors.map(({ code, text }) => ({ code, title: extendedErrorToText(code), text })),
  };
}

/** Records as a master file has them. */
export function recordsOf(sets: readonly RecordSet[]): string[] {
  return sets.flatMap((set) => set.rdatas.map((rdata) => recordToText({ ...set, rdata })));
}

/** The explanation as JSON values. */
export function explanationJson(explained: Explained): unknown {
  const { question, outcome, chain, verdict, steps, asks, elapsedMs } = explained;
  const isFailed = outcome.kind === "failed";
  return {
    version: VERSION,
    question: { name: nameToText(question.name), type: typeToText(question.type) },
    ...verdict,
    ...statusOf(outcome),
    ...(isFailed ? { failure: outcome.why } : {}),
    zones: chain.zones,
    parts: chain.parts,
    answer: isFailed ? [] : recordsOf(outcome.answer),
    authority: isFailed ? [] : recordsOf(outcome.authority),
    steps,
    upstreamQuestions: asks,
    elapsedMs,
  };
}
