/**
 * The algorithm of RFC 1034 §5.3.3: from a question to its outcome.
 *
 *   recall   what the caches know of the name                    → answer, alias, denial, failure
 *   descend  nearest known cut → minimise → exchange             → referral: again, deeper
 *                                                                → answer, alias, denial, failure
 *   an alias starts the same again with its target
 *
 * Everything that was learnt is in the caches before the outcome is given.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { getU32 } from "@lethe/wire/bytes.ts";
import { type Name, isAtOrUnder, labelCount, lowerCase, nameEqual } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { Telling } from "./classify.ts";
import { type Delegation, follow, nearestDelegation } from "./delegation.ts";
import type { Task } from "./effect.ts";
import { type NoReply, exchange } from "./exchange.ts";
import { type Shown, showMore, shownAtCut, shownQuestion } from "./minimise.ts";
import type { Failure } from "../cache/failed.ts";
import type { Answered, Outcome } from "./outcome.ts";
import { isPriming, keepPriming, rootDelegation } from "./prime.ts";
import { type Found, recallLasting } from "./recall.ts";
import { type Trail, remarkDamage, trace } from "./trail.ts";
import { trust } from "./trust.ts";

const ALIASES_MAX = limits.aliasesPerQuestionMax.value;
/** Zones of so few labels are run well: what they say of a part holds for the whole (RFC 8020). */
const ZONES_BELIEVED_LABELS = 1;
/** A cut younger than this was learnt for the question that is being answered. */
const CUT_FRESH_MS = limits.taskTimeMs.value;
const REFERRALS_MAX = limits.referralsPerNameMax.value;

/** Resolves the trail's question. */
export function* resolve(trail: Trail): Task<Outcome> {
  const chain: RecordSet[] = [];
  let question = trail.question;
  for (;;) {
    const found = recallLasting(question, trail) ?? (yield* lookUp(question, trail));
    if (found.kind === "failed") return failed(found.why, trail);
    chain.push(...found.sets);
    if (aliasesIn(chain, trail.question) > ALIASES_MAX) return tooMany(trail);
    if (found.kind !== "alias") return answered(found, chain, trail);
    if (found.target === undefined) return tooLong(chain);
    trace(trail, { kind: "alias", question, target: found.target });
    if (returns(chain, found.target)) return tooMany(trail);
    question = { ...question, name: lowerCase(found.target) };
  }
}

function tooMany(trail: Trail): Outcome {
  return failed("alias-chain-too-long", trail);
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
function failed(why: Failure, trail: Trail): Outcome {
  return {
    kind: "failed",
    why,
    errors: [],
    ttlS: why === "too-busy" || (trail.isHampered && trail.depth > 0) ? 0 : FAILURE_TTL_S,
  };
}

const FAILURE_TTL_S = limits.failureFirstTtlS.value;

function answered(found: Found, chain: readonly RecordSet[], trail: Trail): Answered {
  const authority = found.kind === "denied" ? found.authority : [];
  let ttlS = found.kind === "denied" ? found.ttlS : Number.POSITIVE_INFINITY;
  for (const set of chain) ttlS = Math.min(ttlS, set.ttl);
  return {
    kind: "answered",
    rcode: found.kind === "denied" && found.isName ? rcode.NXDOMAIN : rcode.NOERROR,
    answer: chain,
    authority,
    verdict: "indeterminate",
    errors: trail.errors,
    ttlS,
  };
}

/** A DNAME whose target would be longer than a name may be (RFC 6672 §2.2). */
function tooLong(chain: readonly RecordSet[]): Answered {
  const ttlS = Math.min(...chain.map((set) => set.ttl));
  return {
    kind: "answered",
    rcode: rcode.YXDOMAIN,
    answer: chain,
    authority: [],
    verdict: "indeterminate",
    errors: [],
    ttlS,
  };
}

type LookedUp = Found | NoReply;

/** Asks from the nearest known cut down; one that is cached and fails is asked for again, above. */
function* lookUp(question: Question, trail: Trail): Task<LookedUp> {
  let notBelow: Name | undefined;
  for (;;) {
    const cut = nearestDelegation(question, trail, notBelow) ?? (yield* rootDelegation(trail));
    const found = yield* descend(question, cut, trail);
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
    if (!isPart) return reply.kind === "failed" ? reply : keep(reply, question, delegation, trail);
    const redirected = reply.kind === "telling" && redirects(reply, asked.name);
    const denied = reply.kind === "telling" && reply.ending.kind === "no-name";
    if (denied && labelCount(delegation.zone) <= ZONES_BELIEVED_LABELS) {
      return keep(reply, asked, delegation, trail);
    }
    if (reply.kind === "failed" || redirected || denied) {
      // A broken server may deny or refuse a part of a name that it has: it is shown all of it.
      shown = { labels: labelCount(question.name), steps: shown.steps };
      continue;
    }
    keep(reply, asked, delegation, trail);
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
  const soa = known.authority[0];
  return soa !== undefined && nameEqual(soa.name, zone);
}

/** Says whether a reply to a part of a name holds a DNAME above that part. */
function redirects(reply: Telling, asked: Name): boolean {
  return reply.sets.some((set) => set.type === rrType.DNAME && !nameEqual(set.name, asked));
}

/** Keeps what an authority told, and gives it as a finding. */
function keep(telling: Telling, question: Question, delegation: Delegation, trail: Trail): Found {
  const { rrsets, failures } = trail.memory;
  const { nowMs } = trail;
  const rank = telling.authoritative ? trust.authoritativeAnswer : trust.answer;
  for (const [i, set] of telling.sets.entries()) {
    const isMade = set.type === rrType.CNAME && telling.sets[i - 1]?.type === rrType.DNAME;
    if (!isMade) rrsets.store(set, rank, "indeterminate", nowMs, telling.isDamaged);
  }
  if (telling.zoneServers !== undefined) {
    rrsets.store(telling.zoneServers, trust.authority, "indeterminate", nowMs);
  }
  if (isPriming(question)) keepPriming(telling, trail);
  failures.forget(question);
  if (telling.isDamaged) remarkDamage(trail);
  const { ending } = telling;
  if (ending.kind === "data") return { kind: "data", sets: telling.sets };
  if (ending.kind === "alias") {
    return { kind: "alias", sets: telling.sets, target: ending.target };
  }
  const { kind, name, authority } = ending;
  const soa = authority[0];
  const ttlS = soa === undefined ? 0 : negativeTtlS(soa, trail);
  if (ttlS > 0 && isAtOrUnder(name, delegation.zone)) {
    rrsets.storeDenial(kind, { ...question, name }, authority, ttlS, "indeterminate", nowMs);
  }
  return { kind: "denied", isName: kind === "no-name", sets: telling.sets, authority, ttlS };
}

/** How long a denial may be kept: the lesser of the SOA's TTL and its last field (RFC 2308 §5). */
function negativeTtlS(soa: RecordSet, trail: Trail): number {
  const rdata = soa.rdatas[0]!;
  const minimumS = getU32(rdata, rdata.length - 4);
  return Math.min(soa.ttl, minimumS, trail.options.negativeTtlMaxS);
}
