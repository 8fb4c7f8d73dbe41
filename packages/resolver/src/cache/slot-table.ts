/**
 * A table of fixed size from hashed keys to slot numbers, for small facts kept in columns.
 *
 * The table knows when each slot expires; what a slot means stands in typed arrays of the caller,
 * who indexes them by it. A key is the 64 bits of its keyed hash, never the key itself: two keys
 * of one hash are a chance of 2^-64 that nobody outside can raise, and no name lies in memory.
 */
import type { SipHash } from "../base/siphash.ts";

/** Slots that a key may stand in. */
const WAYS = 8;

/** PERF: every method allocates nothing and looks at eight slots, side by side in memory. */
export class SlotTable {
  /** Slots in all: the entries asked for, rounded up to whole buckets. */
  readonly size: number;
  readonly #buckets: number;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #expiresMs: Float64Array;

  constructor(entriesMax: number) {
    this.#buckets = Math.max(1, Math.ceil(entriesMax / WAYS));
    this.size = this.#buckets * WAYS;
    this.#low = new Int32Array(this.size);
    this.#high = new Int32Array(this.size);
    this.#expiresMs = new Float64Array(this.size).fill(Number.NEGATIVE_INFINITY);
  }

  /** The slot of the key that was hashed last, or -1 where it has none that is alive. */
  find(hash: SipHash, nowMs: number): number {
    const first = this.#firstOf(hash.low);
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#low[slot] === hash.low && this.#high[slot] === hash.high) {
        return this.#expiresMs[slot]! > nowMs ? slot : -1;
      }
    }
    return -1;
  }

  /**
   * A slot for the key that was hashed last, in the place of what expires first.
   *
   * The caller has looked with `find` and sets every column of the slot.
   */
  take(hash: SipHash, expiresMs: number): number {
    const first = this.#firstOf(hash.low);
    let taken = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#low[slot] === hash.low && this.#high[slot] === hash.high) {
        taken = slot;
        break;
      }
      if (this.#expiresMs[slot]! < this.#expiresMs[taken]!) taken = slot;
    }
    this.#low[taken] = hash.low;
    this.#high[taken] = hash.high;
    this.#expiresMs[taken] = expiresMs;
    return taken;
  }

  /** Says whether a slot still stands for the key that was hashed when it was found. */
  isAlive(slot: number, nowMs: number): boolean {
    return this.#expiresMs[slot]! > nowMs;
  }

  /** Lets a slot live longer, or shorter. */
  expireAt(slot: number, expiresMs: number): void {
    this.#expiresMs[slot] = expiresMs;
  }

  /** Empties a slot. */
  free(slot: number): void {
    this.#low[slot] = 0;
    this.#high[slot] = 0;
    this.#expiresMs[slot] = Number.NEGATIVE_INFINITY;
  }

  /** Empties all slots. */
  clear(): void {
    this.#low.fill(0);
    this.#high.fill(0);
    this.#expiresMs.fill(Number.NEGATIVE_INFINITY);
  }

  #firstOf(low: number): number {
    return Math.floor(((low >>> 0) / 0x1_0000_0000) * this.#buckets) * WAYS;
  }
}
