/**
 * The memory under the caches: a fixed number of bytes that maps keys to values and forgets what
 * nobody uses.
 *
 * One buffer holds everything, so that nothing grows and nothing is collected:
 *
 *     state | index: buckets of eight slots, a slot is      | log: a ring of entries
 *           | the upper half of a hash and a place in log   | (entry-log.ts)
 *
 * New entries are written at the head of the log. The gap before the head is kept open by taking
 * entries from the tail: one that was used since it was written moves to the head, any other is
 * dropped. So what is used stays, and a flood of names that nobody asks again passes through.
 *
 * A key is a name where it lies, in any letter case, and two words of 32 bits of the caller's. It
 * is found by keyed hash and compared in full.
 *
 * PRIVACY: what is removed, replaced or dropped is overwritten with zeros at once; `sweep` does
 * it for what has expired and is never asked again.
 */
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { ENTRY_ALIGN_BYTES, EntryLog, LOG_STATE_BYTES, entryBytes } from "./entry-log.ts";

/** Gives the memory of a store, all zeros. A shared buffer may come from here later. */
export type Allocate = (sizeBytes: number) => ArrayBufferLike;

export interface StoreStats {
  readonly sizeBytes: number;
  readonly entries: number;
  /** Entries dropped to make room before they expired. */
  readonly evicted: number;
  /** Entries moved to the head because they had been used. */
  readonly moved: number;
}

const STEPS_MAX = limits.storeStepsMax.value;
const SIZE_MIN = limits.storeBytesMin.value;
const SIZE_MAX = limits.storeBytesMax.value;
const ENTRY_BYTES_MAX = limits.storeEntryBytesMax.value;

/** A bucket fills one cache line: eight slots of two words. */
const SLOTS = 8;
const BUCKET_WORDS = 2 * SLOTS;
const BUCKET_BYTES = 4 * BUCKET_WORDS;

/** One part in eight is index: a slot for each 56 bytes of log. */
const INDEX_SHARE = 8;
/** One part in 32 of the log is gap, so that runs of used entries are moved before it fills. */
const GAP_SHARE = 32;
/** An entry takes at most one part in eight of the log. */
const ENTRY_SHARE = 8;

/**
 * A store of fixed size. An entry is named by its place, a number that is valid until the next
 * change of the store; -1 is no entry. What an entry says is read from `log`, in place.
 */
export class Store {
  readonly log: EntryLog;
  readonly #index: Int32Array;
  readonly #hash: SipHash;
  readonly #sizeBytes: number;
  /** Multiplied with a hash it gives the bucket. */
  readonly #bucketsPerHash: number;
  readonly #gapBytes: number;
  readonly #entryBytesMax: number;
  #evicted = 0;
  #moved = 0;

  /** Takes all its memory at once. The size is within the limits table, or it is our mistake. */
  constructor(sizeBytes: number, random: Random, allocate: Allocate = privateMemory) {
    assert(sizeBytes >= SIZE_MIN && sizeBytes <= SIZE_MAX, "a store's size is within its limits");
    const buckets = Math.floor(sizeBytes / INDEX_SHARE / BUCKET_BYTES);
    const logAt = LOG_STATE_BYTES + buckets * BUCKET_BYTES;
    const logBytes = (sizeBytes - logAt) & -ENTRY_ALIGN_BYTES;
    const memory = allocate(logAt + logBytes);
    this.log = new EntryLog(memory, 0, logAt, logBytes);
    this.#index = new Int32Array(memory, LOG_STATE_BYTES, buckets * BUCKET_WORDS);
    this.#hash = SipHash.keyed(random);
    this.#sizeBytes = memory.byteLength;
    this.#bucketsPerHash = buckets / 0x1_0000_0000;
    this.#gapBytes = Math.floor(logBytes / GAP_SHARE);
    this.#entryBytesMax = Math.min(ENTRY_BYTES_MAX, Math.floor(logBytes / ENTRY_SHARE));
  }

  /**
   * The entry of a key, or -1, and marks it used. Expired entries are found too.
   *
   * PERF: allocates nothing; about 100 ns for a name of 20 bytes while the memory is in cache.
   */
  find(name: Uint8Array, nameAt: number, nameBytes: number, wordA: number, wordB: number): number {
    const slot = this.#slotOfKey(name, nameAt, nameBytes, wordA | 0, wordB | 0);
    if (slot < 0) return -1;
    const entry = this.#index[slot + 1]! - 1;
    this.log.use(entry);
    return entry;
  }

  /**
   * Makes an entry, in the place of any other of its key, and gives it, or -1 where it is too big.
   *
   * The caller writes `valueBytes` bytes at `log.valueAt(entry)` before it does anything else
   * with the store. `name` must not lie in the store. A value too big removes what stood there.
   */
  reserve(
    name: Uint8Array,
    wordA: number,
    wordB: number,
    valueBytes: number,
    expiresMs: number,
    nowMs: number,
  ): number {
    const nameBytes = name.length;
    const stands = this.#slotOfKey(name, 0, nameBytes, wordA | 0, wordB | 0);
    const { low: hash, high: tag } = this.#hash;
    if (stands >= 0) this.#drop(stands);
    const sizeBytes = entryBytes(nameBytes, valueBytes);
    if (sizeBytes > this.#entryBytesMax) return -1;
    this.#makeRoom(sizeBytes, nowMs);
    const slot = this.#slotForNew(hash, nowMs);
    const key = { name, nameAt: 0, nameBytes, wordA, wordB, hash };
    const entry = this.log.append({ ...key, valueBytes, expiresMs });
    this.#index[slot] = tag;
    this.#index[slot + 1] = entry + 1;
    return entry;
  }

  /** Keeps a value under a key, in the place of any other; false where it is too big. */
  insert(
    name: Uint8Array,
    wordA: number,
    wordB: number,
    value: Uint8Array,
    expiresMs: number,
    nowMs: number,
  ): boolean {
    const entry = this.reserve(name, wordA, wordB, value.length, expiresMs, nowMs);
    if (entry >= 0) this.log.bytes.set(value, this.log.valueAt(entry));
    return entry >= 0;
  }

  /** Forgets the entry of a key; false where there is none. */
  remove(name: Uint8Array, wordA: number, wordB: number): boolean {
    const slot = this.#slotOfKey(name, 0, name.length, wordA | 0, wordB | 0);
    if (slot >= 0) this.#drop(slot);
    return slot >= 0;
  }

  /** Forgets an entry by its place. */
  removeEntry(entry: number): void {
    this.#drop(this.#slotOfEntry(entry));
  }

  /**
   * Forgets everything of a name, or what has one first word, and says how many entries that were;
   * `below`: of all names below it too.
   *
   * PERF: looks at every entry, about 20 ms for a million: a purge is an operator's act.
   */
  removeName(name: Uint8Array, wordA?: number, below = false): number {
    const { log } = this;
    let removed = 0;
    log.forEach((entry) => {
      if (wordA !== undefined && log.wordA(entry) !== (wordA | 0)) return;
      const isIt = below ? log.isAtOrUnder(entry, name) : log.hasName(entry, name, 0, name.length);
      if (!isIt) return;
      this.removeEntry(entry);
      removed++;
    });
    return removed;
  }

  /** Visits every entry of a name, as `forEach` does. */
  forEachOf(name: Uint8Array, visit: (entry: number) => void): void {
    const { log } = this;
    log.forEach((entry) => {
      if (log.hasName(entry, name, 0, name.length)) visit(entry);
    });
  }

  /** Forgets everything. */
  clear(): void {
    this.log.clear();
    this.#index.fill(0);
  }

  /**
   * Forgets what expired at or before a time, looking at `entriesMax` entries at most; the next
   * call goes on where this one ended, and begins again behind the youngest.
   */
  sweep(expiredByMs: number, entriesMax: number): void {
    for (let i = 0; i < entriesMax; i++) {
      const entry = this.log.nextToSweep();
      if (entry < 0) return;
      if (this.log.isLive(entry) && this.log.expiresMs(entry) <= expiredByMs) {
        this.removeEntry(entry);
      }
    }
  }

  /** Visits every entry, oldest first. The visitor may remove the entry it is given, no other. */
  forEach(visit: (entry: number) => void): void {
    this.log.forEach(visit);
  }

  /** Counts for the operator. */
  get stats(): StoreStats {
    return {
      sizeBytes: this.#sizeBytes,
      entries: this.log.entries,
      evicted: this.#evicted,
      moved: this.#moved,
    };
  }

  /** The slot of a key, or -1; leaves the key's hash in `#hash`. */
  #slotOfKey(
    name: Uint8Array,
    nameAt: number,
    nameBytes: number,
    wordA: number,
    wordB: number,
  ): number {
    this.#hash.hashFolded(name, nameAt, nameBytes, wordA, wordB);
    const tag = this.#hash.high;
    const first = this.#bucketOf(this.#hash.low);
    for (let slot = first; slot < first + BUCKET_WORDS; slot += 2) {
      if (this.#index[slot] !== tag) continue;
      const entry = this.#index[slot + 1]! - 1;
      if (entry >= 0 && this.log.hasKey(entry, name, nameAt, nameBytes, wordA, wordB)) return slot;
    }
    return -1;
  }

  /** The first slot of the bucket that a hash falls into. */
  #bucketOf(hash: number): number {
    return Math.floor((hash >>> 0) * this.#bucketsPerHash) * BUCKET_WORDS;
  }

  /** The slot that leads to a live entry. */
  #slotOfEntry(entry: number): number {
    const first = this.#bucketOf(this.log.hash(entry));
    let slot = first;
    while (slot < first + BUCKET_WORDS && this.#index[slot + 1] !== entry + 1) slot += 2;
    assert(slot < first + BUCKET_WORDS, "a live entry has a slot");
    return slot;
  }

  /** A free slot of the bucket, or that of its least useful entry: expired, unused, oldest. */
  #slotForNew(hash: number, nowMs: number): number {
    const { log } = this;
    const first = this.#bucketOf(hash);
    let worst = first;
    let worstRank = -1;
    for (let slot = first; slot < first + BUCKET_WORDS; slot += 2) {
      const entry = this.#index[slot + 1]! - 1;
      if (entry < 0) return slot;
      let rank = log.ageBytes(entry);
      if (!log.isUsed(entry)) rank += 2 * log.sizeBytes;
      if (log.expiresMs(entry) <= nowMs) rank += 4 * log.sizeBytes;
      if (rank > worstRank) {
        worst = slot;
        worstRank = rank;
      }
    }
    this.#evict(worst, nowMs);
    return worst;
  }

  /**
   * Opens a gap of `sizeBytes` at the head.
   *
   * PERF: takes at most `storeStepsMax` entries to keep the gap wide, with mercy for used ones;
   * only where that does not suffice are more dropped, as many as the new entry is long.
   */
  #makeRoom(sizeBytes: number, nowMs: number): void {
    const { log } = this;
    const wantedBytes = sizeBytes + this.#gapBytes;
    for (let i = 0; i < STEPS_MAX && log.gapBytes < wantedBytes; i++) this.#takeTail(nowMs, true);
    for (;;) {
      const toEndBytes = log.bytesToEnd;
      if (toEndBytes < sizeBytes && log.gapBytes >= toEndBytes) log.fillToEnd();
      else if (log.gapBytes >= sizeBytes) return;
      else this.#takeTail(nowMs, false);
    }
  }

  /** Frees the oldest entry; one in use is written again at the head where it may be. */
  #takeTail(nowMs: number, mayMove: boolean): void {
    const { log } = this;
    const entry = log.takeTail();
    if (!log.isLive(entry)) return;
    const slot = this.#slotOfEntry(entry);
    if (!mayMove || !log.isUsed(entry) || log.expiresMs(entry) <= nowMs) {
      this.#evict(slot, nowMs);
      return;
    }
    this.#index[slot + 1] = log.moveToHead(entry) + 1;
    this.#moved++;
  }

  #evict(slot: number, nowMs: number): void {
    if (this.log.expiresMs(this.#index[slot + 1]! - 1) > nowMs) this.#evicted++;
    this.#drop(slot);
  }

  #drop(slot: number): void {
    this.log.erase(this.#index[slot + 1]! - 1);
    this.#index[slot] = 0;
    this.#index[slot + 1] = 0;
  }
}

function privateMemory(sizeBytes: number): ArrayBufferLike {
  return new ArrayBuffer(sizeBytes);
}
