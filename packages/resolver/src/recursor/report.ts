/**
 * DNS error reporting (RFC 9567): telling a zone's agent that something of the zone fails.
 *
 *   _er.TYPE.NAME.INFO-CODE._er.AGENT  TXT
 *
 * The question itself is the report; its answer is of no use. It is off unless the operator turns
 * it on: it tells a third party what somebody asked here (decision 35).
 */
import { optionCode, rrType } from "@lethe/wire/codes.ts";
import type { Opt } from "@lethe/wire/edns.ts";
import {
  type Name,
  labelsOf,
  nameFromBytes,
  nameFromLabels,
  uncompressedNameBytes,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { explain } from "./explain.ts";
import type { Outcome } from "./outcome.ts";
import type { Trail } from "./trail.ts";

const ER = new TextEncoder().encode("_er");

/** The agent that a reply names; undefined for none, for several, and for the root. */
export function agentIn(opt: Opt | undefined): Name | undefined {
  const all = opt?.options.filter(({ code }) => code === optionCode.reportChannel) ?? [];
  const [only] = all;
  if (only === undefined || all.length > 1) return undefined;
  const { data } = only;
  const agent = nameFromBytes(data);
  const isWhole = uncompressedNameBytes(data, 0, data.length) === data.length;
  return agent !== undefined && isWhole && agent.length > 1 ? agent : undefined;
}

/** Says whether a question is a report, or looks like one: of these nothing is reported. */
export function isReport({ name, type }: Question): boolean {
  const [first] = labelsOf(name);
  return type === rrType.TXT && first !== undefined && first.length === ER.length && isEr(first);
}

function isEr(label: Uint8Array): boolean {
  return ER.every((letter, i) => (label[i]! | 0x20) === (letter | 0x20));
}

/**
 * The report that the outcome of a task is due, or undefined where none is.
 *
 * Only what was judged is reported, else it may be a forgery; and only to the agent of the zone
 * that holds the name.
 */
export function reportOf(trail: Trail, outcome: Outcome): Question | undefined {
  const { question, nowMs, memory, reports, terms } = trail;
  if (reports === undefined || terms === undefined || isReport(question)) return undefined;
  const isFresh = outcome.kind === "failed" && outcome.why !== "cached-failure";
  if (!isFresh || outcome.ttlS === 0) return undefined;
  const cut = memory.rrsets.nearestCut(question.name, question.class, nowMs);
  const agent = cut && reports.agentOf(cut.servers.name, nowMs);
  const [error] = explain(outcome).errors;
  if (agent === undefined || error === undefined) return undefined;
  const name = reportName(question, error.code, agent);
  if (name === undefined || !reports.mayReport(name, nowMs)) return undefined;
  return { name, type: rrType.TXT, class: question.class };
}

/** The name that reports a fault; undefined where it would be too long (RFC 9567 §6.1.1). */
function reportName({ name, type }: Question, infoCode: number, agent: Name): Name | undefined {
  const text = (value: number): Uint8Array => new TextEncoder().encode(String(value));
  return nameFromLabels([
    ER,
    text(type),
    ...labelsOf(name),
    text(infoCode),
    ER,
    ...labelsOf(agent),
  ]);
}
