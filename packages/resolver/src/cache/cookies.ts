/**
 * Cookies towards servers: ours, and those that they gave us (RFC 7873 §5.1, RFC 9018 §3).
 *
 * Ours is a keyed hash of the server's address, so that each server sees another one. What a
 * server gave is good with the cookie that it was given for, and is kept for it in the columns of
 * a table of servers.
 * PRIVACY: a cookie lets a server tell that two questions came from one resolver, across changes of
 * its address. The key is replaced after a while and old cookies are forgotten with it, so it is no
 * lasting name; it says nothing of a client, and is never given to one.
 */
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";

const KEY_MS = limits.cookieKeyS.value * 1000;
const KEY_BYTES = 16;
/** Ours: eight bytes, RFC 7873 §4.1. */
export const CLIENT_COOKIE_BYTES = 8;
/** A server's: eight to thirty-two bytes. */
const SERVER_COOKIE_BYTES_MIN = 8;
const SERVER_COOKIE_BYTES_MAX = 32;

/** What a slot knows: nothing, that the server sends cookies, or that it sends none. */
const UNKNOWN = 0;
const SENDS = 1;
const NONE = 2;

export class Cookies {
  readonly #random: Random;
  #hash: SipHash;
  #keyUntilMs = Number.NEGATIVE_INFINITY;
  /** Counts the keys: what was learnt with another one is of no use. */
  #key = 0;
  readonly #known: Uint8Array;
  readonly #keys: Uint32Array;
  readonly #sizes: Uint8Array;
  readonly #bytes: Uint8Array;

  constructor(slots: number, random: Random) {
    this.#random = random;
    this.#hash = SipHash.keyed(random);
    this.#known = new Uint8Array(slots);
    this.#keys = new Uint32Array(slots);
    this.#sizes = new Uint8Array(slots);
    this.#bytes = new Uint8Array(slots * SERVER_COOKIE_BYTES_MAX);
  }

  /**
   * What to send to a server, with its own cookie where it gave one; undefined where it has shown
   * that it gives none: it must not see the same cookie again (RFC 9018 §3). `slot` is -1 where
   * nothing is known of the server.
   */
  optionFor(server: ServerAddress, slot: number, nowMs: number): Uint8Array | undefined {
    this.#renewKey(nowMs);
    const isKnown = slot >= 0 && this.#keys[slot] === this.#key;
    if (isKnown && this.#known[slot] === NONE) return undefined;
    const size = isKnown ? this.#sizes[slot]! : 0;
    const data = new Uint8Array(CLIENT_COOKIE_BYTES + size);
    const { ip, port } = server;
    this.#hash.hashWith(ip, 0, ip.length, port, 0);
    const view = new DataView(data.buffer);
    view.setInt32(0, this.#hash.low);
    view.setInt32(4, this.#hash.high);
    const at = slot * SERVER_COOKIE_BYTES_MAX;
    if (size > 0) data.set(this.#bytes.subarray(at, at + size), CLIENT_COOKIE_BYTES);
    return data;
  }

  /** Says whether a server has sent cookies, so that a reply without one is not believed. */
  expects(slot: number): boolean {
    return slot >= 0 && this.#known[slot] === SENDS;
  }

  /** Keeps what a server gave: the part of a well-formed option behind our own cookie. */
  note(slot: number, data: Uint8Array): void {
    const size = data.length - CLIENT_COOKIE_BYTES;
    this.#known[slot] = SENDS;
    this.#keys[slot] = this.#key;
    this.#sizes[slot] = size;
    this.#bytes.set(data.subarray(CLIENT_COOKIE_BYTES), slot * SERVER_COOKIE_BYTES_MAX);
  }

  /** A server gave no cookie. */
  noteNone(slot: number): void {
    this.forget(slot);
    this.#known[slot] = NONE;
  }

  /** The slot is another server's from now on. */
  forget(slot: number): void {
    this.#known[slot] = UNKNOWN;
    this.#keys[slot] = this.#key;
    this.#sizes[slot] = 0;
    const at = slot * SERVER_COOKIE_BYTES_MAX;
    this.#bytes.fill(0, at, at + SERVER_COOKIE_BYTES_MAX);
  }

  #renewKey(nowMs: number): void {
    if (nowMs < this.#keyUntilMs) return;
    this.#hash = new SipHash(this.#random.bytes(KEY_BYTES), 2, 4);
    this.#keyUntilMs = nowMs + KEY_MS;
    this.#key++;
  }
}

/** Says whether the data of a COOKIE option may have so many bytes (RFC 7873 §5.2.2). */
export function isCookieSize(size: number): boolean {
  const serverBytes = size - CLIENT_COOKIE_BYTES;
  if (serverBytes === 0) return true;
  return serverBytes >= SERVER_COOKIE_BYTES_MIN && serverBytes <= SERVER_COOKIE_BYTES_MAX;
}
