/**
 * A yardstick for the machine: work of a resolver's kind with none of Lethe's code in it.
 *
 * Figures of two machines are compared as multiples of it. It folds the letters of a name, hashes
 * it by FNV-1a and follows the hash through a small table, which no neighbour drives out of the
 * caches.
 */
import { Meter, tell } from "./figure.ts";

const ROUNDS = 4;
const STEPS = 1_000_000;
const TABLE_WORDS = 1 << 13;

const table = Uint32Array.from({ length: TABLE_WORDS }, (_, i) => Math.imul(i, 2654435761));
const name = new TextEncoder().encode("\u0003WWW\u0007example\u0003com\u0000");

for (let round = 0; round < ROUNDS; round++) {
  const meter = new Meter();
  let hash = 0x811c9dc5;
  for (let step = 0; step < STEPS; step++) {
    for (let i = 0; i < name.length; i++) {
      const byte = name[i]!;
      hash = Math.imul(hash ^ (byte >= 65 && byte <= 90 ? byte | 0x20 : byte), 0x01000193);
    }
    hash ^= table[hash >>> 19]!;
  }
  // The hash is in the title's shadow only: without a use the engine might leave out the work.
  if (hash === 1) process.exitCode = 0;
  tell({ title: "yardstick: fold, hash, look up", ...meter.each(STEPS) });
}
