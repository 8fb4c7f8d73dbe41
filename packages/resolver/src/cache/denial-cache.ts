/**
 * Proven NSEC and NSEC3 records by zone and in their order, so that one is found by a name that
 * it covers (RFC 8198).
 *
 *   zone ──► order: places in the log, by key    log: a ring of records (entry-log.ts), each under
 *            SOA: a place in the log                  its key (denial-key.ts): one set and its
 *                                                     signatures, packed like a denial
 *
 * What comes in here was proven by the keys of its zone, and its caller says for how long it may
 * be used. The log has a fixed size: the oldest records make room, but for those that were used.
 *
 * PRIVACY: owners of records are names of zones, not of questions, but a zone that signs as it
 * goes makes its records around what was asked. What is dropped is overwritten at once.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import type { Nsec3, Nsec3Parameters } from "../dnssec/nsec3.ts";
import { DENIAL_KEY_BYTES_MAX, writeHashKey, writeNameKey } from "./denial-key.ts";
import { ENTRY_ALIGN_BYTES, EntryLog, LOG_STATE_BYTES, entryBytes } from "./entry-log.ts";
import { packDenial, packedDenialBytes, packedKind, unpackDenial } from "./packed-sets.ts";
import { SlotTable } from "./slot-table.ts";

const BYTES_MIN = limits.denialBytesMin.value;
const BYTES_PER_ZONE = limits.denialBytesPerZone.value;
const STEPS_MAX = limits.storeStepsMax.value;

/** The second word of an entry: a record that denies, or the SOA of its zone. */
const DENIES = 0;
const SOA = 1;

/** An entry takes at most one part in eight of the log. */
const ENTRY_SHARE = 8;
const ORDER_FIRST = 8;

/** The denials of one zone; a handle that is good until the next change of the cache. */
export interface ZoneDenials {
  readonly zone: Name;
  readonly class: number;
  /** How the zone hashes its names; undefined: it has NSEC records. */
  readonly parameters: Nsec3Parameters | undefined;
}

interface Zone extends ZoneDenials {
  parameters: Nsec3Parameters | undefined;
  /** Places of records in the log, in the order of their keys; `count` of them are in use. */
  order: Int32Array;
  count: number;
  soaAt: number;
  /** When the last of its records expires. */
  expiresMs: number;
}

export interface DenialCacheStats {
  readonly sizeBytes: number;
  readonly records: number;
}

export class DenialCache {
  readonly #log: EntryLog;
  readonly #hash: SipHash;
  readonly #table: SlotTable;
  readonly #zones: (Zone | undefined)[];
  readonly #key = new Uint8Array(DENIAL_KEY_BYTES_MAX);
  #keyBytes = 0;

  /** Takes all its memory at once; the order of each zone beside it takes four bytes a record. */
  constructor(options: { readonly sizeBytes: number }, random: Random) {
    const { sizeBytes } = options;
    assert(sizeBytes >= BYTES_MIN, "the memory of denials is within its limits");
    const logBytes = (sizeBytes - LOG_STATE_BYTES) & -ENTRY_ALIGN_BYTES;
    const memory = new ArrayBuffer(LOG_STATE_BYTES + logBytes);
    this.#log = new EntryLog(memory, 0, LOG_STATE_BYTES, logBytes);
    this.#hash = SipHash.keyed(random);
    this.#table = new SlotTable(Math.ceil(sizeBytes / BYTES_PER_ZONE));
    this.#zones = Array.from({ length: this.#table.size }, () => undefined);
  }

  /** Keeps an NSEC set of a zone for some seconds. */
  storeNsec(zone: Name, set: RecordSet, ttlS: number, nowMs: number): void {
    const slot = this.#slotFor(zone, set.class, ttlS, nowMs);
    if (slot < 0) return;
    this.#useParameters(this.#zones[slot]!, undefined);
    this.#keyBytes = writeNameKey(this.#key, set.name, zone);
    this.#insert(slot, set, DENIES, ttlS, nowMs);
  }

  /** Keeps an NSEC3 set of a zone for some seconds. */
  storeNsec3(zone: Name, set: RecordSet, nsec3: Nsec3, ttlS: number, nowMs: number): void {
    const slot = this.#slotFor(zone, set.class, ttlS, nowMs);
    if (slot < 0) return;
    const { iterations, salt } = nsec3;
    this.#useParameters(this.#zones[slot]!, { iterations, salt });
    this.#keyBytes = writeHashKey(this.#key, nsec3.hash);
    this.#insert(slot, set, DENIES, ttlS, nowMs);
  }

  /** Keeps the SOA set of a zone for some seconds: no denial is said without it. */
  storeSoa(zone: Name, set: RecordSet, ttlS: number, nowMs: number): void {
    const slot = this.#slotFor(zone, set.class, ttlS, nowMs);
    if (slot < 0) return;
    this.#keyBytes = 0;
    this.#insert(slot, set, SOA, ttlS, nowMs);
  }

  /** What is known of a zone, or undefined. PERF: allocates nothing, as do the finders below. */
  zoneOf(zone: Name, rrclass: number, nowMs: number): ZoneDenials | undefined {
    const slot = this.#slotOf(zone, rrclass, nowMs);
    return slot < 0 ? undefined : this.#zones[slot];
  }

  /**
   * The place of the live NSEC set that matches a name of the zone or may cover it: the last one
   * at or before it in canonical order. -1: none is known.
   */
  atOrBeforeName(denials: ZoneDenials, name: Name, nowMs: number): number {
    this.#keyBytes = writeNameKey(this.#key, name, denials.zone);
    return this.#atOrBefore(denials as Zone, false, nowMs);
  }

  /** The same of an NSEC3 set and a hash; before the first hash stands the last. */
  atOrBeforeHash(denials: ZoneDenials, hash: Uint8Array, nowMs: number): number {
    this.#keyBytes = writeHashKey(this.#key, hash);
    return this.#atOrBefore(denials as Zone, true, nowMs);
  }

  /** The place of the zone's live SOA set, or -1. */
  soaOf(denials: ZoneDenials, nowMs: number): number {
    return this.#ifLive((denials as Zone).soaAt, nowMs);
  }

  /** The set at a place, copied out of the log; its TTL is what is left of it. */
  read(place: number, nowMs: number): RecordSet {
    const log = this.#log;
    log.use(place);
    const ttlS = Math.ceil((log.expiresMs(place) - nowMs) / 1000);
    const rrclass = this.#zones[log.wordA(place)]!.class;
    return unpackDenial(log.bytes, log.valueAt(place), rrclass, ttlS)[0]!;
  }

  /** Forgets everything of a zone. */
  removeZone(zone: Name, rrclass: number): void {
    const slot = this.#slotOf(zone, rrclass, Number.NEGATIVE_INFINITY);
    if (slot < 0) return;
    this.#empty(this.#zones[slot]!);
    this.#zones[slot] = undefined;
    this.#table.free(slot);
  }

  /** Forgets everything. */
  clear(): void {
    this.#table.clear();
    this.#zones.fill(undefined);
    this.#log.clear();
  }

  /** Overwrites what has expired, looking at `entriesMax` records at most. */
  sweep(nowMs: number, entriesMax: number): void {
    for (let i = 0; i < entriesMax; i++) {
      const place = this.#log.nextToSweep();
      if (place < 0) return;
      if (this.#log.isLive(place) && this.#log.expiresMs(place) <= nowMs) this.#drop(place);
    }
  }

  get stats(): DenialCacheStats {
    return { sizeBytes: this.#log.sizeBytes, records: this.#log.entries };
  }

  #slotOf(zone: Name, rrclass: number, nowMs: number): number {
    this.#hash.hashFolded(zone, 0, zone.length, rrclass, 0);
    const slot = this.#table.find(this.#hash, nowMs);
    return slot >= 0 && this.#zones[slot] !== undefined ? slot : -1;
  }

  /** The slot of a zone, made where it has none; -1: what comes may not be kept. */
  #slotFor(zone: Name, rrclass: number, ttlS: number, nowMs: number): number {
    if (ttlS <= 0) return -1;
    const expiresMs = nowMs + ttlS * 1000;
    const known = this.#slotOf(zone, rrclass, nowMs);
    if (known >= 0) {
      const stands = this.#zones[known]!;
      stands.expiresMs = Math.max(stands.expiresMs, expiresMs);
      this.#table.expireAt(known, stands.expiresMs);
      return known;
    }
    const slot = this.#table.take(this.#hash, expiresMs);
    const gone = this.#zones[slot];
    if (gone !== undefined) this.#empty(gone);
    this.#zones[slot] = {
      zone: zone.slice() as Name,
      class: rrclass,
      parameters: undefined,
      order: new Int32Array(ORDER_FIRST),
      count: 0,
      soaAt: -1,
      expiresMs,
    };
    return slot;
  }

  /** A zone has records of one kind and one way to hash: those of another are of the past. */
  #useParameters(zone: Zone, parameters: Nsec3Parameters | undefined): void {
    const { parameters: before } = zone;
    if (before === undefined && parameters === undefined) return;
    if (before !== undefined && parameters !== undefined && isSame(before, parameters)) return;
    for (let i = 0; i < zone.count; i++) this.#log.erase(zone.order[i]!);
    zone.count = 0;
    zone.parameters = parameters && { ...parameters, salt: parameters.salt.slice() };
  }

  /** Writes a set under the key that stands in `#key`, in the place of any other. */
  #insert(slot: number, set: RecordSet, what: number, ttlS: number, nowMs: number): void {
    const log = this.#log;
    const sets = [set];
    const valueBytes = packedDenialBytes(sets);
    const sizeBytes = entryBytes(this.#keyBytes, valueBytes);
    if (sizeBytes > log.sizeBytes / ENTRY_SHARE) return;
    this.#makeRoom(sizeBytes, nowMs);
    const place = log.append({
      name: this.#key,
      nameAt: 0,
      nameBytes: this.#keyBytes,
      wordA: slot,
      wordB: what,
      hash: 0,
      valueBytes,
      expiresMs: nowMs + ttlS * 1000,
    });
    packDenial(log.bytes, log.valueAt(place), packedKind.noData, sets, "secure");
    const zone = this.#zones[slot]!;
    if (what === SOA) {
      if (zone.soaAt >= 0) log.erase(zone.soaAt);
      zone.soaAt = place;
      return;
    }
    const at = this.#upperBound(zone) - 1;
    if (at >= 0 && this.#compare(zone.order[at]!) === 0) {
      log.erase(zone.order[at]!);
      zone.order[at] = place;
      return;
    }
    if (zone.count === zone.order.length) {
      const longer = new Int32Array(2 * zone.count);
      longer.set(zone.order);
      zone.order = longer;
    }
    zone.order.copyWithin(at + 2, at + 1, zone.count);
    zone.order[at + 1] = place;
    zone.count++;
  }

  /** Opens a gap at the head of the log; what is in use is written anew, some of it at least. */
  #makeRoom(sizeBytes: number, nowMs: number): void {
    const log = this.#log;
    for (let steps = 0; ; steps++) {
      const toEndBytes = log.bytesToEnd;
      if (toEndBytes < sizeBytes && log.gapBytes >= toEndBytes) log.fillToEnd();
      else if (log.gapBytes >= sizeBytes) return;
      else this.#takeTail(nowMs, steps < STEPS_MAX);
    }
  }

  /** Frees the oldest entry, or moves it to the head where it was used. */
  #takeTail(nowMs: number, mayMove: boolean): void {
    const log = this.#log;
    const place = log.takeTail();
    if (!log.isLive(place)) return;
    if (!mayMove || !log.isUsed(place) || log.expiresMs(place) <= nowMs) {
      this.#drop(place);
      return;
    }
    const zone = this.#zones[log.wordA(place)]!;
    const isSoa = zone.soaAt === place;
    const at = isSoa ? -1 : this.#indexOf(zone, place);
    const moved = log.moveToHead(place);
    if (isSoa) zone.soaAt = moved;
    else zone.order[at] = moved;
  }

  /** Forgets a live entry. */
  #drop(place: number): void {
    const zone = this.#zones[this.#log.wordA(place)]!;
    if (zone.soaAt === place) zone.soaAt = -1;
    else {
      zone.order.copyWithin(this.#indexOf(zone, place), this.#indexOf(zone, place) + 1, zone.count);
      zone.count--;
    }
    this.#log.erase(place);
  }

  #empty(zone: Zone): void {
    for (let i = 0; i < zone.count; i++) this.#log.erase(zone.order[i]!);
    if (zone.soaAt >= 0) this.#log.erase(zone.soaAt);
    zone.count = 0;
    zone.soaAt = -1;
  }

  /** Where in the order of its zone a live entry stands. */
  #indexOf({ order, count }: Zone, place: number): number {
    const at = order.subarray(0, count).indexOf(place);
    assert(at >= 0, "a live record stands in the order of its zone");
    return at;
  }

  #atOrBefore(zone: Zone, isCircle: boolean, nowMs: number): number {
    if (zone.count === 0) return -1;
    const at = this.#upperBound(zone) - 1;
    if (at < 0 && !isCircle) return -1;
    return this.#ifLive(zone.order[at < 0 ? zone.count - 1 : at]!, nowMs);
  }

  #ifLive(place: number, nowMs: number): number {
    return place >= 0 && this.#log.expiresMs(place) > nowMs ? place : -1;
  }

  /** How many records of a zone have the key that stands in `#key`, or one before it. */
  #upperBound({ order, count }: Zone): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(order[middle]!) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Compares the key of an entry with the one that stands in `#key`. */
  #compare(place: number): number {
    const { bytes } = this.#log;
    const at = this.#log.nameAt(place);
    const size = this.#log.nameBytes(place);
    const shared = Math.min(size, this.#keyBytes);
    for (let i = 0; i < shared; i++) {
      const difference = bytes[at + i]! - this.#key[i]!;
      if (difference !== 0) return difference;
    }
    return size - this.#keyBytes;
  }
}

function isSame(a: Nsec3Parameters, b: Nsec3Parameters): boolean {
  return (
    a.iterations === b.iterations &&
    a.salt.length === b.salt.length &&
    a.salt.every((x, i) => x === b.salt[i])
  );
}
