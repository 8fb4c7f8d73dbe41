/**
 * What a connection may do beside asking, before it is ended (RFC 9113 §10.5).
 *
 * PING, SETTINGS, PRIORITY, empty frames and cancelled requests cost something and bring nothing;
 * each takes from the goodwill that answered requests have earned. So a client that asks may do as
 * usual clients do, for ever, and one that only floods is gone after its first few hundred frames.
 */
import { limits } from "../../base/limits.ts";

const GOODWILL_MAX = limits.http2GoodwillMax.value;
/** A usual client sends two or three frames beside each request. */
const EARNED_BY_ANSWER = 4;

export class Goodwill {
  #left: number = GOODWILL_MAX;

  /** A request was answered. */
  earn(): void {
    this.#left = Math.min(GOODWILL_MAX, this.#left + EARNED_BY_ANSWER);
  }

  /** Takes for something that brings nothing; false where nothing is left. */
  spend(cost: number): boolean {
    this.#left -= cost;
    return this.#left >= 0;
  }
}

/** What a request costs that is cancelled before it was answered: more than one answer earns. */
export const CANCEL_COST = 5;
