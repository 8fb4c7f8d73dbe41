/**
 * Which name to show a server: QNAME minimisation.
 *
 * RFC 9156 §2.3. A server of a zone is shown one label more than the zone has, and so on until it
 * refers us elsewhere or the whole name is shown. Long names are shown in steps of several labels,
 * so that a name of a hundred labels does not cost a hundred questions. The type shown on the way
 * is A: the one that no broken server treats specially, and it hides what was asked.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ancestorWithLabels, labelCount } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";

const STEPS_MAX = limits.minimiseStepsMax.value;
const ONE_LABEL_STEPS = limits.minimiseOneLabelSteps.value;

/** The progress of one name towards being shown whole. */
export interface Shown {
  /** Labels that the servers of the present zone have been shown; at first those of the zone. */
  readonly labels: number;
  /** Steps taken for this question, in all zones. */
  readonly steps: number;
}

/** Where minimisation stands when a question enters a zone. */
export function shownAtCut(zone: Name, steps: number): Shown {
  return { labels: labelCount(zone), steps };
}

/** The next step: how many labels to show, all of them where the steps are used up. */
export function showMore(question: Question, shown: Shown): Shown {
  const total = labelCount(question.name);
  const left = total - shown.labels;
  const steps = shown.steps + 1;
  if (steps >= STEPS_MAX || left <= 1) return { labels: total, steps };
  const stepsLeft = STEPS_MAX - shown.steps;
  const more = steps <= ONE_LABEL_STEPS ? 1 : Math.max(1, Math.floor(left / stepsLeft));
  return { labels: Math.min(total, shown.labels + more), steps };
}

/** The question to ask at this step: a part of the name with type A, or the question itself. */
export function shownQuestion(question: Question, shown: Shown): Question {
  if (shown.labels >= labelCount(question.name)) return question;
  return {
    name: ancestorWithLabels(question.name, shown.labels),
    type: rrType.A,
    class: question.class,
  };
}
