/**
 * What the caches knew of a question a while ago: the answer of last resort (RFC 8767).
 *
 * A set that expired is still there for as long as `limitS` says, and is found by whoever looks
 * from a time before its end. Each record that is past its TTL is given a short one, so that
 * clients ask again soon; what is still good keeps its own.
 */
import { extendedError, rcode } from "@lethe/wire/codes.ts";
import { lowerCase } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { configuredFor } from "./delegation.ts";
import type { Answered } from "./outcome.ts";
import { type Found, recall } from "./recall.ts";
import type { Trail } from "./trail.ts";

const ALIASES_MAX = limits.aliasesPerQuestionMax.value;

/** For how long what expired may be told, and with which TTL; both in seconds. */
export interface StaleTerms {
  readonly limitS: number;
  readonly ttlS: number;
}

/**
 * The answer to the trail's question, as stale as the terms allow; undefined where none is.
 *
 * The trail is used for nothing else: its time is set back.
 */
export function recallStale(trail: Trail, terms: StaleTerms): Answered | undefined {
  const chain: RecordSet[] = [];
  trail.nowMs -= terms.limitS * 1000;
  let { question } = trail;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const found = recallOld(question, trail);
    if (found === undefined) return undefined;
    chain.push(...found.sets);
    if (found.kind !== "alias") return answerOf(found, chain, trail, terms);
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
  if (denial === undefined) {
    const found = recall(question, trail);
    if (found === undefined || found.kind === "failed") return undefined;
    if (found.kind === "denied") return found;
    const top = configuredFor(name, trail)?.zone;
    return rrsets.findNoName(name, rrclass, trail.nowMs, top) === undefined ? found : undefined;
  }
  const { authority, ttlS } = denial;
  return { kind: "denied", isName: true, sets: [], authority, ttlS };
}

function answerOf(
  found: Found,
  chain: readonly RecordSet[],
  trail: Trail,
  terms: StaleTerms,
): Answered {
  const isDenial = found.kind === "denied";
  const isNoName = isDenial && found.isName;
  const answer = chain.map((set) => withNewTtl(set, terms));
  const authority = isDenial ? found.authority.map((set) => withNewTtl(set, terms)) : [];
  const code = isNoName ? extendedError.staleNxdomainAnswer : extendedError.staleAnswer;
  const ttls = [...answer, ...authority].map((set) => set.ttl);
  return {
    kind: "answered",
    rcode: isNoName ? rcode.NXDOMAIN : rcode.NOERROR,
    answer,
    authority,
    // Signatures that were good then need not be now.
    verdict: "indeterminate",
    errors: [{ code, text: "" }, ...trail.errors],
    ttlS: Math.min(...ttls),
  };
}

/** Seen from so long ago, a TTL is longer by that time: what is left of it now, or a new one. */
function withNewTtl(set: RecordSet, { limitS, ttlS }: StaleTerms): RecordSet {
  return { ...set, ttl: set.ttl > limitS ? set.ttl - limitS : ttlS };
}
