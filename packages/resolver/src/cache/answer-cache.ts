/**
 * Packed answers by question: what the fast lane answers from.
 *
 * The key is the name, letters folded, and two words:
 *
 *   word A   | type 16 | class 16 |
 *   word B   | view 30 | DO | CD  |
 *
 * What was asked with CD=1 never answers CD=0, and no view is answered from another's. An answer
 * is kept as long as its smallest TTL lasts; its age is what its TTLs are lessened by.
 */
import { rrClass } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { leadsThrough } from "./alias-answers.ts";
import type { AnswerBoard } from "./answer-board.ts";
import { packedAnswer } from "./packed-answer.ts";
import { Store, type StoreStats } from "./store.ts";

/** DO, CD and view as the second word of the key. */
export function variantOf(dnssecOk: boolean, checkingDisabled: boolean, view: number): number {
  return (view << 2) | (dnssecOk ? 2 : 0) | (checkingDisabled ? 1 : 0);
}

/** The view that a variant is for. */
export function viewIn(variant: number): number {
  return variant >>> 2;
}

/** Says whether a variant is for those who set DO. */
export function wantsSignatures(variant: number): boolean {
  return (variant & 2) !== 0;
}

/** Says whether a variant is for those who set CD. */
export function disablesChecking(variant: number): boolean {
  return (variant & 1) !== 0;
}

const RENEWED_TTL_MIN_S = limits.renewedTtlMinS.value;
/** An answer is due to be renewed in the last of so many parts of its time. */
const PARTS = 10;

/** A packed answer, for an operator who asks for it by name. */
export interface PackedEntry {
  readonly type: number;
  /** Seconds that it is kept for. */
  readonly leftS: number;
  /** It has the AD bit. */
  readonly isSecure: boolean;
}

export class AnswerCache {
  /** The memory that places lead into. */
  readonly bytes: Uint8Array;
  readonly #store: Store;
  readonly #board: AnswerBoard | undefined;
  #takenFromBoard = 0;

  /** `board`: what the workers share; what is not here is looked for there. */
  constructor(options: { readonly sizeBytes: number }, random: Random, board?: AnswerBoard) {
    this.#store = new Store(options.sizeBytes, random);
    this.#board = board;
    this.bytes = this.#store.log.bytes;
  }

  /**
   * The entry of a question, or -1 where none is alive; it holds until the cache changes.
   *
   * The name lies at `nameAt` of `frame`, uncompressed. PERF: allocates nothing.
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
    const word = keyWord(type, rrclass);
    const entry = this.#store.find(frame, nameAt, nameBytes, word, variant);
    if (entry >= 0 && this.#store.log.expiresMs(entry) > nowMs) return entry;
    if (this.#board === undefined) return -1;
    const size = this.#board.find(frame, nameAt, nameBytes, word, variant, nowMs);
    if (size === 0) return -1;
    const name = frame.slice(nameAt, nameAt + nameBytes);
    return this.#takeFromBoard(this.#board, size, name, word, variant, nowMs);
  }

  /** Copies what was found on the board into this cache; the entry, or -1 where it is too big. */
  #takeFromBoard(
    board: AnswerBoard,
    size: number,
    name: Uint8Array,
    word: number,
    variant: number,
    nowMs: number,
  ): number {
    // Clocks differ by parts of a millisecond: nothing may seem to be of the future.
    const ttlMs = packedAnswer.ttlS(board.found, 0) * 1000;
    const expiresMs = Math.min(board.expiresMs, nowMs + ttlMs);
    const entry = this.#store.reserve(name, word, variant, size, expiresMs, nowMs);
    if (entry < 0) return -1;
    this.bytes.set(board.found.subarray(0, size), this.placeOf(entry));
    this.#takenFromBoard++;
    return entry;
  }

  /** Answers that another worker had composed. */
  get takenFromBoard(): number {
    return this.#takenFromBoard;
  }

  /** Where in `bytes` the packed answer of an entry begins. */
  placeOf(entry: number): number {
    return this.#store.log.valueAt(entry);
  }

  /** Whole seconds that an entry has been kept. */
  ageS(entry: number, nowMs: number): number {
    const leftS = Math.ceil((this.#store.log.expiresMs(entry) - nowMs) / 1000);
    return packedAnswer.ttlS(this.bytes, this.placeOf(entry)) - leftS;
  }

  /** Whole seconds that an entry is still kept for. */
  leftS(entry: number, nowMs: number): number {
    return Math.ceil((this.#store.log.expiresMs(entry) - nowMs) / 1000);
  }

  /**
   * Says whether an entry of this age is to be asked for anew: it has a tenth of its TTL left,
   * and nobody has claimed it.
   *
   * PERF: plain loads; nothing is allocated.
   */
  isDue(entry: number, ageS: number): boolean {
    const ttlS = packedAnswer.ttlS(this.bytes, this.placeOf(entry));
    if ((ttlS - ageS) * PARTS > ttlS || ttlS < RENEWED_TTL_MIN_S) return false;
    return !this.#store.log.isClaimed(entry);
  }

  /** Marks an entry as being asked for; false where it is already. */
  claim(entry: number): boolean {
    return this.#store.log.claim(entry);
  }

  /** Lets an answer be claimed again: it could not be had anew. */
  release({ name, type, class: rrclass }: Question, variant: number): void {
    const entry = this.#store.find(name, 0, name.length, keyWord(type, rrclass), variant);
    if (entry >= 0) this.#store.log.release(entry);
  }

  /** The question of an entry, its letters folded. */
  questionOf(entry: number): Question {
    const { log } = this.#store;
    const word = log.wordA(entry);
    const nameAt = log.nameAt(entry);
    const name = log.bytes.slice(nameAt, nameAt + log.nameBytes(entry)) as Name;
    return { name, type: word >>> 16, class: word & 0xffff };
  }

  /** DO, CD and view of an entry. */
  variantIn(entry: number): number {
    return this.#store.log.wordB(entry);
  }

  /** Keeps a packed answer for its smallest TTL; one without a TTL only ends what was kept. */
  store(question: Question, variant: number, packed: Uint8Array, nowMs: number): void {
    const ttlS = packedAnswer.ttlS(packed, 0);
    const word = keyWord(question.type, question.class);
    const { name } = question;
    if (ttlS === 0) {
      this.#store.remove(name, word, variant);
      this.#board?.remove(name, word, variant);
      return;
    }
    const expiresMs = nowMs + ttlS * 1000;
    this.#store.insert(name, word, variant, packed, expiresMs, nowMs);
    this.#board?.keep(name, word, variant, packed, expiresMs, nowMs);
  }

  /**
   * Forgets all answers to questions of a name, or of one type of it, and says how many these were;
   * `below`: of all names below it too.
   */
  removeName(name: Uint8Array, type?: number, below = false): number {
    const word = type && keyWord(type, rrClass.IN);
    this.#board?.removeName(name, word, below);
    return this.#store.removeName(name, word, below);
  }

  /**
   * Forgets the answers, all or those of one type, that a chain of aliases leads through a name,
   * and says how many these were. PERF: looks at every entry, as `removeName` does.
   */
  removeAliasesOf(name: Uint8Array, type?: number): number {
    const word = type && keyWord(type, rrClass.IN);
    this.#board?.removeAliasesOf(name, word);
    const { log } = this.#store;
    let removed = 0;
    this.#store.forEach((entry) => {
      if (word !== undefined && log.wordA(entry) !== (word | 0)) return;
      const [nameAt, valueAt] = [log.nameAt(entry), log.valueAt(entry)];
      const end = this.bytes.length;
      if (!leadsThrough(this.bytes, nameAt, log.nameBytes(entry), valueAt, end, name)) return;
      this.#store.removeEntry(entry);
      removed++;
    });
    return removed;
  }

  /** The answers to questions of a name. */
  entriesOf(name: Uint8Array, nowMs: number): PackedEntry[] {
    const found: PackedEntry[] = [];
    this.#store.forEachOf(name, (entry) => {
      const { type } = this.questionOf(entry);
      const isSecure = (packedAnswer.flags(this.bytes, this.placeOf(entry)) & flag.ad) !== 0;
      found.push({ type, leftS: this.leftS(entry, nowMs), isSecure });
    });
    return found;
  }

  /** Forgets everything. */
  clear(): void {
    this.#store.clear();
    this.#board?.clear();
  }

  /** Overwrites what has expired, looking at `entriesMax` entries at most. */
  sweep(nowMs: number, entriesMax: number): void {
    this.#store.sweep(nowMs, entriesMax);
    this.#board?.sweep(nowMs, entriesMax);
  }

  get stats(): StoreStats {
    return this.#store.stats;
  }
}

function keyWord(type: number, rrclass: number): number {
  return (type << 16) | rrclass;
}
