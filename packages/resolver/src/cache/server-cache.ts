/**
 * What is known of authoritative servers: how fast they are, what they stand, what they lack.
 *
 * Round-trip times are smoothed as TCP does it (RFC 6298 §2); a time-out doubles the next one
 * (§5.5). A server is known by its address and port for a quarter of an hour after it was last
 * heard of; that it is lame holds for one zone and for less time.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { Cookies } from "./cookies.ts";
import { SlotTable } from "./slot-table.ts";

/** Whether a server stands an OPT record in a question (RFC 6891 §6.2.2). */
export type EdnsKnowledge = "unknown" | "works" | "hurts";

const EDNS: readonly EdnsKnowledge[] = ["unknown", "works", "hurts"];

const KEPT_MS = limits.serverKnowledgeS.value * 1000;
const LAME_MS = limits.lameS.value * 1000;
const NO_ROUTE_MS = limits.noRouteS.value * 1000;
const DOWN_MS = limits.downS.value * 1000;
const FIRST_MS = limits.timeoutFirstMs.value;
const MIN_MS = limits.timeoutMinMs.value;
const MAX_MS = limits.timeoutMaxMs.value;
const UNTIL_DOWN = limits.timeoutsUntilDown.value;

export class ServerCache {
  readonly #table: SlotTable;
  readonly #lame: SlotTable;
  readonly #hash: SipHash;
  readonly #cookies: Cookies;
  /** Smoothed round-trip time in milliseconds; negative where none was measured. */
  readonly #srttMs: Float32Array;
  readonly #deviationMs: Float32Array;
  readonly #timeoutMs: Float32Array;
  /** Time-outs since the last reply. */
  readonly #timeouts: Uint8Array;
  readonly #downUntilMs: Float64Array;
  readonly #edns: Uint8Array;
  /** What a server cannot stand is tried again in the end, however busy it is. */
  readonly #ednsUntilMs: Float64Array;
  readonly #foldsCaseUntilMs: Float64Array;
  /** Until when a server is lame for some zone: most never are. */
  readonly #lameUntilMs: Float64Array;
  #noRouteV4UntilMs = Number.NEGATIVE_INFINITY;
  #noRouteV6UntilMs = Number.NEGATIVE_INFINITY;
  /** The address that was looked up last, and its slot: questions about one come in a row. */
  #lastIp: Uint8Array | undefined;
  #lastPort = 0;
  #lastSlot = -1;

  constructor(options: { readonly entriesMax: number }, random: Random) {
    this.#table = new SlotTable(options.entriesMax);
    this.#lame = new SlotTable(options.entriesMax);
    this.#hash = SipHash.keyed(random);
    const { size } = this.#table;
    this.#cookies = new Cookies(size, random);
    this.#srttMs = new Float32Array(size);
    this.#deviationMs = new Float32Array(size);
    this.#timeoutMs = new Float32Array(size);
    this.#timeouts = new Uint8Array(size);
    this.#downUntilMs = new Float64Array(size);
    this.#edns = new Uint8Array(size);
    this.#ednsUntilMs = new Float64Array(size);
    this.#foldsCaseUntilMs = new Float64Array(size);
    this.#lameUntilMs = new Float64Array(size);
  }

  /** The smoothed round-trip time in milliseconds; undefined where the server was never heard. */
  rttMs(server: ServerAddress, nowMs: number): number | undefined {
    const slot = this.#find(server, nowMs);
    return slot < 0 || this.#srttMs[slot]! < 0 ? undefined : this.#srttMs[slot]!;
  }

  /** How long to wait for the next reply, in whole milliseconds. */
  timeoutMs(server: ServerAddress, nowMs: number): number {
    const slot = this.#find(server, nowMs);
    return slot < 0 ? FIRST_MS : Math.round(this.#timeoutMs[slot]!);
  }

  /** Time-outs since the last reply. */
  timeouts(server: ServerAddress, nowMs: number): number {
    const slot = this.#find(server, nowMs);
    return slot < 0 ? 0 : this.#timeouts[slot]!;
  }

  /** Says whether a server has been silent so often that it comes last. */
  isDown(server: ServerAddress, nowMs: number): boolean {
    const slot = this.#find(server, nowMs);
    return slot >= 0 && this.#downUntilMs[slot]! > nowMs;
  }

  /** Takes in the round-trip time of a reply. */
  noteReply(server: ServerAddress, rttMs: number, nowMs: number): void {
    const slot = this.#findOrTake(server, nowMs);
    const before = this.#srttMs[slot]!;
    if (before < 0) {
      this.#srttMs[slot] = rttMs;
      this.#deviationMs[slot] = rttMs / 2;
    } else {
      const off = rttMs - before;
      this.#deviationMs[slot]! += (Math.abs(off) - this.#deviationMs[slot]!) / 4;
      this.#srttMs[slot] = before + off / 8;
    }
    const waitMs = this.#srttMs[slot] + 4 * this.#deviationMs[slot]!;
    this.#timeoutMs[slot] = Math.min(Math.max(waitMs, MIN_MS), MAX_MS);
    this.#timeouts[slot] = 0;
    this.#downUntilMs[slot] = Number.NEGATIVE_INFINITY;
  }

  /** Takes in that a server did not reply in time. */
  noteTimeout(server: ServerAddress, nowMs: number): void {
    const slot = this.#findOrTake(server, nowMs);
    this.#timeoutMs[slot] = Math.min(2 * this.#timeoutMs[slot]!, MAX_MS);
    if (this.#timeouts[slot]! < 255) this.#timeouts[slot]!++;
    if (this.#timeouts[slot]! >= UNTIL_DOWN) this.#downUntilMs[slot] = nowMs + DOWN_MS;
  }

  /** What is known of a server's EDNS. */
  edns(server: ServerAddress, nowMs: number): EdnsKnowledge {
    const slot = this.#find(server, nowMs);
    return slot < 0 || this.#ednsUntilMs[slot]! <= nowMs ? "unknown" : EDNS[this.#edns[slot]!]!;
  }

  noteEdns(server: ServerAddress, knowledge: EdnsKnowledge, nowMs: number): void {
    const slot = this.#findOrTake(server, nowMs);
    this.#edns[slot] = EDNS.indexOf(knowledge);
    this.#ednsUntilMs[slot] = nowMs + KEPT_MS;
  }

  /** The data of a COOKIE option for a server; undefined where it is to have none. */
  cookie(server: ServerAddress, nowMs: number): Uint8Array | undefined {
    return this.#cookies.optionFor(server, this.#find(server, nowMs), nowMs);
  }

  /** Says whether a server has sent cookies before. */
  sendsCookies(server: ServerAddress, nowMs: number): boolean {
    return this.#cookies.expects(this.#find(server, nowMs));
  }

  /** Keeps the cookie that a server sent, an option's data that holds ours too. */
  noteCookie(server: ServerAddress, data: Uint8Array, nowMs: number): void {
    this.#cookies.note(this.#findOrTake(server, nowMs), data);
  }

  noteNoCookie(server: ServerAddress, nowMs: number): void {
    this.#cookies.noteNone(this.#findOrTake(server, nowMs));
  }

  /** Says whether a server repeats a name letter for letter, as far as is known. */
  keepsCase(server: ServerAddress, nowMs: number): boolean {
    const slot = this.#find(server, nowMs);
    return slot < 0 || this.#foldsCaseUntilMs[slot]! <= nowMs;
  }

  noteFoldsCase(server: ServerAddress, nowMs: number): void {
    this.#foldsCaseUntilMs[this.#findOrTake(server, nowMs)] = nowMs + KEPT_MS;
  }

  /** Says whether a server was found not to serve a zone that it is said to serve. */
  isLame(server: ServerAddress, zone: Name, nowMs: number): boolean {
    const slot = this.#find(server, nowMs);
    if (slot < 0 || this.#lameUntilMs[slot]! <= nowMs) return false;
    this.#hashLame(server, zone);
    return this.#lame.find(this.#hash, nowMs) >= 0;
  }

  noteLame(server: ServerAddress, zone: Name, nowMs: number): void {
    const slot = this.#findOrTake(server, nowMs);
    this.#lameUntilMs[slot] = nowMs + LAME_MS;
    this.#hashLame(server, zone);
    this.#lame.take(this.#hash, nowMs + LAME_MS);
  }

  /** Says whether addresses of this many bytes, 4 or 16, can be reached from here. */
  hasRoute(ipBytes: 4 | 16, nowMs: number): boolean {
    return (ipBytes === 4 ? this.#noRouteV4UntilMs : this.#noRouteV6UntilMs) <= nowMs;
  }

  noteNoRoute(ipBytes: 4 | 16, nowMs: number): void {
    if (ipBytes === 4) this.#noRouteV4UntilMs = nowMs + NO_ROUTE_MS;
    else this.#noRouteV6UntilMs = nowMs + NO_ROUTE_MS;
  }

  /** The slot of a server that is known, or -1. */
  #find(server: ServerAddress, nowMs: number): number {
    const { ip, port } = server;
    if (ip === this.#lastIp && port === this.#lastPort) {
      return this.#lastSlot >= 0 && this.#table.isAlive(this.#lastSlot, nowMs)
        ? this.#lastSlot
        : -1;
    }
    this.#hash.hashWith(ip, 0, ip.length, port, 0);
    this.#lastSlot = this.#table.find(this.#hash, nowMs);
    this.#lastIp = ip;
    this.#lastPort = port;
    return this.#lastSlot;
  }

  /** The slot of a server about which something is learnt now: it lives on from here. */
  #findOrTake(server: ServerAddress, nowMs: number): number {
    const found = this.#find(server, nowMs);
    if (found >= 0) {
      this.#table.expireAt(found, nowMs + KEPT_MS);
      return found;
    }
    const { ip, port } = server;
    this.#hash.hashWith(ip, 0, ip.length, port, 0);
    const slot = this.#table.take(this.#hash, nowMs + KEPT_MS);
    this.#srttMs[slot] = -1;
    this.#deviationMs[slot] = 0;
    this.#timeoutMs[slot] = FIRST_MS;
    this.#timeouts[slot] = 0;
    this.#downUntilMs[slot] = Number.NEGATIVE_INFINITY;
    this.#edns[slot] = 0;
    this.#ednsUntilMs[slot] = Number.NEGATIVE_INFINITY;
    this.#foldsCaseUntilMs[slot] = Number.NEGATIVE_INFINITY;
    this.#lameUntilMs[slot] = Number.NEGATIVE_INFINITY;
    this.#cookies.forget(slot);
    this.#lastIp = ip;
    this.#lastPort = port;
    this.#lastSlot = slot;
    return slot;
  }

  /** Hashes a zone together with the hash of a server. */
  #hashLame(server: ServerAddress, zone: Name): void {
    const { ip, port } = server;
    this.#hash.hashWith(ip, 0, ip.length, port, 0);
    const { low, high } = this.#hash;
    this.#hash.hashFolded(zone, 0, zone.length, low, high);
  }
}
