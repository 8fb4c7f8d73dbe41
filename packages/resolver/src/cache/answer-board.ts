/**
 * The board: packed answers that all workers see, in one piece of shared memory.
 *
 *     key of the hash | buckets of four slots, a slot is:
 *
 *      0  sequence, odd while somebody writes      16  packed answer's size
 *      4  first word of the key                    20  name's size; 0 where the slot is free
 *      8  second word of the key                   24  expiry in milliseconds, a float64
 *     12  upper half of the key's hash             32  name, letters folded; packed answer behind
 *
 * Each worker has a cache of its own in front of it. What one worker composed it pins here too, and
 * another, asked the same, takes it into its cache instead of asking upstream.
 *
 * Nobody waits: who finds a slot being written passes it by. A reader copies first and then looks
 * whether the sequence is still what it was, by a read-modify-write, so that no processor may have
 * moved the copy behind the look. A writer takes a slot by making its sequence odd; one that dies
 * in the middle of it leaves that slot unusable, and no other.
 *
 * PRIVACY: what is replaced or removed is overwritten with zeros; `sweep` does it for what expired.
 */
import { FOLD } from "@lethe/wire/name.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { leadsThrough } from "./alias-answers.ts";

const SLOT_BYTES = limits.boardSlotBytes.value;
const SLOT_WORDS = SLOT_BYTES >>> 2;
const WAYS = 4;
const KEY_BYTES = 16;
/** The slots begin at a multiple of a cache line. */
const SLOTS_AT = 64;

const SEQUENCE = 0;
const WORD_A = 1;
const WORD_B = 2;
const TAG = 3;
const VALUE_BYTES = 4;
const NAME_BYTES = 5;
const EXPIRES = 3;
const NAME_AT = 32;

export class AnswerBoard {
  /** The packed answer that was found last, in memory of this worker; overwritten by the next. */
  readonly found: Uint8Array = new Uint8Array(SLOT_BYTES);
  /** When what was found last expires, by this worker's clock. */
  expiresMs = 0;
  readonly #aheadMs: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #slots: number;
  readonly #hash: SipHash;
  #swept = 0;

  /** `aheadMs`: how far the clock that all workers share is ahead of this worker's. */
  constructor(memory: SharedArrayBuffer, aheadMs: number) {
    this.#aheadMs = aheadMs;
    this.#bytes = new Uint8Array(memory, SLOTS_AT);
    this.#words = new Int32Array(memory, SLOTS_AT);
    this.#doubles = new Float64Array(memory, SLOTS_AT);
    this.#slots = Math.floor(this.#bytes.length / SLOT_BYTES / WAYS) * WAYS;
    this.#hash = new SipHash(new Uint8Array(memory, 0, KEY_BYTES).slice());
    assert(this.#slots > 0, "a board has a bucket");
  }

  /** Memory for a board of about this size, with a key that all its users share. */
  static memoryOf(sizeBytes: number, random: Random): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(SLOTS_AT + Math.max(sizeBytes, WAYS * SLOT_BYTES));
    new Uint8Array(memory).set(random.bytes(KEY_BYTES));
    return memory;
  }

  /** Copies a live answer into `found` and gives its size; 0 where there is none. */
  find(
    name: Uint8Array,
    nameAt: number,
    nameBytes: number,
    wordA: number,
    wordB: number,
    nowMs: number,
  ): number {
    const first = this.#bucketOf(name, nameAt, nameBytes, wordA, wordB);
    for (let slot = first; slot < first + WAYS; slot++) {
      const word = slot * SLOT_WORDS;
      const sequence = Atomics.load(this.#words, word + SEQUENCE);
      if ((sequence & 1) !== 0 || !this.#isOf(slot, name, nameAt, nameBytes, wordA, wordB))
        continue;
      const size = this.#words[word + VALUE_BYTES]!;
      const expiresMs = this.#doubles[(word >>> 1) + EXPIRES]! - this.#aheadMs;
      const at = slot * SLOT_BYTES + NAME_AT + nameBytes;
      if (size > SLOT_BYTES - NAME_AT - nameBytes) continue; // it is being written
      for (let i = 0; i < size; i++) this.found[i] = this.#bytes[at + i]!;
      if (Atomics.add(this.#words, word + SEQUENCE, 0) !== sequence) continue;
      if (expiresMs <= nowMs) return 0;
      this.expiresMs = expiresMs;
      return size;
    }
    return 0;
  }

  /** Pins an answer: in the place of another of its key, of what expired, or expires first. */
  keep(
    name: Uint8Array,
    wordA: number,
    wordB: number,
    packed: Uint8Array,
    expiresMs: number,
    nowMs: number,
  ): void {
    if (NAME_AT + name.length + packed.length > SLOT_BYTES) return;
    const first = this.#bucketOf(name, 0, name.length, wordA, wordB);
    const tag = this.#hash.high;
    const slot = this.#slotFor(first, name, wordA, wordB, nowMs);
    if (!this.#begin(slot)) return;
    this.#erase(slot);
    const word = slot * SLOT_WORDS;
    this.#words[word + WORD_A] = wordA;
    this.#words[word + WORD_B] = wordB;
    this.#words[word + TAG] = tag;
    this.#words[word + VALUE_BYTES] = packed.length;
    this.#words[word + NAME_BYTES] = name.length;
    this.#doubles[(word >>> 1) + EXPIRES] = expiresMs + this.#aheadMs;
    const at = slot * SLOT_BYTES + NAME_AT;
    for (let i = 0; i < name.length; i++) this.#bytes[at + i] = FOLD[name[i]!]!;
    this.#bytes.set(packed, at + name.length);
    this.#end(slot);
  }

  /** Forgets one answer. */
  remove(name: Uint8Array, wordA: number, wordB: number): void {
    const first = this.#bucketOf(name, 0, name.length, wordA, wordB);
    for (let slot = first; slot < first + WAYS; slot++) {
      const isIt = this.#isOf(slot, name, 0, name.length, wordA, wordB);
      if (isIt && this.#begin(slot)) this.#eraseAndEnd(slot);
    }
  }

  /**
   * Forgets the answers to questions of a name, or what has one first word; `below`: of all names
   * below it too. PERF: looks at every slot; a purge is an operator's act.
   */
  removeName(name: Uint8Array, wordA?: number, below = false): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      const word = slot * SLOT_WORDS;
      if (wordA !== undefined && this.#words[word + WORD_A] !== (wordA | 0)) continue;
      const isIt = below
        ? this.#isAtOrUnder(slot, name)
        : this.#hasName(slot, name, 0, name.length);
      if (isIt && this.#begin(slot)) this.#eraseAndEnd(slot);
    }
  }

  /** Forgets the answers that a chain of aliases leads through a name; as `removeName`. */
  removeAliasesOf(name: Uint8Array, wordA?: number): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      const word = slot * SLOT_WORDS;
      if (wordA !== undefined && this.#words[word + WORD_A] !== (wordA | 0)) continue;
      const nameBytes = this.#words[word + NAME_BYTES]!;
      if (nameBytes === 0 || nameBytes > SLOT_BYTES - NAME_AT) continue; // free, or being written
      const at = slot * SLOT_BYTES + NAME_AT;
      const end = (slot + 1) * SLOT_BYTES;
      const isIt = leadsThrough(this.#bytes, at, nameBytes, at + nameBytes, end, name);
      if (isIt && this.#begin(slot)) this.#eraseAndEnd(slot);
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (let slot = 0; slot < this.#slots; slot++) if (this.#begin(slot)) this.#eraseAndEnd(slot);
  }

  /** Overwrites what has expired, looking at so many slots; the next call goes on behind them. */
  sweep(nowMs: number, slotsMax: number): void {
    for (let i = 0; i < slotsMax; i++) {
      const slot = this.#swept;
      this.#swept = slot + 1 === this.#slots ? 0 : slot + 1;
      if (this.#isFree(slot) || this.#expiresMs(slot) > nowMs) continue;
      if (!this.#begin(slot)) continue;
      // Looked at again: it may have been written anew in between.
      if (this.#expiresMs(slot) <= nowMs) this.#erase(slot);
      this.#end(slot);
    }
  }

  #bucketOf(name: Uint8Array, at: number, size: number, wordA: number, wordB: number): number {
    this.#hash.hashFolded(name, at, size, wordA | 0, wordB | 0);
    const bucket = Math.floor(((this.#hash.low >>> 0) / 0x1_0000_0000) * (this.#slots / WAYS));
    return bucket * WAYS;
  }

  /** The slot of a bucket for a key: its own, a free or expired one, else what expires first. */
  #slotFor(first: number, name: Uint8Array, wordA: number, wordB: number, nowMs: number): number {
    let best = first;
    let bestMs = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#isOf(slot, name, 0, name.length, wordA, wordB)) return slot;
      const expiresMs = this.#isFree(slot) ? Number.NEGATIVE_INFINITY : this.#expiresMs(slot);
      const lastsMs = expiresMs <= nowMs ? Number.NEGATIVE_INFINITY : expiresMs;
      if (lastsMs >= bestMs) continue;
      best = slot;
      bestMs = lastsMs;
    }
    return best;
  }

  #isOf(
    slot: number,
    name: Uint8Array,
    nameAt: number,
    nameBytes: number,
    wordA: number,
    wordB: number,
  ): boolean {
    const word = slot * SLOT_WORDS;
    if (this.#words[word + TAG] !== this.#hash.high) return false;
    if (this.#words[word + WORD_A] !== (wordA | 0)) return false;
    if (this.#words[word + WORD_B] !== (wordB | 0)) return false;
    return this.#hasName(slot, name, nameAt, nameBytes);
  }

  #hasName(slot: number, name: Uint8Array, nameAt: number, nameBytes: number): boolean {
    if (this.#words[slot * SLOT_WORDS + NAME_BYTES] !== nameBytes) return false;
    const at = slot * SLOT_BYTES + NAME_AT;
    for (let i = 0; i < nameBytes; i++) {
      if (this.#bytes[at + i] !== FOLD[name[nameAt + i]!]) return false;
    }
    return true;
  }

  #isAtOrUnder(slot: number, name: Uint8Array): boolean {
    const nameBytes = this.#words[slot * SLOT_WORDS + NAME_BYTES]!;
    if (nameBytes > SLOT_BYTES - NAME_AT) return false; // it is being written
    let at = slot * SLOT_BYTES + NAME_AT;
    const wantedAt = at + nameBytes - name.length;
    while (at < wantedAt) at += 1 + this.#bytes[at]!;
    return at === wantedAt && name.every((byte, i) => this.#bytes[at + i] === FOLD[byte]);
  }

  #isFree(slot: number): boolean {
    return this.#words[slot * SLOT_WORDS + NAME_BYTES] === 0;
  }

  /** When a slot expires by this worker's clock. */
  #expiresMs(slot: number): number {
    return this.#doubles[((slot * SLOT_WORDS) >>> 1) + EXPIRES]! - this.#aheadMs;
  }

  /** Takes a slot for writing; false where somebody else has it. */
  #begin(slot: number): boolean {
    const at = slot * SLOT_WORDS + SEQUENCE;
    const sequence = Atomics.load(this.#words, at);
    if ((sequence & 1) !== 0) return false;
    return Atomics.compareExchange(this.#words, at, sequence, sequence + 1) === sequence;
  }

  /** Gives back a slot that was taken: its sequence is another than before. */
  #end(slot: number): void {
    Atomics.add(this.#words, slot * SLOT_WORDS + SEQUENCE, 1);
  }

  #erase(slot: number): void {
    const at = slot * SLOT_BYTES;
    this.#bytes.fill(0, at + 4, at + SLOT_BYTES);
  }

  #eraseAndEnd(slot: number): void {
    this.#erase(slot);
    this.#end(slot);
  }
}
