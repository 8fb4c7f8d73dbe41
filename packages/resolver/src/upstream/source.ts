/**
 * Where a question comes from: one of our addresses and a port that nobody can guess.
 *
 * RFC 5452 §9.2 asks for ports from as large a range as can be had; this is all above the
 * well-known ones, without those that Lethe itself listens at.
 */
import { assert } from "../base/assert.ts";
import { type Random, below } from "../base/random.ts";

const PORT_MIN = 1024;
const PORTS = 65536 - PORT_MIN;

const ANY_V4 = new Uint8Array(4);
const ANY_V6 = new Uint8Array(16);

export class Sources {
  readonly #random: Random;
  /** One for each port; 1 where it is ours already. */
  readonly #isTaken = new Uint8Array(65536);
  readonly #v4: readonly Uint8Array[];
  readonly #v6: readonly Uint8Array[];

  /** `outgoing`: our addresses, of either family; a family without any leaves it to the kernel. */
  constructor(outgoing: readonly Uint8Array[], listening: readonly number[], random: Random) {
    this.#random = random;
    for (const port of listening) this.#isTaken[port] = 1;
    assert(listening.length < PORTS, "some ports are left to ask from");
    this.#v4 = outgoing.filter((ip) => ip.length === 4);
    this.#v6 = outgoing.filter((ip) => ip.length === 16);
  }

  /** A port from 1024 to 65535, each as likely, that Lethe does not listen at. */
  port(): number {
    for (;;) {
      const port = PORT_MIN + below(this.#random, PORTS);
      if (this.#isTaken[port] === 0) return port;
    }
  }

  /** One of our addresses for a destination's family; all zeros where the kernel is to choose. */
  ip(towards: Uint8Array): Uint8Array {
    const isV4 = towards.length === 4;
    const own = isV4 ? this.#v4 : this.#v6;
    if (own.length === 0) return isV4 ? ANY_V4 : ANY_V6;
    return own.length === 1 ? own[0]! : own[below(this.#random, own.length)]!;
  }

  /** Says whether the kernel is to choose the address towards a destination. */
  isKernelsChoice(towards: Uint8Array): boolean {
    return (towards.length === 4 ? this.#v4 : this.#v6).length === 0;
  }
}
