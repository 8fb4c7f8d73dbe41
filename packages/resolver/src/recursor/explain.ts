/**
 * From a failure to what a client is told: an RCODE and Extended DNS Errors (RFC 8914).
 *
 * The table is closed: a new way to fail does not compile without a row. Texts are fixed: no name,
 * no address, nothing of who asked.
 */
import { extendedError, rcode } from "@lethe/wire/codes.ts";
import type { ExtendedError, Failed, Failure } from "../cache/failed.ts";

interface Explained {
  readonly rcode: number;
  readonly errors: readonly ExtendedError[];
}

const { noReachableAuthority, networkError, invalidData, cachedError, dnssecBogus, other } =
  extendedError;

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

/** All failures of resolution are SERVFAIL; the errors tell them apart. */
const TABLE: Readonly<Record<Failure, ExtendedError>> = {
  "no-reachable-server": error(noReachableAuthority, "no server of the zone replied"),
  "servers-refuse": error(networkError, "all servers of the zone refused"),
  "servers-lame": error(noReachableAuthority, "no server of the zone has it"),
  "servers-fail": error(networkError, "all servers of the zone failed"),
  "malformed-replies": error(invalidData, "the zone's servers sent malformed replies"),
  "budget-spent": error(other, "too many upstream questions"),
  "time-out": error(noReachableAuthority, "the answer took too long"),
  cycle: error(other, "the delegation leads back to itself"),
  "too-deep": error(other, "name servers that need name servers, too many times"),
  "alias-chain-too-long": error(other, "too many aliases, or aliases in a circle"),
  "referral-loop": error(other, "referrals that lead nowhere"),
  "cached-failure": error(cachedError, "failed a moment ago"),
  "too-busy": error(other, "too many questions at once"),
  sentinel: error(other, "what the name says of the root's trust anchors is not so"),
  bogus: error(dnssecBogus, "the answer is not what its zone has signed"),
};

function error(code: number, text: string): ExtendedError {
  return { code, text };
}

/** What a client is told of a failure: what its cause said of itself first. */
export function explain(failure: Failed): Explained {
  const { errors, why } = failure;
  // A judgement says better than the table why something is bogus.
  const isSaid = why === "bogus" && errors.length > 0;
  return { rcode: rcode.SERVFAIL, errors: isSaid ? errors : [...errors, TABLE[why]] };
}
