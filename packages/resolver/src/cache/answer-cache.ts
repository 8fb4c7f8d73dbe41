/**
 * Packed answers by question, for the fast lane.
 *
 * The key is name, type, class, and the variant: DO and CD of who asked, and his view. What was
 * asked with CD=1 never answers CD=0. An answer is kept as long as its smallest TTL lasts.
 */
import type { Question } from "@lethe/wire/question.ts";
import type { Random } from "../base/random.ts";
import { packedAnswer } from "./packed-answer.ts";
import { Store, type StoreStats } from "./store.ts";

/** DO, CD and view as the second word of the key. */
export function variantOf(dnssecOk: boolean, checkingDisabled: boolean, view: number): number {
  return (view << 2) | (dnssecOk ? 2 : 0) | (checkingDisabled ? 1 : 0);
}

export class AnswerCache {
  /** The memory that places lead into. */
  readonly bytes: Uint8Array;
  readonly #store: Store;

  constructor(options: { readonly sizeBytes: number }, random: Random) {
    this.#store = new Store(options.sizeBytes, random);
    this.bytes = this.#store.log.bytes;
  }

  /**
   * Where the packed answer of a question begins in `bytes`, or -1 where none is alive.
   *
   * The name lies at `nameAt` of `frame`, uncompressed. The place holds until the cache changes.
   * PERF: allocates nothing.
   */
  find(
    frame: Uint8Array,
    nameAt: number,
    nameBytes: number,
    type: number,
    rrclass: number,
    variant: number,
    nowMs: number,
  ): number {
    const entry = this.#store.find(frame, nameAt, nameBytes, (type << 16) | rrclass, variant);
    if (entry < 0 || this.#store.log.expiresMs(entry) <= nowMs) return -1;
    this.#foundExpiresMs = this.#store.log.expiresMs(entry);
    return this.#store.log.valueAt(entry);
  }

  #foundExpiresMs = 0;

  /** Whole seconds that the answer found last has been kept, by its place. */
  ageS(place: number, nowMs: number): number {
    const leftS = Math.ceil((this.#foundExpiresMs - nowMs) / 1000);
    return Math.max(0, packedAnswer.ttlS(this.bytes, place) - leftS);
  }

  /** Keeps a packed answer for its smallest TTL; one without a TTL is not kept. */
  store(question: Question, variant: number, packed: Uint8Array, nowMs: number): void {
    const ttlS = packedAnswer.ttlS(packed, 0);
    if (ttlS === 0) return;
    const word = (question.type << 16) | question.class;
    this.#store.insert(question.name, word, variant, packed, nowMs + ttlS * 1000, nowMs);
  }

  /** Forgets everything. */
  clear(): void {
    this.#store.clear();
  }

  /** Overwrites what has expired, looking at a few entries a call. */
  sweep(nowMs: number, entriesMax: number): void {
    this.#store.sweep(nowMs, entriesMax);
  }

  get stats(): StoreStats {
    return this.#store.stats;
  }
}
