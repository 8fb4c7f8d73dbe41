/**
 * Dice that fall the same way each time: all chance in a virtual world comes from one seed.
 *
 * The generator is sfc32 (public domain, Chris Doty-Humphrey), which passes the statistical
 * batteries and needs four words of state. Never to be used where someone must not guess.
 */
import { type Random, below } from "../src/base/random.ts";

/** The state is stirred this often before the first number, so that near seeds lie far apart. */
const STIRS = 16;

export class Dice implements Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) >>> 0;
    for (let i = 0; i < STIRS; i++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  bytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = this.uint32() >>> 24;
    return bytes;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + below(this, high - low + 1);
  }

  /** True in `share` of all throws, a number from 0 to 1. */
  chance(share: number): boolean {
    return this.uint32() < share * 0x1_0000_0000;
  }

  /** One of these, each as likely. */
  pick<T>(from: readonly T[]): T {
    return from[below(this, from.length)]!;
  }

  /** One of these, each as likely as its weight says. */
  weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T {
    let at = below(this, 0x10000) / 0x10000;
    at *= from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of from) {
      if (at < weight) return value;
      at -= weight;
    }
    return from.at(-1)![1];
  }

  /** Other dice whose throws do not depend on how often these are thrown from now on. */
  fork(): Dice {
    return new Dice(this.uint32());
  }
}
