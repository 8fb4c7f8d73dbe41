/**
 * The ring log of a store: entries one behind the other in a fixed piece of memory.
 *
 *     | youngest entries | gap          | oldest entries          |
 *     0                  ^head          ^tail                     size
 *
 * New entries are written at the head, the oldest are taken at the tail; both walk around. No
 * entry crosses the end. An entry is named by its place in bytes, a multiple of eight:
 *
 *      0  size of the whole entry                16  expiry in milliseconds, a float64
 *      4  name's size; flags from bit 16 on      24  first word of the key
 *      8  value's size                           28  second word of the key
 *     12  lower half of the key's hash           32  name, letters folded; value behind it
 */
import { FOLD } from "@lethe/wire/name.ts";

/** What an entry takes beyond its name and value. */
export const ENTRY_HEADER_BYTES = 32;

/** Every entry begins at a multiple of this. */
export const ENTRY_ALIGN_BYTES = 8;

/** The size of the numbers that a log keeps about itself. */
export const LOG_STATE_BYTES = 32;

/** Numbers about the log: where it is written, where its oldest entry lies, bytes between them. */
const HEAD = 0;
const TAIL = 1;
const GAP = 2;
/** Where the next sweep goes on. */
const CURSOR = 3;
const ENTRIES = 4;
/** Nothing was ever written from here on. */
const REACH = 5;

/** Words of an entry; the expiry is the third double. */
const SIZE = 0;
const META = 1;
const VALUE_BYTES = 2;
const HASH = 3;
const EXPIRES = 2;
const WORD_A = 6;
const WORD_B = 7;

const NAME_BYTES_MASK = 0xffff;
const LIVE = 1 << 16;
const USED = 1 << 17;
const CLAIMED = 1 << 18;

/** The key and sizes of an entry to be written. */
export interface NewEntry {
  readonly name: Uint8Array;
  readonly nameAt: number;
  readonly nameBytes: number;
  readonly wordA: number;
  readonly wordB: number;
  readonly hash: number;
  readonly valueBytes: number;
  readonly expiresMs: number;
}

/** PERF: every method but `forEach` allocates nothing; reads are loads from typed arrays. */
export class EntryLog {
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #state: Int32Array;

  /** Lays the state at `stateAt` of the memory and the log at `at`, both multiples of eight. */
  constructor(memory: ArrayBufferLike, stateAt: number, at: number, sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.bytes = new Uint8Array(memory, at, sizeBytes);
    this.#words = new Int32Array(memory, at, sizeBytes >>> 2);
    this.#doubles = new Float64Array(memory, at, sizeBytes >>> 3);
    this.#state = new Int32Array(memory, stateAt, LOG_STATE_BYTES >>> 2);
    this.#state[GAP] = sizeBytes;
  }

  /** Where in `bytes` an entry's name begins, its letters folded. */
  nameAt(entry: number): number {
    return entry + ENTRY_HEADER_BYTES;
  }

  nameBytes(entry: number): number {
    return this.#words[(entry >>> 2) + META]! & NAME_BYTES_MASK;
  }

  /** Where in `bytes` an entry's value begins. */
  valueAt(entry: number): number {
    return entry + ENTRY_HEADER_BYTES + this.nameBytes(entry);
  }

  valueBytes(entry: number): number {
    return this.#words[(entry >>> 2) + VALUE_BYTES]!;
  }

  /** The first word of an entry's key, as a signed number. */
  wordA(entry: number): number {
    return this.#words[(entry >>> 2) + WORD_A]!;
  }

  /** The second word of an entry's key, as a signed number. */
  wordB(entry: number): number {
    return this.#words[(entry >>> 2) + WORD_B]!;
  }

  /** When an entry expires: it is not to be used at this time or later. */
  expiresMs(entry: number): number {
    return this.#doubles[(entry >>> 3) + EXPIRES]!;
  }

  /** The lower half of the hash of an entry's key. */
  hash(entry: number): number {
    return this.#words[(entry >>> 2) + HASH]!;
  }

  isLive(entry: number): boolean {
    return (this.#words[(entry >>> 2) + META]! & LIVE) !== 0;
  }

  isUsed(entry: number): boolean {
    return (this.#words[(entry >>> 2) + META]! & USED) !== 0;
  }

  /** Marks an entry used; memory is written only where that is news. */
  use(entry: number): void {
    const meta = this.#words[(entry >>> 2) + META]!;
    if ((meta & USED) === 0) this.#words[(entry >>> 2) + META] = meta | USED;
  }

  /** Marks an entry as somebody's to renew; false where it is marked already. */
  claim(entry: number): boolean {
    const meta = this.#words[(entry >>> 2) + META]!;
    this.#words[(entry >>> 2) + META] = meta | CLAIMED;
    return (meta & CLAIMED) === 0;
  }

  /** Takes the mark of `claim` away. */
  release(entry: number): void {
    this.#words[(entry >>> 2) + META]! &= ~CLAIMED;
  }

  /** Says whether an entry is somebody's to renew. */
  isClaimed(entry: number): boolean {
    return (this.#words[(entry >>> 2) + META]! & CLAIMED) !== 0;
  }

  /** Says whether an entry has this key, the name in any letter case. */
  hasKey(
    entry: number,
    name: Uint8Array,
    nameAt: number,
    nameBytes: number,
    wordA: number,
    wordB: number,
  ): boolean {
    const word = entry >>> 2;
    if (this.#words[word + WORD_A] !== wordA || this.#words[word + WORD_B] !== wordB) return false;
    return this.hasName(entry, name, nameAt, nameBytes);
  }

  /** Says whether an entry is one of this name, in any letter case. */
  hasName(entry: number, name: Uint8Array, nameAt: number, nameBytes: number): boolean {
    if (this.nameBytes(entry) !== nameBytes) return false;
    return this.#isAt(entry + ENTRY_HEADER_BYTES, name, nameAt, nameBytes);
  }

  /** Says whether an entry's name is this one or one below it. */
  isAtOrUnder(entry: number, name: Uint8Array): boolean {
    const end = entry + ENTRY_HEADER_BYTES + this.nameBytes(entry);
    const wantedAt = end - name.length;
    let at = entry + ENTRY_HEADER_BYTES;
    while (at < wantedAt) at += 1 + this.bytes[at]!;
    return at === wantedAt && this.#isAt(at, name, 0, name.length);
  }

  #isAt(at: number, name: Uint8Array, nameAt: number, nameBytes: number): boolean {
    for (let i = 0; i < nameBytes; i++) {
      if (this.bytes[at + i] !== FOLD[name[nameAt + i]!]) return false;
    }
    return true;
  }

  get entries(): number {
    return this.#state[ENTRIES]!;
  }

  get gapBytes(): number {
    return this.#state[GAP]!;
  }

  /** Bytes from the head to the end of the memory. */
  get bytesToEnd(): number {
    return this.sizeBytes - this.#state[HEAD]!;
  }

  /** How far behind the head an entry lies: the greater, the older. */
  ageBytes(entry: number): number {
    const behind = this.#state[HEAD]! - entry;
    return behind > 0 ? behind : behind + this.sizeBytes;
  }

  /** Writes an entry but for its value at the head, where the caller has made room. */
  append(entry: NewEntry): number {
    const at = this.#state[HEAD]!;
    const { name, nameAt, nameBytes, valueBytes } = entry;
    const word = at >>> 2;
    const sizeBytes = entryBytes(nameBytes, valueBytes);
    this.#words[word + SIZE] = sizeBytes;
    this.#words[word + META] = nameBytes | LIVE;
    this.#words[word + VALUE_BYTES] = valueBytes;
    this.#words[word + HASH] = entry.hash;
    this.#doubles[(at >>> 3) + EXPIRES] = entry.expiresMs;
    this.#words[word + WORD_A] = entry.wordA;
    this.#words[word + WORD_B] = entry.wordB;
    const storedAt = at + ENTRY_HEADER_BYTES;
    for (let i = 0; i < nameBytes; i++) this.bytes[storedAt + i] = FOLD[name[nameAt + i]!]!;
    this.#state[ENTRIES]!++;
    this.#advanceHead(sizeBytes);
    return at;
  }

  /** Closes the end of the memory with an entry without content; the head starts anew at 0. */
  fillToEnd(): void {
    const head = this.#state[HEAD]!;
    this.#words[(head >>> 2) + SIZE] = this.sizeBytes - head;
    this.#words[(head >>> 2) + META] = 0;
    this.#advanceHead(this.sizeBytes - head);
  }

  /** Adds the oldest entry's bytes to the gap and gives the entry, still readable. */
  takeTail(): number {
    const state = this.#state;
    const tail = state[TAIL]!;
    const next = this.#after(tail);
    if (state[CURSOR] === tail) state[CURSOR] = next;
    state[TAIL] = next;
    state[GAP]! += this.#words[(tail >>> 2) + SIZE]!;
    return tail;
  }

  /** Moves the entry that was just taken to the head, unused again, and gives its new place. */
  moveToHead(entry: number): number {
    const sizeBytes = this.#words[(entry >>> 2) + SIZE]!;
    if (this.bytesToEnd < sizeBytes) this.fillToEnd();
    const target = this.#state[HEAD]!;
    const end = entry + sizeBytes;
    this.bytes.copyWithin(target, entry, end);
    if (target !== entry) {
      this.bytes.fill(0, target < entry ? Math.max(entry, target + sizeBytes) : entry, end);
    }
    this.#words[(target >>> 2) + META]! &= ~USED;
    this.#advanceHead(sizeBytes);
    return target;
  }

  /**
   * Makes an entry one without content.
   *
   * PRIVACY: name and value are overwritten at once.
   */
  erase(entry: number): void {
    const sizeBytes = this.#words[(entry >>> 2) + SIZE]!;
    this.bytes.fill(0, entry + ENTRY_ALIGN_BYTES, entry + sizeBytes);
    this.#words[(entry >>> 2) + META] = 0;
    this.#state[ENTRIES]!--;
  }

  /**
   * Overwrites and forgets everything.
   *
   * PERF: memory that was never written is left alone: the kernel would have to find all of it,
   * which takes seconds where it is busy.
   */
  clear(): void {
    this.bytes.fill(0, 0, this.#state[REACH]);
    this.#state.fill(0);
    this.#state[GAP] = this.sizeBytes;
  }

  /** Calls `visit` for every live entry, oldest first; it may erase the entry that it is given. */
  forEach(visit: (entry: number) => void): void {
    let entry = this.#state[TAIL]!;
    for (let left = this.sizeBytes - this.#state[GAP]!; left > 0;) {
      left -= this.#words[(entry >>> 2) + SIZE]!;
      const next = this.#after(entry);
      if (this.isLive(entry)) visit(entry);
      entry = next;
    }
  }

  /** The next entry that a sweep looks at, live or not; -1 where the log is empty. */
  nextToSweep(): number {
    const state = this.#state;
    if (state[GAP] === this.sizeBytes) return -1;
    if (state[CURSOR] === state[HEAD]) state[CURSOR] = state[TAIL]!;
    const entry = state[CURSOR]!;
    state[CURSOR] = this.#after(entry);
    return entry;
  }

  #after(entry: number): number {
    const next = entry + this.#words[(entry >>> 2) + SIZE]!;
    return next === this.sizeBytes ? 0 : next;
  }

  #advanceHead(byBytes: number): void {
    const head = this.#state[HEAD]! + byBytes;
    if (head > this.#state[REACH]!) this.#state[REACH] = head;
    this.#state[HEAD] = head === this.sizeBytes ? 0 : head;
    this.#state[GAP]! -= byBytes;
  }
}

/** The size of an entry with a name and value of these sizes. */
export function entryBytes(nameBytes: number, valueBytes: number): number {
  const unpadded = ENTRY_HEADER_BYTES + nameBytes + valueBytes;
  return (unpadded + ENTRY_ALIGN_BYTES - 1) & -ENTRY_ALIGN_BYTES;
}
