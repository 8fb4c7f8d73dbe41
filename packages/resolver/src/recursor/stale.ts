/**
 * What the caches knew of a question a while ago: the answer of last resort (RFC 8767).
 *
 * A set that expired is still there for as long as `limitS` says, and is found by whoever looks
 * from a time before its end. Each record that is past its TTL is given a short one, so that
 * clients ask again soon; what is still good keeps its own.
 *
 * Where answers are judged it has the verdict that it had, and what was never judged is not told.
 * What was proven must be so by the date still: a signature ends, whatever a TTL is taken for.
 * What was unsigned below a negative trust anchor is not told when that has ended (RFC 7646 §2).
 */
import { lowerCase } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { resolutionReasons, tell } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import { anchorOver } from "../dnssec/anchor.ts";
import { hasEnded, parseSignature } from "../dnssec/signature.ts";
import { configuredFor } from "./delegation.ts";
import type { Answered } from "./outcome.ts";
import { type Found, denied, recall } from "./recall.ts";
import { Chain, answered } from "./resolve.ts";
import type { Trail } from "./trail.ts";

const ALIASES_MAX = limits.aliasesPerQuestionMax.value;

/** For how long what expired may be told, and with which TTL; all in seconds. */
export interface StaleTerms {
  readonly limitS: number;
  readonly ttlS: number;
  /** After so long what is fresh is asked for again (the failure recheck timer of RFC 8767 §5). */
  readonly recheckS: number;
}

/**
 * The answer to the trail's question, as stale as the terms allow; undefined where none is.
 *
 * The trail is used for nothing else: its time is set back.
 */
export function recallStale(trail: Trail, terms: StaleTerms): Answered | undefined {
  const chain = new Chain();
  trail.nowMs -= terms.limitS * 1000;
  let { question } = trail;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const found = recallOld(question, trail);
    if (found === undefined || !isJudged(found, question, trail)) return undefined;
    chain.add(found);
    if (found.kind !== "alias") return toldLate(answered(found, chain, trail), found, trail, terms);
    if (found.target === undefined) return undefined;
    question = { ...question, name: lowerCase(found.target) };
  }
  return undefined;
}

/**
 * What was known of one name and type.
 *
 * The denial of a name is forgotten when any set of it is kept. So where there is one, it is
 * younger than all that is known of the name's types. Of one above it that is not known: between
 * old data and the end of the zone nobody can choose.
 */
function recallOld(question: Question, trail: Trail): Found | undefined {
  const { name, class: rrclass } = question;
  const { rrsets } = trail.memory;
  const denial = rrsets.findNoName(name, rrclass, trail.nowMs, name);
  if (denial !== undefined) return denied(denial);
  const found = recall(question, trail);
  if (found === undefined || found.kind === "failed") return undefined;
  if (found.kind === "denied") return found;
  const top = configuredFor(name, trail)?.zone;
  return rrsets.findNoName(name, rrclass, trail.nowMs, top) === undefined ? found : undefined;
}

/** Says whether what was found had a verdict when it was fresh, where it had to have one. */
function isJudged({ verdict }: Found, { name }: Question, trail: Trail): boolean {
  const { terms, options, beliefs } = trail;
  if (terms === undefined || verdict === "secure") return true;
  if (verdict === "insecure") return beliefs?.wasNegativeOver(name, terms.nowS) !== true;
  return anchorOver(name, options.validation?.anchors ?? []) === undefined;
}

function toldLate(
  fresh: Answered,
  last: Found,
  trail: Trail,
  terms: StaleTerms,
): Answered | undefined {
  const { terms: judging } = trail;
  const isSecure = judging !== undefined && fresh.verdict === "secure";
  const sets = [...fresh.answer, ...fresh.authority];
  if (isSecure && !sets.every((set) => isProvenYet(set, judging.nowS))) return undefined;
  const isNoName = last.kind === "denied" && last.isName;
  const { stale, staleNoName } = resolutionReasons;
  const answer = fresh.answer.map((set) => withNewTtl(set, trail, terms));
  const authority = fresh.authority.map((set) => withNewTtl(set, trail, terms));
  const ttls = [...answer, ...authority].map((set) => set.ttl);
  return {
    ...fresh,
    answer,
    authority,
    verdict: judging === undefined && fresh.verdict === "secure" ? "indeterminate" : fresh.verdict,
    errors: [tell(isNoName ? staleNoName : stale, {}), ...fresh.errors],
    ttlS: Math.min(terms.recheckS, ...ttls),
  };
}

/** Says whether no signature of a set has ended; which of them proved it is not known any more. */
function isProvenYet({ signatures }: RecordSet, nowS: number | undefined): boolean {
  if (nowS === undefined) return true;
  return signatures.every((rdata) => {
    const signature = parseSignature(rdata);
    return signature !== undefined && !hasEnded(signature, nowS);
  });
}

/**
 * Seen from so long ago, a TTL is longer by that time: what is left of it now, or a new one.
 *
 * No set gets a longer one than it had at first.
 */
function withNewTtl(set: RecordSet, { memory }: Trail, { limitS, ttlS }: StaleTerms): RecordSet {
  if (set.ttl > limitS) return { ...set, ttl: set.ttl - limitS };
  const firstS = memory.rrsets.firstTtlS(set.name, set.type, set.class) ?? ttlS;
  return { ...set, ttl: Math.max(1, Math.min(ttlS, firstS)) };
}
