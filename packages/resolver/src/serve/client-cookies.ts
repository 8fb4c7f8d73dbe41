/**
 * Cookies for clients (RFC 9018 §4): given to all who send one of theirs, and known again.
 *
 *   | the client's own 8 | version 1 | reserved 3 | timestamp 4 | hash 8 |
 *
 * The hash is SipHash-2-4 of all that stands before it and the client's address.
 *
 * Nothing is kept of anybody: a cookie shows by itself that its bearer has received something at
 * the address that he asks from. Whoever shows a good one need not be bounded like an address that
 * may be forged; no answer differs by it.
 * PRIVACY: the address goes into a hash with a secret key and nowhere else. A client that wants to
 * be known by nobody sends no cookie.
 */
import { getU32, setU32 } from "@lethe/wire/bytes.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { CLIENT_COOKIE_BYTES } from "../cache/cookies.ts";
import type { Client } from "../privacy/client.ts";
import type { Asking } from "./asking.ts";

const VERSION = 1;
const SECRET_BYTES = 16;
const TIMESTAMP_AT = CLIENT_COOKIE_BYTES + 4;
const HASH_AT = TIMESTAMP_AT + 4;
const COOKIE_BYTES = HASH_AT + 8;

const OLDEST_S = limits.cookieOldestS.value;
const FUTURE_S = limits.cookieFutureS.value;
const RENEW_S = limits.cookieRenewS.value;

export class ClientCookies {
  readonly #hash: SipHash;

  /** `secret` has 16 bytes, the same in all workers and in all servers at one address. */
  constructor(secret: Uint8Array) {
    this.#hash = new SipHash(secret, 2, 4);
  }

  /** Cookies that only this one knows again. */
  static keyed(random: Random): ClientCookies {
    return new ClientCookies(random.bytes(SECRET_BYTES));
  }

  /**
   * Judges the cookie that came with a question and puts the one for its answer in its place.
   * `nowS` is in seconds since 1970. PERF: allocates nothing; two hashes at most.
   */
  renew(asking: Asking, client: Client, nowS: number): void {
    const { cookie, cookieBytes } = asking;
    const ageS = (nowS - getU32(cookie, TIMESTAMP_AT)) | 0; // RFC 1982: later than 2106 too
    const isFull = cookieBytes === COOKIE_BYTES && cookie[CLIENT_COOKIE_BYTES] === VERSION;
    const isOfNow = isFull && ageS <= OLDEST_S && ageS >= -FUTURE_S;
    asking.isCookieGood = isOfNow && this.#isOurs(cookie, client);
    if (asking.isCookieGood && ageS <= RENEW_S) return;
    cookie[CLIENT_COOKIE_BYTES] = VERSION;
    cookie.fill(0, CLIENT_COOKIE_BYTES + 1, TIMESTAMP_AT);
    setU32(cookie, TIMESTAMP_AT, nowS);
    client.hashWithAddress(this.#hash, cookie, HASH_AT);
    setU32(cookie, HASH_AT, swapped(this.#hash.low));
    setU32(cookie, HASH_AT + 4, swapped(this.#hash.high));
    asking.cookieBytes = COOKIE_BYTES;
  }

  #isOurs(cookie: Uint8Array, client: Client): boolean {
    client.hashWithAddress(this.#hash, cookie, HASH_AT);
    const low = getU32(cookie, HASH_AT) ^ swapped(this.#hash.low);
    const high = getU32(cookie, HASH_AT + 4) ^ swapped(this.#hash.high);
    return (low | high) === 0;
  }
}

/** A word of the hash as it stands in a cookie: with its lowest byte first. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
