/** What validation says of data: a verdict to keep, and a judgement that says why. */
import { tell, validationReasons } from "../base/extended-errors.ts";
import type { ExtendedError } from "../cache/failed.ts";

/** What DNSSEC says of data (RFC 4035 §4.3), as caches keep it. */
export type Verdict = "secure" | "insecure" | "bogus" | "indeterminate";

const WEAKEST_FIRST: readonly Verdict[] = ["bogus", "indeterminate", "insecure", "secure"];

/** The verdict of two things together: the weaker of theirs. */
export function weaker(a: Verdict, b: Verdict): Verdict {
  return WEAKEST_FIRST.indexOf(a) < WEAKEST_FIRST.indexOf(b) ? a : b;
}

/** A chain of trust leads to the data and breaks: the data is refused. */
export interface Bogus {
  readonly kind: "bogus";
  /** Why, the most telling first. */
  readonly errors: readonly ExtendedError[];
}

/** It is proven that no chain of trust leads to the data. */
export interface Insecure {
  readonly kind: "insecure";
  /** Why a signed zone counts as unsigned; empty where it is unsigned by its own will. */
  readonly errors: readonly ExtendedError[];
  /** Seconds that this holds for, where that is known beforehand. */
  readonly ttlS?: number;
}

/** A judgement against data, for one reason. */
export function bogus(why: ExtendedError): Bogus {
  return { kind: "bogus", errors: [why] };
}

/** A judgement that nothing can be proven, for one reason or by the zone's own will. */
export function insecure(why?: ExtendedError): Insecure {
  return { kind: "insecure", errors: why === undefined ? [] : [why] };
}

/** A proof that would cost more than a question may; the caller sees it in `WorkBudget.isSpent`. */
export function tooMuchWork(): Bogus {
  return bogus(tell(validationReasons.tooMuchWork, {}));
}
