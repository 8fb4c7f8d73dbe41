/**
 * How many of something each client network holds now, without knowing which network it is.
 *
 * A network (/24, /56) is known by a keyed hash; the key is drawn at start and never leaves the
 * process, and a count that falls to zero is forgotten.
 * PRIVACY: the hash of a network lives as long as what is counted: a connection, or the wait for
 * an answer.
 */
import { assert } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import type { Client } from "./client.ts";

declare const seatBrand: unique symbol;

/** One counted thing of one network; given back by `leave`. */
export type Seat = number & { readonly [seatBrand]: true };

export class NetworkCounts {
  readonly #hash: SipHash;
  readonly #counts = new Map<Seat, number>();
  readonly #max: number;

  /** `max`: how many each network may hold. */
  constructor(random: Random, max: number) {
    this.#hash = SipHash.keyed(random);
    this.#max = max;
  }

  /** Counts one more for a client's network, or is undefined where that has its share already. */
  enter(client: Client): Seat | undefined {
    client.hashNetwork(this.#hash);
    // 53 bits: what a number holds exactly.
    const seat = ((this.#hash.high & 0x1fffff) * 0x1_0000_0000 + (this.#hash.low >>> 0)) as Seat;
    const count = this.#counts.get(seat) ?? 0;
    if (count >= this.#max) return undefined;
    this.#counts.set(seat, count + 1);
    return seat;
  }

  /** Counts one less. */
  leave(seat: Seat): void {
    const count = this.#counts.get(seat);
    assert(count !== undefined, "who leaves has entered");
    if (count === 1) this.#counts.delete(seat);
    else this.#counts.set(seat, count - 1);
  }

  /** Networks that hold anything now. */
  get networks(): number {
    return this.#counts.size;
  }
}
