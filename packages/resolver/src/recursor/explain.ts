/**
 * From a failure to what a client is told: an RCODE and Extended DNS Errors (RFC 8914).
 *
 * Texts are fixed: no name, no address, nothing of who asked.
 */
import { extendedError, rcode } from "@lethe/wire/codes.ts";
import type { ExtendedError, Failed, Failure } from "../cache/failed.ts";

interface Explained {
  readonly rcode: number;
  readonly errors: readonly ExtendedError[];
}

interface Row {
  readonly rcode: number;
  readonly code: number;
  readonly text: string;
}

const TABLE: Readonly<Record<Failure, Row>> = {
  "no-reachable-server": row(extendedError.noReachableAuthority, "no server of the zone replied"),
  "servers-refuse": row(extendedError.noReachableAuthority, "all servers of the zone refused"),
  "servers-lame": row(extendedError.noReachableAuthority, "no server of the zone has it"),
  "servers-fail": row(extendedError.noReachableAuthority, "all servers of the zone failed"),
  "malformed-replies": row(extendedError.invalidData, "the zone's servers sent malformed replies"),
  "budget-spent": row(extendedError.other, "too many upstream questions"),
  "time-out": row(extendedError.noReachableAuthority, "the answer took too long"),
  cycle: row(extendedError.other, "the delegation leads back to itself"),
  "too-deep": row(extendedError.other, "name servers that need name servers, too many times"),
  "alias-chain-too-long": row(extendedError.other, "too many aliases, or aliases in a circle"),
  "referral-loop": row(extendedError.other, "referrals that lead nowhere"),
  "cached-failure": row(extendedError.cachedError, "failed a moment ago"),
  "too-busy": row(extendedError.notReady, "too many questions at once"),
};

function row(code: number, text: string): Row {
  return { rcode: rcode.SERVFAIL, code, text };
}

/** What a client is told of a failure. */
export function explain(failure: Failed): Explained {
  const found = TABLE[failure.why];
  return {
    rcode: found.rcode,
    errors: [...failure.errors, { code: found.code, text: found.text }],
  };
}
