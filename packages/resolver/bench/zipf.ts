/**
 * Numbers as people ask for names: the n-th most popular 1/n as often as the first.
 *
 * The sequence is the same for each that is made: servers are asked the same, in the same order.
 */

/** A multiplier and an increment of a full-period generator modulo 2^32. */
const FACTOR = 1_664_525;
const STEP = 1_013_904_223;

export class Zipf {
  /** The share of the questions that go to a number or a lesser one. */
  readonly #shares: Float64Array;
  #state = 1;

  constructor(names: number) {
    this.#shares = new Float64Array(names);
    let sum = 0;
    for (let i = 0; i < names; i++) this.#shares[i] = sum += 1 / (i + 1);
    for (let i = 0; i < names; i++) this.#shares[i]! /= sum;
  }

  /** The next number, from 0 on. */
  next(): number {
    this.#state = (Math.imul(this.#state, FACTOR) + STEP) >>> 0;
    const at = this.#state / 0x1_0000_0000;
    let low = 0;
    let high = this.#shares.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#shares[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
