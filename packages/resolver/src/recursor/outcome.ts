/** How a question ended: what the mesh gives to those who waited for it. */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { ExtendedError, Failed, Failure } from "../cache/failed.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import type { Source } from "./trail.ts";

/** Data, no data, or no such name; aliases that lead there stand first in `answer`. */
export interface Answered {
  readonly kind: "answered";
  /** NOERROR, NXDOMAIN or YXDOMAIN (RFC 6672 §2.2). */
  readonly rcode: number;
  readonly answer: readonly RecordSet[];
  /** The SOA of a negative answer with the records that prove it; empty otherwise. */
  readonly authority: readonly RecordSet[];
  readonly verdict: Verdict;
  readonly errors: readonly ExtendedError[];
  /** Seconds that this answer as a whole may be kept; 0: for those who wait for it only. */
  readonly ttlS: number;
  /** Some of it is from servers whose answers are kept nowhere. */
  readonly isUncached?: boolean;
  /** Who told it last, for those who do not believe it; undefined: it was in the cache. */
  readonly source?: Source | undefined;
  /** Where the aliases lead that `answer` ends with: a name that others answer for. */
  readonly next?: Name | undefined;
}

export type Outcome = Answered | Failed;

/** A failure of this attempt only: never cached, for another asker may fare better. */
export function passing(why: Failure): Outcome {
  return { kind: "failed", why, errors: [], ttlS: 0 };
}

/** A failure that says something of the question's servers. */
export function kept(why: Failure): Outcome {
  return { kind: "failed", why, errors: [], ttlS: limits.failureFirstTtlS.value };
}

export function resultText(outcome: Outcome): string {
  return outcome.kind === "failed" ? outcome.why : `rcode ${outcome.rcode}`;
}
