/**
 * The steps that the recursor told, as rows that a person reads from top to bottom.
 *
 *   zone  question        server      via  time  result
 *   .     com NS          127.53.0.1  udp  1 ms  referral to com.
 *   com.  example.com NS  127.53.1.3  udp  1 ms  referral to example.com.
 *
 * What a question needs for itself, the address of a name server say, is indented below it.
 */
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type Question, questionEqual } from "@lethe/wire/question.ts";
import { ipToText } from "../base/address.ts";
import type { TraceStep } from "../recursor/options.ts";

/** One line of the explanation. */
export type ExplainedStep =
  | AskedStep
  /** A question that another one waits for; `depth` 1 is below the question asked. */
  | { readonly kind: "question"; readonly depth: number; readonly question: string }
  | { readonly kind: "end"; readonly depth: number; readonly result: string }
  /** What proven denials of other names made of this one (RFC 8198). */
  | {
      readonly kind: "synthesised";
      readonly depth: number;
      readonly question: string;
      readonly result: string;
    }
  /** What validation says of a zone's keys, of a name's DS, or of what was found. */
  | {
      readonly kind: "judged";
      readonly depth: number;
      readonly name: string;
      readonly what: string;
      readonly result: string;
    };

/** One question to one server, and what came of it. */
interface AskedStep {
  readonly kind: "asked";
  readonly depth: number;
  readonly zone: string;
  /** What the server was shown: less than the name wanted, where that does (RFC 9156 §2). */
  readonly question: string;
  readonly server: string;
  readonly transport: string;
  readonly rttMs: number | undefined;
  result: string;
}

/** A question in words: `www.example. AAAA`. */
function questionText(question: Question): string {
  return `${nameToText(question.name)} ${typeToText(question.type)}`;
}

/** The trace as rows. Questions that nobody waits for must not run beside it: `fetchAhead` off. */
export function explainSteps(trace: readonly TraceStep[]): ExplainedStep[] {
  const steps: ExplainedStep[] = [];
  const open: Question[] = [];
  let last: AskedStep | undefined;
  for (const step of trace) {
    const depth = Math.max(0, open.length - 1);
    switch (step.kind) {
      case "start":
        if (open.length > 0) {
          const question = questionText(step.question);
          steps.push({ kind: "question", depth: open.length, question });
        }
        open.push(step.question);
        break;
      case "asked":
        last = askedStep(step, depth);
        steps.push(last);
        break;
      case "referral":
        if (last !== undefined) last.result = `referral to ${nameToText(step.zone)}`;
        break;
      case "alias":
        if (last === undefined) break;
        last.result = last.result.startsWith("alias") ? last.result : "";
        last.result += `${last.result === "" ? "" : ", "}alias to ${nameToText(step.target)}`;
        break;
      case "end":
        if (depth > 0) steps.push({ kind: "end", depth, result: resultText(step.result) });
        if (open.length > 0 && questionEqual(open.at(-1)!, step.question)) open.pop();
        break;
      case "judged":
        steps.push(judgedStep(step, depth));
        break;
      case "synthesised":
        steps.push(synthesisedStep(step, depth));
        break;
      case "cut":
      case "evidence":
        break;
    }
  }
  return steps;
}

function askedStep(step: TraceStep & { readonly kind: "asked" }, depth: number): AskedStep {
  return {
    kind: "asked",
    depth,
    zone: nameToText(step.zone),
    question: questionText(step.question),
    server: ipToText(step.server.ip),
    transport: step.transport,
    rttMs: step.rttMs,
    result: resultText(step.result),
  };
}

function judgedStep(step: TraceStep & { readonly kind: "judged" }, depth: number): ExplainedStep {
  const { name, what, result } = step;
  return { kind: "judged", depth, name: nameToText(name), what: WORDS[what], result };
}

function synthesisedStep(
  { question, owner, by, what }: TraceStep & { readonly kind: "synthesised" },
  depth: number,
): ExplainedStep {
  const result = `${what}: denied from cache by ${by} of ${nameToText(owner)}`;
  return { kind: "synthesised", depth, question: questionText(question), result };
}

const WORDS = { zone: "keys", cut: "DS", answer: "answer" } as const;

/** `rcode 3` by its mnemonic; other results are words already. */
function resultText(result: string): string {
  const found = /^rcode (\d+)$/.exec(result);
  return found === null ? result.replaceAll("-", " ") : rcodeToText(Number(found[1]));
}

/** The cells of a row, for a table with aligned columns. */
export function stepCells(step: ExplainedStep): readonly string[] {
  const indent = "  ".repeat(step.depth);
  switch (step.kind) {
    case "question":
      return [`${indent}first`, step.question];
    case "end":
      return [`${indent}done`, step.result];
    case "synthesised":
      return [`${indent}cache`, step.question, "", "", "", step.result];
    case "judged":
      return [
        `${indent}judged`,
        `${step.name} ${step.what}`,
        "",
        "",
        "",
        step.result.replace(/^[a-z-]+/, (word) => word.replaceAll("-", " ")),
      ];
    case "asked":
      break;
  }
  const { zone, question, server, transport, rttMs, result } = step;
  const time = rttMs === undefined ? "-" : `${Math.round(rttMs)} ms`;
  return [`${indent}${zone}`, question, server, transport, time, result];
}
