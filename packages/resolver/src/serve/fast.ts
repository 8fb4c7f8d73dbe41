/**
 * The fast lane: bytes in, bytes out, for a plain question whose answer is in the cache.
 *
 * It is decided before the first output byte whether the fast lane takes a message; 0 means that
 * the slow lane must. It refuses nobody and composes nothing: whatever needs a decision is slow.
 * PERF: allocates nothing per question.
 */
import { rrClass } from "@lethe/wire/codes.ts";
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { type AnswerCache, variantOf } from "../cache/answer-cache.ts";
import type { Way } from "../transports/door.ts";
import type { Asking } from "./asking.ts";
import type { Finish } from "./finish.ts";

export class FastLane {
  readonly #answers: AnswerCache;
  readonly #finish: Finish;
  /** The entry that the last answer came from where it is to be asked for anew; else -1. */
  due = -1;

  constructor(answers: AnswerCache, finish: Finish) {
    this.#answers = answers;
    this.#finish = finish;
  }

  /**
   * Answers the question that `asking` was read from, which lies in the frame; gives the answer's
   * length, or 0 where the cache has none.
   */
  answer(
    frame: Uint8Array,
    at: number,
    capacity: number,
    asking: Asking,
    view: number,
    way: Way,
    nowMs: number,
  ): number {
    this.due = -1;
    if (asking.class !== rrClass.IN) return 0;
    const entry = this.#answers.find(
      frame,
      at + HEADER_BYTES,
      asking.nameBytes,
      asking.type,
      asking.class,
      variantOf(asking.dnssecOk, asking.checkingDisabled, view),
      nowMs,
    );
    if (entry < 0) return 0;
    const place = this.#answers.placeOf(entry);
    const ageS = this.#answers.ageS(entry, nowMs);
    if (this.#answers.isDue(entry, ageS)) this.due = entry;
    const { bytes } = this.#answers;
    return this.#finish.write(frame, at, capacity, asking, way, bytes, place, ageS);
  }
}
