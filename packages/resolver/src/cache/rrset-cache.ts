/**
 * Record sets and denials that were learnt, each with how far it is believed.
 *
 * There are two sides. On the side "zone" stands what a zone says of itself: clients are answered
 * from it. On the side "parent" stands what a parent says of a cut, NS sets and glue: it finds
 * servers and answers nobody, and the child cannot replace it.
 *
 * On each side one set stands for a name, type and class. Data of lower rank never replaces what
 * is still alive and of higher rank (RFC 2181 §5.4.1); of equal rank it does. A denial of a type
 * stands in the place of the set that it denies; a denial of a name stands by itself and covers
 * the names below it (RFC 8020 §2).
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, parentOf } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import {
  packDenial,
  packSet,
  packedAt,
  packedDenialBytes,
  packedKind,
  packedSetBytes,
  unpackDenial,
  unpackSet,
  verdictCode,
  verdictOf,
} from "./packed-sets.ts";
import { Store, type StoreStats } from "./store.ts";

export type Side = "zone" | "parent";

export interface CachedSet {
  readonly kind: "set";
  /** Its TTL is what is left of it, rounded up: never 0. */
  readonly set: RecordSet;
  readonly trust: number;
  readonly verdict: Verdict;
}

export interface CachedDenial {
  readonly kind: "no-data" | "no-name";
  /** The SOA and the records that prove the denial, with what is left of their TTLs. */
  readonly authority: readonly RecordSet[];
  readonly ttlS: number;
  readonly verdict: Verdict;
}

export interface RrsetCacheOptions {
  readonly sizeBytes: number;
  /** TTLs are kept within these seconds; denials below their own ceiling. */
  readonly ttlMinS: number;
  readonly ttlMaxS: number;
  readonly negativeTtlMaxS: number;
}

const RECORDS_MAX = limits.recordsPerSetMax.value;
const PROOFS_MAX = limits.proofSetsPerDenialMax.value;

/** The type that stands for a denial of the whole name: no record has it. */
const NO_NAME = 0;

export class RrsetCache {
  readonly #store: Store;
  readonly #options: RrsetCacheOptions;

  constructor(options: RrsetCacheOptions, random: Random) {
    this.#store = new Store(options.sizeBytes, random);
    this.#options = options;
  }

  /** What stands for a name and type, or undefined; expired data is as good as none. */
  find(
    side: Side,
    name: Name,
    type: number,
    rrclass: number,
    nowMs: number,
  ): CachedSet | CachedDenial | undefined {
    const entry = this.#findEntry(side, name, type, rrclass, nowMs);
    if (entry < 0) return undefined;
    const { log } = this.#store;
    const at = log.valueAt(entry);
    const ttl = Math.ceil((log.expiresMs(entry) - nowMs) / 1000);
    const kind = log.bytes[at + packedAt.kind]!;
    const verdict = verdictOf(log.bytes[at + packedAt.verdict]!);
    if (kind === packedKind.set) {
      const set = unpackSet(log.bytes, at, { name, type, class: rrclass }, ttl);
      return { kind: "set", set, trust: log.bytes[at + packedAt.trust]!, verdict };
    }
    const authority = unpackDenial(log.bytes, at, rrclass, ttl);
    return {
      kind: kind === packedKind.noName ? "no-name" : "no-data",
      authority,
      ttlS: ttl,
      verdict,
    };
  }

  /** Keeps a set, unless what stands there is alive and of higher rank; says whether it was kept. */
  store(side: Side, set: RecordSet, trust: number, verdict: Verdict, nowMs: number): boolean {
    const wordA = keyWord(set.type, set.class);
    const wordB = sideWord(side);
    const stands = this.#findEntry(side, set.name, set.type, set.class, nowMs);
    if (stands >= 0 && this.#trustOf(stands) > trust) return false;
    const ttlS = Math.min(Math.max(set.ttl, this.#options.ttlMinS), this.#options.ttlMaxS);
    if (ttlS === 0 || set.rdatas.length > RECORDS_MAX) {
      this.#store.remove(set.name, wordA, wordB);
      return false;
    }
    const sizeBytes = packedSetBytes(set);
    const expiresMs = nowMs + ttlS * 1000;
    const entry = this.#store.reserve(set.name, wordA, wordB, sizeBytes, expiresMs, nowMs);
    if (entry < 0) return false;
    const { log } = this.#store;
    packSet(log.bytes, log.valueAt(entry), set, trust, verdict);
    if (side === "zone") this.#store.remove(set.name, keyWord(NO_NAME, set.class), wordB);
    return true;
  }

  /** Keeps a denial of a type, or of a whole name, for `ttlS` seconds at most. */
  storeDenial(
    kind: "no-data" | "no-name",
    question: Question,
    authority: readonly RecordSet[],
    ttlS: number,
    verdict: Verdict,
    nowMs: number,
  ): void {
    const { name, class: rrclass } = question;
    const isName = kind === "no-name";
    const wordA = keyWord(isName ? NO_NAME : question.type, rrclass);
    const proofs = authority.slice(0, PROOFS_MAX);
    let keptS = Math.min(ttlS, this.#options.negativeTtlMaxS);
    for (const set of proofs) keptS = Math.min(keptS, set.ttl);
    if (keptS <= 0) return;
    const sizeBytes = packedDenialBytes(proofs);
    const expiresMs = nowMs + keptS * 1000;
    const zone = sideWord("zone");
    const entry = this.#store.reserve(name, wordA, zone, sizeBytes, expiresMs, nowMs);
    if (entry < 0) return;
    const packed = isName ? packedKind.noName : packedKind.noData;
    const { log } = this.#store;
    packDenial(log.bytes, log.valueAt(entry), packed, proofs, verdict);
  }

  /** The denial of a name or of one above it, the nearest first (RFC 8020 §2). */
  findNoName(name: Name, rrclass: number, nowMs: number): CachedDenial | undefined {
    for (let above = name; ; above = parentOf(above)) {
      const found = this.find("zone", above, NO_NAME, rrclass, nowMs);
      if (found !== undefined && found.kind !== "set") return found;
      if (above.length === 1) return undefined;
    }
  }

  /** The parent's NS set for the name or the nearest one above it. */
  nearestDelegation(name: Name, rrclass: number, nowMs: number): CachedSet | undefined {
    for (let above = name; ; above = parentOf(above)) {
      const found = this.find("parent", above, rrType.NS, rrclass, nowMs);
      if (found?.kind === "set") return found;
      if (above.length === 1) return undefined;
    }
  }

  /** Notes what validation said of a set or of a denial; it changes nothing else. */
  judge(
    side: Side,
    name: Name,
    type: number,
    rrclass: number,
    verdict: Verdict,
    nowMs: number,
  ): void {
    const entry = this.#findEntry(side, name, type, rrclass, nowMs);
    if (entry < 0) return;
    const { log } = this.#store;
    log.bytes[log.valueAt(entry) + packedAt.verdict] = verdictCode(verdict);
  }

  /** Forgets what stands for a name and type. */
  remove(side: Side, name: Name, type: number, rrclass: number): void {
    this.#store.remove(name, keyWord(type, rrclass), sideWord(side));
  }

  /** Forgets everything of a name, on both sides, and says how many entries that were. */
  removeName(name: Name): number {
    return this.#store.removeName(name);
  }

  /** Forgets everything. */
  clear(): void {
    this.#store.clear();
  }

  /** Overwrites what has expired, looking at `entriesMax` entries at most. */
  sweep(nowMs: number, entriesMax: number): void {
    this.#store.sweep(nowMs, entriesMax);
  }

  get stats(): StoreStats {
    return this.#store.stats;
  }

  #findEntry(side: Side, name: Name, type: number, rrclass: number, nowMs: number): number {
    const words = keyWord(type, rrclass);
    const entry = this.#store.find(name, 0, name.length, words, sideWord(side));
    return entry >= 0 && this.#store.log.expiresMs(entry) > nowMs ? entry : -1;
  }

  /** The rank of what stands in an entry; a denial may be replaced by anything. */
  #trustOf(entry: number): number {
    const { log } = this.#store;
    const at = log.valueAt(entry);
    return log.bytes[at + packedAt.kind] === packedKind.set ? log.bytes[at + packedAt.trust]! : 0;
  }
}

function keyWord(type: number, rrclass: number): number {
  return (type << 16) | rrclass;
}

function sideWord(side: Side): number {
  return side === "zone" ? 0 : 1;
}
