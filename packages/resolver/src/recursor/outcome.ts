/** How a question ended: what the mesh gives to those who waited for it. */
import type { RecordSet } from "@lethe/wire/record.ts";

/** What DNSSEC says of data (RFC 4035 §4.3). Nothing is validated yet: all is indeterminate. */
export type Verdict = "secure" | "insecure" | "bogus" | "indeterminate";

/** An Extended DNS Error: INFO-CODE and a text without names or addresses of clients (RFC 8914). */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

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
  | "cached-failure"
  | "too-busy";

export interface Failed {
  readonly kind: "failed";
  readonly why: Failure;
  readonly errors: readonly ExtendedError[];
  /** Seconds that this failure may be kept (RFC 9520 §3.2); 0: not at all. */
  readonly ttlS: number;
}

export type Outcome = Answered | Failed;
