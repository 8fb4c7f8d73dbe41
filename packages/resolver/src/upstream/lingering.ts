/**
 * Asks that timed out and still listen, so that the next attempt may take a late reply.
 *
 * The oldest go first where sockets run short. An ask is found by what it asked and whom.
 */
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { isSameQuery, isSameServer } from "./match.ts";
import type { UdpAsk } from "./udp-ask.ts";

export class Lingering {
  /** Oldest first. */
  readonly #asks = new Set<UdpAsk>();
  /** The newest for each server and question, by keyed hash. */
  readonly #newest = new Map<number, UdpAsk>();
  readonly #hash: SipHash;

  constructor(random: Random) {
    this.#hash = SipHash.keyed(random);
  }

  get size(): number {
    return this.#asks.size;
  }

  add(ask: UdpAsk): void {
    this.#asks.add(ask);
    this.#newest.set(this.#keyOf(ask), ask);
  }

  remove(ask: UdpAsk): void {
    if (!this.#asks.delete(ask)) return;
    const key = this.#keyOf(ask);
    if (this.#newest.get(key) === ask) this.#newest.delete(key);
  }

  /** The one that listens longest. */
  oldest(): UdpAsk | undefined {
    return this.#asks.values().next().value;
  }

  /** Links an ask to the attempt before it, if that still listens. */
  linkEarlier(ask: UdpAsk): void {
    if (this.#asks.size === 0) return;
    const earlier = this.#newest.get(this.#keyOf(ask));
    if (earlier === undefined || earlier.later !== undefined) return;
    if (!isSameServer(earlier.server, ask.server)) return;
    if (!isSameQuery(earlier.query, ask.query)) return;
    ask.earlier = earlier;
    earlier.later = ask;
  }

  #keyOf(ask: UdpAsk): number {
    const { ip, port } = ask.server;
    let address = port;
    for (const byte of ip) address = (Math.imul(address, 31) + byte) | 0;
    this.#hash.hashFolded(
      ask.query,
      HEADER_BYTES,
      ask.questionEnd - HEADER_BYTES,
      address,
      ask.query.length,
    );
    return this.#hash.low;
  }
}
