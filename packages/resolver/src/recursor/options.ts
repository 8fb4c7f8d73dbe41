/** What the recursor is told once, when a worker starts. */
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { ServerAddress } from "../base/address.ts";
import type { ChainCache } from "../cache/chain-cache.ts";
import type { DenialCache } from "../cache/denial-cache.ts";
import type { FailureCache } from "../cache/failure-cache.ts";
import type { RrsetCache } from "../cache/rrset-cache.ts";
import type { ServerCache } from "../cache/server-cache.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { Evidence } from "./evidence.ts";
import type { ZoneCopies } from "./zone-copies.ts";
import type { Demand } from "../dnssec/judging.ts";
import type { NegativeAnchor } from "../dnssec/beliefs.ts";

/** One root server as the hints file has it. */
export interface RootHint {
  readonly name: Name;
  /** Addresses of four or sixteen bytes. */
  readonly ips: readonly Uint8Array[];
}

/** Addresses that begin with the same bits. */
export interface AddressRange {
  /** Four or sixteen bytes. */
  readonly ip: Uint8Array;
  readonly bits: number;
}

/** A zone whose servers the operator names, instead of its parent. */
export interface ConfiguredZone {
  readonly zone: Name;
  readonly servers: readonly ServerAddress[];
  /** They are resolvers, and have everything below the zone; else they are its authorities. */
  readonly recursive: boolean;
  /**
   * Where all of them fail, whoever has the zone otherwise is asked. Off where absent: names that
   * were meant for these servers only would be told to others.
   */
  readonly orOthers?: boolean;
  /** They are asked over TCP only. */
  readonly overTcp?: boolean;
  /** Nothing that they tell is kept for the next who asks. */
  readonly isUncached?: boolean;
  /** Nobody is asked: a copy of the zone answers, or nothing where there is none. */
  readonly isCopied?: boolean;
  /** Clients are answered from the copy as by an authority of the zone. */
  readonly authoritative?: boolean;
}

/** What is believed beforehand, and where nothing has to be proven (RFC 4035 §4.2). */
export interface Validation {
  readonly anchors: readonly TrustAnchor[];
  /** What is at and below these names always counts as unsigned. */
  readonly insecure: readonly Name[];
  /** Negative trust anchors, the same for a time (RFC 7646); none where absent. */
  readonly negative?: readonly NegativeAnchor[];
  /** Tell zones with a trust anchor which of their keys are trusted (RFC 8145 §5). */
  readonly signalsKeyTags?: boolean;
  /** Believe RSA with SHA-1, against RFC 9905 §2. */
  readonly trustsSha1: boolean;
  /** NSEC3 iterations above which a denial is insecure; absent: as the limits table says. */
  readonly nsec3IterationsMax?: number | undefined;
  /** How much keys and signatures must show; absent: one path is enough. */
  readonly demand?: Demand | undefined;
}

export interface RecursorOptions {
  readonly rootHints: readonly RootHint[];
  /** Stub and forward zones; none where absent. */
  readonly configuredZones?: readonly ConfiguredZone[];
  /** The port that all authorities are asked at: 53, but for tests and the sandbox. */
  readonly upstreamPort: number;
  /** QNAME minimisation (RFC 9156). */
  readonly minimise: boolean;
  /** Random letter case in upstream questions, against spoofed replies. */
  readonly caseRandomisation: boolean;
  /** All servers are asked over TCP only. Off where absent. */
  readonly overTcp?: boolean;
  /** Networks whose addresses are never asked, whoever names them. */
  readonly neverAsk?: readonly AddressRange[];
  /** Cookies towards servers (RFC 7873). Off where absent. */
  readonly cookies?: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Loopback addresses in referrals are asked too: for tests and the sandbox only. */
  readonly mayAskLoopback: boolean;
  /**
   * Glue of name servers that stand outside the zone that they serve is asked of their own zone
   * before it is used. Off where absent.
   */
  readonly verifyGlue?: boolean;
  /** Looks up the other addresses of name servers while nobody waits for them. */
  readonly fetchAhead: boolean;
  /** Shortest time in seconds that a denial is kept, unless it is proven for less; 0 if absent. */
  readonly negativeTtlMinS?: number;
  /** Longest time in seconds that a denial is kept. */
  readonly negativeTtlMaxS: number;
  /** Proven denials answer for other names (RFC 8198); on where absent. */
  readonly aggressive?: boolean | undefined;
  /** Tells the agents of zones what fails of them (RFC 9567); off where absent. */
  readonly reportErrors?: boolean;
  /** Absent: nothing is validated. */
  readonly validation?: Validation;
  /** Says whether an alias is followed no further, since its target is answered for elsewhere. */
  readonly stopsAt?: (name: Name) => boolean;
  /**
   * Tells each step as it happens; only `lethe explain` and tests set it.
   * PRIVACY: steps hold question names; the serving process leaves it out.
   */
  readonly trace?: (step: TraceStep) => void;
}

/** What the recursor remembers between questions. */
export interface RecursorMemory {
  readonly rrsets: RrsetCache;
  readonly servers: ServerCache;
  readonly failures: FailureCache;
  /** Questions whose answers were refused: who sets CD is not told of these (RFC 4035 §4.7). */
  readonly bogus: FailureCache;
  readonly chains: ChainCache;
  /** Copies of the root zone and of others, where there are any. */
  readonly copies: ZoneCopies;
  /** Proven denials, to be used for other names than those that were asked for. */
  readonly denials: DenialCache;
}

/** One step on the way to an answer, for people who want to see it. */
export type TraceStep =
  | { readonly kind: "start"; readonly question: Question; readonly depth: number }
  | { readonly kind: "cut"; readonly question: Question; readonly zone: Name }
  | {
      readonly kind: "asked";
      readonly question: Question;
      readonly zone: Name;
      readonly server: ServerAddress;
      readonly transport: string;
      readonly result: string;
      readonly rttMs: number | undefined;
    }
  | { readonly kind: "referral"; readonly question: Question; readonly zone: Name }
  /** What validation says of a zone, or of what was found of a name. */
  | {
      readonly kind: "judged";
      readonly question: Question;
      readonly name: Name;
      readonly what: "zone" | "cut" | "answer";
      readonly result: string;
    }
  /** Answered from the record of a zone at `owner` that denies, or makes way for a wildcard. */
  | {
      readonly kind: "synthesised";
      readonly question: Question;
      readonly zone: Name;
      readonly owner: Name;
      readonly by: "NSEC" | "NSEC3";
      readonly what: "no name" | "no data" | "wildcard";
    }
  /** What a judgement was made of. */
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  | { readonly kind: "alias"; readonly question: Question; readonly target: Name }
  | { readonly kind: "end"; readonly question: Question; readonly result: string };
