/**
 * Record sets, denials and cuts that were learnt.
 *
 * Sets and denials are what zones say of themselves: clients are answered from them. Cuts are what
 * a parent says of a zone below it, NS set and glue together: they find servers and answer nobody,
 * and nothing that the child says replaces them or lets them live longer.
 *
 * One set stands for a name, type and class. Data of lower rank never replaces what is still alive
 * and of higher rank (RFC 2181 §5.4.1); of equal rank it does. A denial of a type stands in the
 * place of the set that it denies; a denial of a name stands by itself and covers the names below
 * it (RFC 8020 §2).
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import { type CutRead, CutsRead } from "./cuts-read.ts";
import { glueOf } from "./glue.ts";
import { type EntryOfName, entriesOfName } from "./name-entries.ts";
import {
  type GlueAddress,
  firstTtlOf,
  isDamagedSet,
  packCut,
  packDenial,
  packSet,
  packedAt,
  packedCutBytes,
  packedDenialBytes,
  packedKind,
  packedSetBytes,
  unpackDenial,
  unpackGlue,
  unpackProofs,
  unpackSigned,
  unpackSet,
  verdictOf,
} from "./packed-sets.ts";
import { Store, type StoreStats } from "./store.ts";
import { type TtlsKept, ttlWithin } from "./ttls-kept.ts";

export interface CachedSet {
  readonly kind: "set";
  /** Its TTL is what is left of it, rounded up: never 0. */
  readonly set: RecordSet;
  readonly trust: number;
  readonly verdict: Verdict;
  /** Where it was made from a wildcard: the records that prove that it had to be. */
  readonly proofs: readonly RecordSet[];
  /** Records of its reply were none, and are left out. */
  readonly isDamaged: boolean;
}

export interface CachedDenial {
  readonly kind: "no-data" | "no-name";
  /** The name that is denied, or whose type is: the one asked for, or one above it. */
  readonly name: Name;
  /** The SOA and the records that prove the denial, with what is left of their TTLs. */
  readonly authority: readonly RecordSet[];
  readonly ttlS: number;
  readonly verdict: Verdict;
}

/** What a parent says of a zone: who serves it, and at which addresses. */
export interface CachedCut {
  readonly servers: RecordSet;
  readonly glue: readonly GlueAddress[];
  /** When the parent said so, in monotonic milliseconds. */
  readonly learntMs: number;
}

export interface RrsetCacheOptions extends TtlsKept {
  readonly sizeBytes: number;
}

const RECORDS_MAX = limits.recordsPerSetMax.value;
const PROOFS_MAX = limits.proofSetsPerDenialMax.value;

/** The type that stands for a denial of the whole name: no record has it. */
const NO_NAME = 0;

/** The second word of a key: a set or denial, or a cut. */
const SET = 0;
const CUT = 1;

/** The number of a name server in its set is kept in a byte. */
const NS_MAX = 255;

export class RrsetCache {
  readonly #store: Store;
  #bounds: TtlsKept;
  readonly #cutsRead = new CutsRead();

  constructor(options: RrsetCacheOptions, random: Random) {
    this.#store = new Store(options.sizeBytes, random);
    this.#bounds = options;
  }

  /** Keeps what is stored from now on within other bounds; its size stays. */
  reconfigure(bounds: TtlsKept): void {
    this.#bounds = bounds;
  }

  /** What stands for a name and type, or undefined; expired data is as good as none. */
  find(
    name: Name,
    type: number,
    rrclass: number,
    nowMs: number,
  ): CachedSet | CachedDenial | undefined {
    const entry = this.#findEntry(name, 0, keyWord(type, rrclass), SET, nowMs);
    if (entry < 0) return undefined;
    const { log } = this.#store;
    const at = log.valueAt(entry);
    if (log.bytes[at + packedAt.kind] !== packedKind.set) {
      return this.#denialIn(entry, name, rrclass, nowMs);
    }
    const ttl = this.#ttlOf(entry, nowMs);
    return {
      kind: "set",
      set: unpackSet(log.bytes, at, { name, type, class: rrclass }, ttl),
      trust: log.bytes[at + packedAt.trust]!,
      verdict: verdictOf(log.bytes[at + packedAt.verdict]!),
      proofs: unpackProofs(log.bytes, at, rrclass, ttl),
      isDamaged: isDamagedSet(log.bytes, at),
    };
  }

  /** The TTL that a set had when it was kept, expired or not; undefined where there is none. */
  firstTtlS(name: Name, type: number, rrclass: number): number | undefined {
    const entry = this.#findEntry(name, 0, keyWord(type, rrclass), SET, Number.NEGATIVE_INFINITY);
    if (entry < 0) return undefined;
    const { log } = this.#store;
    return firstTtlOf(log.bytes, log.valueAt(entry));
  }

  /**
   * Keeps a set, unless one of higher rank is alive there; says whether it was kept.
   *
   * `proofs`: the denial that a set from a wildcard goes with (RFC 4035 §3.1.3.3). `isDamaged`: the
   * reply that it came in held records that are none, and were left out.
   */
  store(
    set: RecordSet,
    trust: number,
    verdict: Verdict,
    nowMs: number,
    proofs: readonly RecordSet[] = [],
    isDamaged = false,
  ): boolean {
    const words = keyWord(set.type, set.class);
    const stands = this.#findEntry(set.name, 0, words, SET, nowMs);
    if (stands >= 0 && this.#trustOf(stands) > trust) return false;
    const ttlS = ttlWithin(set.ttl, this.#bounds);
    if (ttlS === 0 || set.rdatas.length > RECORDS_MAX || proofs.length > PROOFS_MAX) {
      this.#store.remove(set.name, words, SET);
      this.#store.remove(set.name, keyWord(NO_NAME, set.class), SET);
      return false;
    }
    const sizeBytes = packedSetBytes(set, proofs);
    const expiresMs = nowMs + ttlS * 1000;
    const entry = this.#store.reserve(set.name, words, SET, sizeBytes, expiresMs, nowMs);
    if (entry < 0) return false;
    const { log } = this.#store;
    packSet(log.bytes, log.valueAt(entry), set, trust, verdict, proofs, isDamaged);
    this.#store.remove(set.name, keyWord(NO_NAME, set.class), SET);
    return true;
  }

  /**
   * Keeps what a parent says of a cut; it lives as long as the shortest of NS set and addresses.
   *
   * `glue` are addresses of names in the parent's zone, `outside` those of others; `signed` is the
   * zone's DS set, or what proves that there is none.
   */
  storeCut(
    servers: RecordSet,
    glue: readonly RecordSet[],
    nowMs: number,
    outside: readonly RecordSet[] = [],
    signed: readonly RecordSet[] = [],
  ): void {
    const words = keyWord(rrType.NS, servers.class);
    const { addresses, ttl } = glueOf(servers, glue, outside);
    const ttlS = ttlWithin(ttl, this.#bounds);
    if (ttlS === 0 || servers.rdatas.length > NS_MAX || addresses.length > RECORDS_MAX) {
      this.#store.remove(servers.name, words, CUT);
      return;
    }
    const proofs = signed.length > PROOFS_MAX ? [] : signed;
    const sizeBytes = packedCutBytes(servers, addresses, proofs);
    const expiresMs = nowMs + ttlS * 1000;
    const entry = this.#store.reserve(servers.name, words, CUT, sizeBytes, expiresMs, nowMs);
    if (entry < 0) return;
    const { log } = this.#store;
    packCut(log.bytes, log.valueAt(entry), servers, addresses, ttlS, proofs);
    this.#cutsRead.forget(entry);
  }

  /**
   * Keeps a denial of a type, or of a whole name, for `ttlS` seconds at most.
   *
   * What is not proven does not deny a set that is.
   */
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
    const stands = this.#findEntry(name, 0, wordA, SET, nowMs);
    if (stands >= 0 && verdict !== "secure" && this.#isSecure(stands)) return;
    const proofs = authority.slice(0, PROOFS_MAX);
    let keptS = Math.min(ttlS, this.#bounds.negativeTtlMaxS);
    for (const set of proofs) keptS = Math.min(keptS, set.ttl);
    if (keptS <= 0) return;
    const sizeBytes = packedDenialBytes(proofs);
    const expiresMs = nowMs + keptS * 1000;
    const entry = this.#store.reserve(name, wordA, SET, sizeBytes, expiresMs, nowMs);
    if (entry < 0) return;
    const packed = isName ? packedKind.noName : packedKind.noData;
    const { log } = this.#store;
    packDenial(log.bytes, log.valueAt(entry), packed, proofs, verdict);
  }

  /**
   * The denial of a name or of one above it, the nearest first (RFC 8020 §2).
   *
   * `top`: at or above the name; nothing above it is looked at.
   */
  findNoName(
    name: Name,
    rrclass: number,
    nowMs: number,
    top: Name = ROOT,
  ): CachedDenial | undefined {
    const words = keyWord(NO_NAME, rrclass);
    const lastAt = name.length - top.length;
    for (let at = 0; at <= lastAt; at += 1 + name[at]!) {
      const entry = this.#findEntry(name, at, words, SET, nowMs);
      if (entry >= 0) return this.#denialIn(entry, name.subarray(at) as Name, rrclass, nowMs);
    }
    return undefined;
  }

  /** The set of a type at the nearest name above this one that has one, at `top` or below it. */
  findAbove(
    name: Name,
    type: number,
    rrclass: number,
    nowMs: number,
    top: Name = ROOT,
  ): CachedSet | undefined {
    const words = keyWord(type, rrclass);
    const lastAt = name.length - top.length;
    for (let at = 0; at < lastAt;) {
      at += 1 + name[at]!;
      if (this.#findEntry(name, at, words, SET, nowMs) < 0) continue;
      const found = this.find(name.subarray(at) as Name, type, rrclass, nowMs);
      if (found?.kind === "set") return found;
    }
    return undefined;
  }

  /** The cut at the name, or the nearest one above it. */
  nearestCut(name: Name, rrclass: number, nowMs: number): CachedCut | undefined {
    const words = keyWord(rrType.NS, rrclass);
    for (let from = 0; ; from += 1 + name[from]!) {
      const entry = this.#findEntry(name, from, words, CUT, nowMs);
      if (entry >= 0) {
        const { expiresMs, servers, ttlS, glue } = this.#readCut(entry, name, from, rrclass);
        const ttl = this.#ttlOf(entry, nowMs);
        return { servers: { ...servers, ttl }, glue, learntMs: expiresMs - ttlS * 1000 };
      }
      if (name[from] === 0) return undefined;
    }
  }

  /** The cut in an entry whose name is `name` from `from` on; what it gives is never changed. */
  #readCut(entry: number, name: Name, from: number, rrclass: number): CutRead {
    const { log } = this.#store;
    const expiresMs = log.expiresMs(entry);
    const known = this.#cutsRead.find(entry, expiresMs, name, from);
    if (known !== undefined) return known;
    const at = log.valueAt(entry);
    const key = { name: name.slice(from) as Name, type: rrType.NS, class: rrclass };
    const servers = unpackSet(log.bytes, at, key, 0);
    const { ttlS, glue } = unpackGlue(log.bytes, at);
    const read = { entry, expiresMs, servers, ttlS, glue };
    this.#cutsRead.keep(read);
    return read;
  }

  /** The DS set of the cut at a name, or what proves that it has none, as the parent told. */
  signedOfCut(name: Name, rrclass: number, nowMs: number): readonly RecordSet[] {
    const entry = this.#findEntry(name, 0, keyWord(rrType.NS, rrclass), CUT, nowMs);
    if (entry < 0) return [];
    const { log } = this.#store;
    const { ttlS, end } = unpackGlue(log.bytes, log.valueAt(entry));
    const ageS = ttlS - Math.floor((log.expiresMs(entry) - nowMs) / 1000);
    return unpackSigned(log.bytes, end, rrclass, ageS);
  }

  /** Forgets the set or denial that stands for a name and type. */
  remove(name: Name, type: number, rrclass: number): void {
    this.#store.remove(name, keyWord(type, rrclass), SET);
  }

  /** Forgets the denial of a name. */
  removeNoName(name: Name, rrclass: number): void {
    this.#store.remove(name, keyWord(NO_NAME, rrclass), SET);
  }

  /** Forgets the cut at a name. */
  removeCut(name: Name, rrclass: number): void {
    this.#store.remove(name, keyWord(rrType.NS, rrclass), CUT);
  }

  /**
   * Forgets everything of a name, its cut too, and says how many entries that were.
   *
   * `type`: only what there is of one type; NS has the cut go, any the denial of the name.
   * `below`: of all names below it too.
   */
  removeName(name: Name, type?: number, below = false): number {
    this.#cutsRead.clear();
    if (type === undefined) return this.#store.removeName(name, undefined, below);
    const words = [keyWord(type, rrClass.IN), keyWord(NO_NAME, rrClass.IN)];
    return words.reduce((sum, word) => sum + this.#store.removeName(name, word), 0);
  }

  /** Everything of a name, expired or not; what expired has a TTL of 0. */
  entriesOf(name: Name, nowMs: number): EntryOfName[] {
    return entriesOfName(this.#store, name, CUT, nowMs);
  }

  /** Forgets everything. */
  clear(): void {
    this.#cutsRead.clear();
    this.#store.clear();
  }

  /** Overwrites what has expired, looking at `entriesMax` entries at most. */
  sweep(nowMs: number, entriesMax: number): void {
    this.#store.sweep(nowMs, entriesMax);
  }

  get stats(): StoreStats {
    return this.#store.stats;
  }

  /** The live entry of the name that begins at `at` of another, or -1. */
  #findEntry(name: Name, at: number, words: number, what: number, nowMs: number): number {
    const entry = this.#store.find(name, at, name.length - at, words, what);
    return entry >= 0 && this.#store.log.expiresMs(entry) > nowMs ? entry : -1;
  }

  #denialIn(entry: number, name: Name, rrclass: number, nowMs: number): CachedDenial {
    const { log } = this.#store;
    const at = log.valueAt(entry);
    const ttlS = this.#ttlOf(entry, nowMs);
    const isName = log.bytes[at + packedAt.kind] === packedKind.noName;
    return {
      kind: isName ? "no-name" : "no-data",
      name,
      authority: unpackDenial(log.bytes, at, rrclass, ttlS),
      ttlS,
      verdict: verdictOf(log.bytes[at + packedAt.verdict]!),
    };
  }

  #isSecure(entry: number): boolean {
    const { log } = this.#store;
    return verdictOf(log.bytes[log.valueAt(entry) + packedAt.verdict]!) === "secure";
  }

  #ttlOf(entry: number, nowMs: number): number {
    return Math.ceil((this.#store.log.expiresMs(entry) - nowMs) / 1000);
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
