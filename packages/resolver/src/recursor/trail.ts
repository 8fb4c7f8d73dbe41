/**
 * The trail of one task: what it may look at, and what it has done so far.
 *
 * A suspended generator cannot be inspected, so what matters about it stands here, in memory only.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { ServerAddress } from "../base/address.ts";
import { resolutionReasons, tell } from "../base/extended-errors.ts";
import type { Random } from "../base/random.ts";
import type { Beliefs } from "../dnssec/beliefs.ts";
import type { ReportChannels } from "../cache/report-channels.ts";
import type { Terms } from "../dnssec/judging.ts";
import type { Budget } from "./budget.ts";
import type { ExtendedError } from "../cache/failed.ts";
import type { RecursorMemory, RecursorOptions, TraceStep } from "./options.ts";

/** Who told something: a server of a zone. */
export interface Source {
  readonly server: ServerAddress;
  readonly zone: Name;
}

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
  /** Sets that end within so many seconds are asked for again: the task renews an answer. */
  readonly renewS: number;
  /** A sub-question failed for reasons that will pass: this task's own failure is not kept. */
  isHampered: boolean;
  /** What the answer is judged by; undefined: it is given as it was told. */
  readonly terms: Terms | undefined;
  /** Where proofs begin and end; undefined: nothing is judged. */
  readonly beliefs: Beliefs | undefined;
  /** Servers that told something bogus: they are asked again only where nobody else is left. */
  distrusted?: ServerAddress[];
  /** Whom to tell of faults; undefined: nobody is told. */
  readonly reports?: ReportChannels | undefined;
  /** Who replied last with something of use. */
  source: Source | undefined;
  /** What a client is told beside the answer (RFC 8914). */
  readonly errors: ExtendedError[];
}

const DAMAGED: ExtendedError = tell(resolutionReasons.damaged, {});

/** Has the client told that its answer is what was left of a damaged reply. */
export function remarkDamage(trail: Trail): void {
  if (!trail.errors.includes(DAMAGED)) trail.errors.push(DAMAGED);
}

/** Tells a step to whoever watches; nobody does while serving. */
export function trace(trail: Trail, step: TraceStep): void {
  trail.options.trace?.(step);
}
