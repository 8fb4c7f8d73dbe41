/** Randomness as an input: the real one is the kernel's, the simulator's comes from a seed. */

export interface Random {
  /** A number from 0 to 2^32 - 1, each as likely as the others. */
  uint32(): number;
  /** `size` random bytes. */
  bytes(size: number): Uint8Array;
}

/** A number from 0 to `bound` - 1, each as likely; `bound` is at most 2^32. */
export function below(random: Random, bound: number): number {
  const usable = 0x1_0000_0000 - (0x1_0000_0000 % bound);
  for (;;) {
    const value = random.uint32();
    if (value < usable) return value % bound;
  }
}
