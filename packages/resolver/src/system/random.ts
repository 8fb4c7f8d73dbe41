/** The real dice: the kernel's, drawn in blocks so that a question costs no system call. */
import { randomFillSync } from "node:crypto";
import type { Random } from "../base/random.ts";

const BLOCK_BYTES = 4096;

/**
 * Random numbers from the operating system.
 *
 * Bytes that were given are overwritten in the block, so that memory never tells past ids.
 */
export class SystemRandom implements Random {
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #words = new Uint32Array(this.#block.buffer);
  #next = this.#words.length;

  uint32(): number {
    if (this.#next === this.#words.length) {
      randomFillSync(this.#block);
      this.#next = 0;
    }
    const value = this.#words[this.#next]!;
    this.#words[this.#next++] = 0;
    return value;
  }

  bytes(size: number): Uint8Array {
    return randomFillSync(new Uint8Array(size));
  }
}
