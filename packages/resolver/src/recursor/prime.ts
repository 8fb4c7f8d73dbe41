/**
 * Priming: from the hints of a file to what the root says of itself.
 *
 * RFC 8109 §3, RFC 9609. The root's NS set is asked of a hinted server and kept as a cut, like
 * any referral; addresses come with it in the additional section. While priming fails,
 * the hints themselves serve: old addresses are better than none.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { Telling } from "./classify.ts";
import { type Delegation, delegationFromHints, delegationOf } from "./delegation.ts";
import { type Task, join } from "./effect.ts";
import type { Trail } from "./trail.ts";

const PRIMING: Question = { name: ROOT, type: rrType.NS, class: rrClass.IN };

/** Says whether a question is the one that primes. */
export function isPriming(question: Question): boolean {
  return question.type === rrType.NS && question.name.length === 1;
}

/** The root's delegation: cached, or primed now, or the hints. */
export function* rootDelegation(trail: Trail): Task<Delegation> {
  if (isPriming(trail.question)) return delegationFromHints(trail);
  const cached = cachedRoot(trail) ?? (yield* primed(trail));
  return cached ?? delegationFromHints(trail);
}

function* primed(trail: Trail): Task<Delegation | undefined> {
  yield* join(PRIMING);
  return cachedRoot(trail);
}

function cachedRoot(trail: Trail): Delegation | undefined {
  const cached = trail.memory.rrsets.nearestCut(ROOT, rrClass.IN, trail.nowMs);
  if (cached === undefined) return undefined;
  return delegationOf(cached, trail);
}

/** Keeps what a priming reply says: the NS set, and addresses of the servers that it names. */
export function keepPriming(telling: Telling, trail: Trail): void {
  const servers = telling.sets.at(-1);
  if (servers === undefined || telling.ending.kind !== "data") return;
  trail.memory.rrsets.storeCut(servers, telling.additional, trail.nowMs);
}
