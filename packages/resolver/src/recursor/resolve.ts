/**
 * The algorithm of RFC 1034 §5.3.3: from a question to its outcome.
 *
 *   recall   what the caches know of the name                    → answer, alias, denial, failure
 *   descend  nearest known cut → minimise → exchange             → referral: again, deeper
 *                                                                → answer, alias, denial, failure
 *   validate what was found, where answers are judged           → verdict, or another server
 *   an alias starts the same again with its target
 *
 * Everything that was learnt is in the caches before the outcome is given.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { type Name, labelCount, lowerCase, nameEqual } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { Telling } from "./classify.ts";
import { type Delegation, follow, nearestDelegation } from "./delegation.ts";
import type { Task } from "./effect.ts";
import { type NoReply, exchange } from "./exchange.ts";
import { type Shown, showMore, shownAtCut, shownQuestion } from "./minimise.ts";
import type { ExtendedError } from "../cache/failed.ts";
import { type Verdict, weaker } from "../dnssec/verdict.ts";
import type { Answered, Outcome } from "./outcome.ts";
import { type News, finding, keep } from "./keep.ts";
import type { ConfiguredZone } from "./options.ts";
import { rootDelegation } from "./prime.ts";
import { type Found, recallLasting } from "./recall.ts";
import { findSet } from "./sets.ts";
import { type Trail, trace } from "./trail.ts";
import { newInquiry } from "./inquiry.ts";
import { validate } from "./validate.ts";

const ALIASES_MAX = limits.aliasesPerQuestionMax.value;
/** Zones of so few labels are run well: what they say of a part holds for the whole (RFC 8020). */
const ZONES_BELIEVED_LABELS = 1;
/** A cut younger than this was learnt for the question that is being answered. */
const CUT_FRESH_MS = limits.taskTimeMs.value;
const REFERRALS_MAX = limits.referralsPerNameMax.value;

/** Resolves the trail's question. */
export function* resolve(trail: Trail): Task<Outcome> {
  const chain = new Chain();
  let { question } = trail;
  const refused = trail.terms && trail.memory.bogus.find(question, trail.nowMs);
  if (refused !== undefined) return { ...refused, why: "cached-failure" };
  const { terms, beliefs } = trail;
  const inquiry = terms && beliefs && newInquiry(trail, terms, beliefs);
  for (;;) {
    trail.source = undefined;
    let found = recallLasting(question, trail) ?? (yield* lookUp(question, trail));
    if (found.kind !== "failed" && inquiry !== undefined) {
      const judged = yield* validate(found, question, inquiry, lookUp);
      if (judged.kind === "bogus") return refuse(judged.errors, trail);
      chain.errors.push(...judged.errors);
      ({ found } = judged);
    } else if (found.kind !== "failed" && found.news !== undefined) {
      keep(found, found.news, trail);
    }
    if (found.kind === "failed") return failed(found, trail);
    chain.add(found);
    if (aliasesIn(chain.sets, trail.question) > ALIASES_MAX) return tooMany(trail);
    if (found.kind !== "alias") {
      if (inquiry !== undefined) trail.memory.bogus.forget(trail.question);
      return answered(found, chain, trail);
    }
    if (found.target === undefined) return tooLong(chain, trail);
    trace(trail, { kind: "alias", question, target: found.target });
    if (trail.options.stopsAt?.(found.target) === true) {
      return { ...answered(found, chain, trail), next: found.target };
    }
    if (returns(chain.sets, found.target)) return tooMany(trail);
    question = { ...question, name: lowerCase(found.target) };
  }
}

function tooMany(trail: Trail): Outcome {
  return failed({ why: "alias-chain-too-long" }, trail);
}

/** What was found on the way: the aliases, then the data; the verdict of all together. */
export class Chain {
  readonly sets: RecordSet[] = [];
  readonly proofs: RecordSet[] = [];
  readonly errors: ExtendedError[] = [];
  verdict: Verdict = "secure";
  isUncached = false;

  add({ sets, proofs, verdict, news }: Found): void {
    this.isUncached ||= news?.delegation.configured?.isUncached === true;
    this.sets.push(...sets);
    for (const proof of proofs) {
      if (findSet(this.proofs, proof.name, proof.type) === undefined) this.proofs.push(proof);
    }
    this.verdict = weaker(this.verdict, verdict);
  }

  /** Seconds that all of it may be kept. */
  get ttlS(): number {
    return Math.min(...this.sets.map((set) => set.ttl), ...this.proofs.map((set) => set.ttl));
  }
}

/** How many aliases a chain has, whether they came in one reply or in many. */
function aliasesIn(chain: readonly RecordSet[], { type }: Question): number {
  if (type === rrType.CNAME) return 0;
  let aliases = 0;
  for (const set of chain) if (set.type === rrType.CNAME) aliases++;
  return aliases;
}

/** Says whether an alias leads back to a name that the chain has passed. */
function returns(chain: readonly RecordSet[], target: Name): boolean {
  return chain.some((set) => set.type === rrType.CNAME && nameEqual(set.name, target));
}

/** Gives a failure, one that may be kept (RFC 9520 §3.2) unless a passing one led to it. */
function failed({ why, errors = [] }: Pick<NoReply, "why" | "errors">, trail: Trail): Outcome {
  return {
    kind: "failed",
    why,
    errors,
    ttlS: why === "too-busy" || (trail.isHampered && trail.depth > 0) ? 0 : FAILURE_TTL_S,
  };
}

const FAILURE_TTL_S = limits.failureFirstTtlS.value;

/** Refuses what is bogus; where only its proof's cost decided it, another asker may fare better. */
function refuse(errors: readonly ExtendedError[], trail: Trail): Outcome {
  const isPassing = trail.isHampered || trail.terms?.work.isSpent === true;
  const told = [...errors, ...trail.errors];
  return { kind: "failed", why: "bogus", errors: told, ttlS: isPassing ? 0 : FAILURE_TTL_S };
}

/** The answer that a chain and its end make. */
export function answered(found: Found, chain: Chain, trail: Trail): Answered {
  const authority = found.kind === "denied" ? found.authority : [];
  const deniedS = found.kind === "denied" ? found.ttlS : Number.POSITIVE_INFINITY;
  return {
    kind: "answered",
    rcode: found.kind === "denied" && found.isName ? rcode.NXDOMAIN : rcode.NOERROR,
    answer: chain.sets,
    authority: chain.proofs.length === 0 ? authority : [...authority, ...chain.proofs],
    verdict: chain.verdict,
    errors: [...chain.errors, ...trail.errors],
    ttlS: Math.min(deniedS, chain.ttlS),
    isUncached: chain.isUncached,
    source: trail.source,
  };
}

/** A DNAME whose target would be longer than a name may be (RFC 6672 §2.2). */
function tooLong(chain: Chain, trail: Trail): Answered {
  return {
    kind: "answered",
    rcode: rcode.YXDOMAIN,
    answer: chain.sets,
    authority: chain.proofs,
    verdict: chain.verdict,
    errors: [...chain.errors, ...trail.errors],
    ttlS: chain.ttlS,
    isUncached: chain.isUncached,
    source: trail.source,
  };
}

export type LookedUp = Found | NoReply;

/** Asks from the nearest known cut down; one that is cached and fails is asked for again, above. */
function* lookUp(question: Question, trail: Trail): Task<LookedUp> {
  let notBelow: Name | undefined;
  let passedOver: ConfiguredZone | undefined;
  for (;;) {
    const nearest = nearestDelegation(question, trail, notBelow, passedOver);
    const cut = nearest ?? (yield* rootDelegation(trail));
    const found = yield* descend(question, cut, trail);
    if (found.kind === "failed" && found.why !== "too-busy" && cut.configured?.orOthers === true) {
      passedOver = cut.configured;
      continue;
    }
    const isOld = trail.nowMs - cut.learntMs > CUT_FRESH_MS && labelCount(cut.zone) > 0;
    if (found.kind !== "failed" || found.why === "too-busy" || !isOld) return found;
    // The parent may have moved the zone since: its word is asked for once more.
    trail.memory.rrsets.removeCut(cut.zone, question.class);
    if (notBelow !== undefined) return found;
    notBelow = cut.zone;
  }
}

/** Follows referrals from `cut` to the servers that can answer. */
function* descend(question: Question, cut: Delegation, trail: Trail): Task<LookedUp> {
  let delegation = cut;
  let shown = firstShown(question, delegation, 0, trail);
  for (let referrals = 0; referrals <= REFERRALS_MAX;) {
    const asked = shownQuestion(question, shown);
    const isPart = asked !== question;
    if (isPart && isKnownInside(asked, delegation.zone, trail)) {
      shown = showMore(question, shown);
      continue;
    }
    trace(trail, { kind: "cut", question: asked, zone: delegation.zone });
    const reply = yield* exchange(delegation, asked, isPart, trail);
    if (reply.kind === "referral") {
      referrals++;
      trace(trail, { kind: "referral", question: asked, zone: reply.servers.name });
      delegation = follow(reply, delegation.zone, trail);
      shown = firstShown(question, delegation, shown.steps, trail);
      continue;
    }
    if (reply.kind === "failed" && !isPart) return reply;
    const news = (telling: Telling): News => {
      return { telling, question: asked, delegation, source: trail.source };
    };
    if (reply.kind === "telling" && !isPart) return finding(news(reply), trail);
    const redirected = reply.kind === "telling" && redirects(reply, asked.name);
    const denied = reply.kind === "telling" && reply.ending.kind === "no-name";
    if (denied && labelCount(delegation.zone) <= ZONES_BELIEVED_LABELS) {
      return finding(news(reply), trail);
    }
    if (reply.kind === "failed" || redirected || denied) {
      // A broken server may deny or refuse a part of a name that it has: it is shown all of it.
      shown = { labels: labelCount(question.name), steps: shown.steps };
      continue;
    }
    keep(finding(news(reply), trail), news(reply), trail);
    shown = showMore(question, shown);
  }
  return { kind: "failed", why: "referral-loop" };
}

function firstShown(
  question: Question,
  delegation: Delegation,
  steps: number,
  trail: Trail,
): Shown {
  const isWhole = delegation.whole || delegation.configured?.recursive === true;
  if (isWhole || !trail.options.minimise) return { labels: labelCount(question.name), steps };
  return showMore(question, shownAtCut(delegation.zone, steps));
}

/**
 * Says whether a part of a name is known to lie in the zone itself, with no cut at it: an empty
 * name in between, mostly. Only the zone's own SOA says so; that of a zone below would have the
 * parent's servers see a label more than they are due.
 */
function isKnownInside(part: Question, zone: Name, trail: Trail): boolean {
  const known = trail.memory.rrsets.find(part.name, part.type, part.class, trail.nowMs);
  if (known?.kind !== "no-data") return false;
  const soa = known.authority.find((set) => set.type === rrType.SOA);
  return soa !== undefined && nameEqual(soa.name, zone);
}

/** Says whether a reply to a part of a name holds a DNAME above that part. */
function redirects(reply: Telling, asked: Name): boolean {
  return reply.sets.some((set) => set.type === rrType.DNAME && !nameEqual(set.name, asked));
}
