/**
 * Which raw descriptors a thread has opened, in memory that outlives the thread.
 *
 * A raw descriptor belongs to the process: it outlives a thread that dies, and nobody would close
 * it. So a worker notes what it opens in shared memory, one bit a descriptor, and whoever sees it
 * die closes what is noted. A thread may die at any instruction: a descriptor is taken out of the
 * notes before it is closed, so that at worst one leaks and never somebody else's is closed.
 */

/** Descriptors have numbers below this: the hard limit of open files on Linux is lower. */
const DESCRIPTORS = 1 << 20;

export class OpenDescriptors {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** Notes in fresh memory, or in that of the thread that is watched. */
  constructor(memory = new SharedArrayBuffer(DESCRIPTORS >>> 3)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Notes a descriptor that was just opened. */
  note(fd: number): void {
    this.#words[fd >>> 5]! |= 1 << (fd & 31);
  }

  /** Forgets a descriptor that is about to be closed. */
  forget(fd: number): void {
    this.#words[fd >>> 5]! &= ~(1 << (fd & 31));
  }

  /** Gives every noted descriptor to `close` and forgets it: the thread that noted them is gone. */
  closeAll(close: (fd: number) => void): number {
    let closed = 0;
    for (const [i, word] of this.#words.entries()) {
      if (word === 0) continue;
      for (let bit = 0; bit < 32; bit++) {
        if (((word >>> bit) & 1) === 0) continue;
        this.#words[i]! &= ~(1 << bit);
        close(i * 32 + bit);
        closed++;
      }
    }
    return closed;
  }
}
