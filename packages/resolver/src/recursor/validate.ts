/**
 * Judges what was found of a name: each set, and the denial, by the keys of its own zone.
 *
 * What is proven is kept as such. What is bogus is kept nowhere; it is asked for once more at
 * another server, and refused if that one says nothing better (RFC 4035 §5.5).
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual, nameFromBytes, parentOf } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { ExtendedError } from "../cache/failed.ts";
import { type Denied, type Secure, judgeData, judgeDenial } from "../dnssec/judge-answer.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import type { Judging } from "../dnssec/judging.ts";
import { type Bogus, type Insecure, type Verdict, weaker } from "../dnssec/verdict.ts";
import { signerOver, standingOf } from "./chain.ts";
import type { Task } from "./effect.ts";
import type { NoReply } from "./exchange.ts";
import { type Inquiry, carry, mayAskAgain } from "./inquiry.ts";
import { forget, isMade, keep, keepProven } from "./keep.ts";
import type { Found } from "./recall.ts";
import { trace } from "./trail.ts";

/** What was found, with its verdict, and what is to be said of it. */
export interface Validated {
  readonly kind: "validated";
  readonly found: Found | NoReply;
  readonly errors: readonly ExtendedError[];
}

/** Asks the servers of a question's zone. */
type LookUp = (question: Question, trail: Inquiry["trail"]) => Task<Found | NoReply>;

/** Validates what was found of a question, and keeps it; `lookUp` asks for it once more. */
export function* validate(
  found: Found,
  question: Question,
  inquiry: Inquiry,
  lookUp: LookUp,
): Task<Validated | Bogus> {
  const { trail } = inquiry;
  let told = found;
  let judged = yield* judge(told, question, inquiry);
  if (judged.kind === "bogus" && told.news !== undefined && judged.before !== undefined) {
    told = shortened(told, judged.at);
    judged = judged.before;
  }
  if (judged.kind === "bogus" && !judged.isOfChain && mayAskAgain(told.news?.source, inquiry)) {
    if (told.news === undefined) forget(told, question, trail);
    const again = yield* lookUp(question, trail);
    if (again.kind === "failed") return judged;
    told = again;
    judged = yield* judge(told, question, inquiry);
  }
  tell(question.name, judged, inquiry);
  if (judged.kind === "bogus") {
    if (told.news === undefined) forget(told, question, trail);
    return judged;
  }
  const { verdict, errors, ttlS } = judged;
  const kept =
    verdict === told.verdict && verdict !== "secure" ? told : settled(told, verdict, ttlS);
  if (told.news !== undefined) keep(kept, told.news, trail);
  else if (verdict === "secure" && told.verdict !== "secure") keepProven(kept, question, trail);
  return { kind: "validated", found: kept, errors };
}

/** What was found with its verdict; it lives no longer than its signatures. */
function settled(found: Found, verdict: Verdict, ttlS: number): Found {
  const shorter = (set: RecordSet): RecordSet => (set.ttl > ttlS ? { ...set, ttl: ttlS } : set);
  const sets = found.sets.map(shorter);
  if (found.kind !== "denied") return { ...found, sets, verdict };
  return { ...found, sets, verdict, ttlS: Math.min(found.ttlS, ttlS) };
}

/** The verdict of all that was found. */
interface Judged {
  readonly kind: "judged";
  readonly verdict: Verdict;
  readonly errors: readonly ExtendedError[];
  /** Seconds that it may be kept. */
  readonly ttlS: number;
}

/** A part of what was found is bogus: the set with this number, or the denial behind them. */
interface Refused extends Bogus {
  readonly at: number;
  /** The chain of trust breaks above it: it may be right, and another server tells the same. */
  readonly isOfChain: boolean;
  /** The verdict of the aliases before it; undefined where there are none. */
  readonly before: Judged | undefined;
}

type Part =
  | Secure
  | Insecure
  | (Bogus & { readonly isOfChain?: boolean })
  | { readonly kind: "indeterminate" };

/** Questions for signatures are answered as they come: a signature is not signed. */
const UNSIGNED_TYPES: ReadonlySet<number> = new Set([rrType.RRSIG]);

function* judge(found: Found, question: Question, inquiry: Inquiry): Task<Judged | Refused> {
  const all: Judged = { kind: "judged", verdict: "secure", errors: [], ttlS: Infinity };
  if (found.verdict === "secure") return all;
  if (UNSIGNED_TYPES.has(question.type)) return { ...all, verdict: "indeterminate" };
  let before = all;
  for (const { at, judging } of parts(found, question, inquiry)) {
    const judged = yield* judging;
    if (judged.kind === "bogus") {
      const { isOfChain = false } = judged;
      return { ...judged, isOfChain, at, before: at > 0 ? before : undefined };
    }
    before = {
      kind: "judged",
      verdict: weaker(before.verdict, judged.kind),
      errors: judged.kind === "insecure" ? [...before.errors, ...judged.errors] : before.errors,
      ttlS: judged.kind === "secure" ? Math.min(before.ttlS, judged.ttlS) : before.ttlS,
    };
  }
  return before;
}

/**
 * The aliases before something bogus, which is asked for by its own name then.
 *
 * A server may speak for all of a chain in one reply, and know only its beginning for sure.
 */
function shortened(found: Found, at: number): Found {
  const { proofs, verdict, isDamaged, news } = found;
  const sets = found.sets.slice(0, at);
  const target = nameFromBytes(sets.at(-1)!.rdatas[0]!);
  const known = { sets, proofs, verdict, isDamaged, ...(news === undefined ? {} : { news }) };
  return { kind: "alias", target, ...known };
}

/** A judgement to be made, of the set with this number or of the denial behind them. */
interface PartOf {
  readonly at: number;
  readonly judging: Task<Part>;
}

/** The judgements that something found needs, to be made one after the other. */
function* parts(found: Found, question: Question, inquiry: Inquiry): Iterable<PartOf> {
  const { terms } = inquiry;
  for (const [i, set] of found.sets.entries()) {
    // A CNAME that follows from a DNAME is ours, and is as good as that (RFC 6672 §5.3.1).
    if (isMade(found.sets, i)) continue;
    const home = homeOf(set.name, set.type);
    const judgeWith = (keys: ZoneKeys) => judgeData(set, found.proofs, keys, terms);
    yield { at: i, judging: judgePart(home, [set], judgeWith, inquiry) };
  }
  if (found.kind !== "denied") return;
  const { name, authority, isName } = found;
  const denied: Denied = isName
    ? { kind: "no-name", name }
    : { kind: "no-data", name, type: question.type };
  const judgeWith = (keys: ZoneKeys) => judgeDenial(denied, authority, keys, terms);
  const home = homeOf(name, question.type);
  yield { at: found.sets.length, judging: judgePart(home, authority, judgeWith, inquiry) };
}

/** A name of the zone that speaks for a name and type: a DS is its parent's (RFC 4035 §2.4). */
function homeOf(name: Name, type: number): Name {
  return type === rrType.DS ? parentOf(name) : name;
}

/**
 * Judges one part by the keys of its zone.
 *
 * Whose signature it carries tells where the zone is looked for. If it proves nothing there, the
 * zone may be another one below, one that is proven to be unsigned perhaps.
 */
function* judgePart(
  home: Name,
  signed: readonly RecordSet[],
  judgeWith: (keys: ZoneKeys) => Judging<Secure | Insecure | Bogus>,
  inquiry: Inquiry,
): Task<Part> {
  const signer = signerOver(home, signed);
  const standing = yield* standingOf(home, signer, inquiry);
  if (standing.kind === "bogus") {
    const { memory, nowMs } = inquiry.trail;
    return { ...standing, isOfChain: memory.chains.nearest(home, ROOT, nowMs)?.kind === "bogus" };
  }
  if (standing.kind !== "secure") return standing;
  const judged = yield* carry(judgeWith(standing.keys), inquiry.terms);
  if (judged.kind !== "bogus" || signer === undefined || inquiry.terms.work.isSpent) return judged;
  const below = yield* standingOf(home, undefined, inquiry);
  if (below.kind === "insecure") return below;
  if (below.kind !== "secure" || nameEqual(below.keys.zone, standing.keys.zone)) return judged;
  return yield* carry(judgeWith(below.keys), inquiry.terms);
}

function tell(name: Name, judged: Judged | Bogus, { trail }: Inquiry): void {
  if (trail.options.trace === undefined) return;
  const verdict = judged.kind === "bogus" ? judged.kind : judged.verdict;
  const [why] = judged.errors;
  const result = why === undefined ? verdict : `${verdict}: ${why.text}`;
  trace(trail, { kind: "judged", question: trail.question, name, what: "answer", result });
}
