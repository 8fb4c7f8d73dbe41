/**
 * Questions that could not be resolved, so that they are not asked for again at once.
 *
 * RFC 9520 §3.2: a failure is remembered for some seconds, twice as long each time it is renewed,
 * up to five minutes.
 *
 * PRIVACY: keyed hashes of the questions are kept, and errors that may name them.
 */
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import type { Failed } from "./failed.ts";
import { SlotTable } from "./slot-table.ts";

const FIRST_MS = limits.failureFirstTtlS.value * 1000;
const MAX_MS = limits.failureTtlMaxS.value * 1000;

export class FailureCache {
  readonly #table: SlotTable;
  readonly #hash: SipHash;
  /** Until when each failure answers; its slot lives on as long again, to know a renewal by. */
  readonly #untilMs: Float64Array;
  readonly #keptMs: Float64Array;
  readonly #failures: (Failed | undefined)[];

  constructor(options: { readonly entriesMax: number }, random: Random) {
    this.#table = new SlotTable(options.entriesMax);
    this.#hash = SipHash.keyed(random);
    this.#untilMs = new Float64Array(this.#table.size);
    this.#keptMs = new Float64Array(this.#table.size);
    this.#failures = Array.from({ length: this.#table.size }, () => undefined);
  }

  /** The failure of a question that is still remembered; its `ttlS` is what is left of it. */
  find(question: Question, nowMs: number): Failed | undefined {
    const slot = this.#slotOf(question, nowMs);
    if (slot < 0 || this.#untilMs[slot]! <= nowMs) return undefined;
    const failed = this.#failures[slot];
    return failed && { ...failed, ttlS: Math.ceil((this.#untilMs[slot]! - nowMs) / 1000) };
  }

  /** Remembers a failure: five seconds at first, or twice as long as the last time. */
  note(question: Question, failed: Failed, nowMs: number): void {
    const before = this.#slotOf(question, nowMs);
    const keptMs = before < 0 ? FIRST_MS : Math.min(2 * this.#keptMs[before]!, MAX_MS);
    const slot = this.#table.take(this.#hash, nowMs + keptMs + MAX_MS);
    this.#untilMs[slot] = nowMs + keptMs;
    this.#keptMs[slot] = keptMs;
    this.#failures[slot] = failed;
  }

  /** Forgets the failure of a question: it has been resolved, or was purged. */
  forget(question: Question): void {
    const slot = this.#slotOf(question, Number.NEGATIVE_INFINITY);
    if (slot < 0) return;
    this.#table.free(slot);
    this.#failures[slot] = undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#table.clear();
    this.#failures.fill(undefined);
  }

  #slotOf(question: Question, nowMs: number): number {
    const { name } = question;
    this.#hash.hashFolded(name, 0, name.length, question.type, question.class);
    return this.#table.find(this.#hash, nowMs);
  }
}
