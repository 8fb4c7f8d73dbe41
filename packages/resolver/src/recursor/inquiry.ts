/** The validation of one question's answer: its terms, and what it may still ask again for. */
import type { Judging, Terms } from "../dnssec/judging.ts";
import { limits } from "../base/limits.ts";
import { type Task, verify } from "./effect.ts";
import type { Beliefs } from "../dnssec/beliefs.ts";
import type { Source, Trail } from "./trail.ts";

export interface Inquiry {
  readonly trail: Trail;
  readonly terms: Terms;
  readonly beliefs: Beliefs;
  /** Bogus things that may still be asked for at another server. */
  retriesLeft: number;
}

/** Begins the validation of what a trail finds. */
export function newInquiry(trail: Trail, terms: Terms, beliefs: Beliefs): Inquiry {
  return { trail, terms, beliefs, retriesLeft: limits.bogusRetriesPerQuestionMax.value };
}

/** Carries a judgement through; each signature that it wants checked is an effect. */
export function* carry<T>(judging: Judging<T>, { work }: Terms): Task<T> {
  let step = judging.next();
  while (step.done !== true) {
    const { algorithm, key, signed, signature } = step.value;
    const isSuspect = work.failures > 0;
    const isGood = yield* verify({ algorithm, key, signed, signature, isSuspect });
    if (isGood === undefined) work.giveUp();
    step = judging.next(isGood === true);
  }
  return step.value;
}

/**
 * Says whether what is bogus may be asked for once more, and sees to it that another server is.
 *
 * Its server comes last for the zone from now on, as one that lacks it does: it may be out of
 * step with its zone, or somebody may have spoken in its name. Where it was asked without EDNS, it
 * could not send any proof; lost packets may have made us think that it needs that, so it is asked
 * with EDNS again.
 */
export function mayAskAgain(source: Source | undefined, inquiry: Inquiry): boolean {
  const { terms, trail } = inquiry;
  if (terms.work.isSpent || inquiry.retriesLeft === 0) return false;
  inquiry.retriesLeft--;
  if (source === undefined) return true;
  const { servers } = trail.memory;
  const { server, zone } = source;
  servers.noteLame(server, zone, trail.nowMs);
  if (servers.edns(server, trail.nowMs) === "hurts") {
    servers.noteEdns(server, "unknown", trail.nowMs);
  }
  (trail.distrusted ??= []).push(server);
  return true;
}
