/**
 * From a failure to what a client is told: an RCODE and Extended DNS Errors (RFC 8914).
 *
 * The table is closed: a new way to fail does not compile without a row. What is known of the
 * particulars, whose server said what, say, comes with the failure.
 */
import { extendedError, rcode } from "@lethe/wire/codes.ts";
import { type Reason, resolutionReasons as reasons } from "../base/extended-errors.ts";
import type { ExtendedError, Failed, Failure } from "../cache/failed.ts";

interface Explained {
  readonly rcode: number;
  readonly errors: readonly ExtendedError[];
}

/** Every way to fail, in the order of its counters. */
export const failures = [
  "no-reachable-server",
  "servers-refuse",
  "servers-lame",
  "servers-fail",
  "malformed-replies",
  "budget-spent",
  "time-out",
  "cycle",
  "too-deep",
  "alias-chain-too-long",
  "referral-loop",
  "cached-failure",
  "too-busy",
  "bogus",
  "sentinel",
] as const satisfies readonly Failure[];

/** What is said where nothing is known but the way in which it failed. */
const TABLE: Readonly<Record<Failure, ExtendedError>> = {
  "no-reachable-server": plain(reasons.unreachable),
  "servers-refuse": plain(reasons.unreachable),
  "servers-lame": plain(reasons.unreachable),
  "servers-fail": plain(reasons.serverRcode),
  "malformed-replies": plain(reasons.malformed),
  "budget-spent": plain(reasons.budgetSpent),
  "time-out": plain(reasons.outOfTime),
  cycle: plain(reasons.circle),
  "too-deep": plain(reasons.tooDeep),
  "alias-chain-too-long": plain(reasons.tooManyAliases),
  "referral-loop": plain(reasons.referralLoop),
  "cached-failure": plain(reasons.remembered),
  "too-busy": plain(reasons.tooBusy),
  sentinel: plain(reasons.sentinel),
  bogus: { code: extendedError.dnssecBogus, text: "" },
};

/** A reason without its particulars. */
function plain({ code, text }: Reason): ExtendedError {
  return { code, text: text.includes("{") ? "" : text };
}

/** What a client is told of a failure: what its cause said of itself, or the table. */
export function explain(failure: Failed): Explained {
  const { errors, why } = failure;
  // Who is told a failure once more is told so, too.
  const isSaid = why !== "cached-failure" && errors.length > 0;
  return { rcode: rcode.SERVFAIL, errors: isSaid ? errors : [...errors, TABLE[why]] };
}
