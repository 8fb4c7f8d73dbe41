/** A failure as the caches keep it and the recursor reports it. */

/**
 * An Extended DNS Error: INFO-CODE and EXTRA-TEXT (RFC 8914).
 *
 * PRIVACY: the text may name what was asked. It goes to those who asked it, and to nobody else.
 */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

/** Why a question has no answer. A closed list; `explain.ts` maps each to RCODE and EDE. */
export type Failure =
  | "no-reachable-server"
  | "servers-refuse"
  | "servers-lame"
  | "servers-fail"
  | "malformed-replies"
  | "budget-spent"
  | "time-out"
  | "cycle"
  | "too-deep"
  | "alias-chain-too-long"
  | "referral-loop"
  | "bogus"
  | "cached-failure"
  | "too-busy"
  | "sentinel";

export interface Failed {
  readonly kind: "failed";
  readonly why: Failure;
  readonly errors: readonly ExtendedError[];
  /** Seconds that this failure may be kept (RFC 9520 §3.2); 0: not at all. */
  readonly ttlS: number;
}
