/**
 * Mutates what is known to be interesting and feeds it to the readers: bounded and seeded.
 *
 *     node packages/wire/fuzz/fuzz.ts [count] [seed]
 *
 * Every input is made from the seed and its number alone, so a failure is replayed by its seed.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { material } from "../test/material.ts";
import { tryMessage, tryNames, tryRdata, tryZone } from "./trials.ts";

const TRIALS = { tryMessage, tryNames, tryRdata, tryZone };

/** What broke: the trial, the seed that makes its input again, the input, and the reason. */
export interface FuzzFailure {
  readonly trial: string;
  readonly seed: number;
  readonly hex: string;
  readonly why: string;
}

/** Bytes that steer parsers: lengths, pointers, the ends of ranges, quotes and parentheses. */
const TELLING = [0, 1, 2, 3, 12, 41, 63, 64, 0x7f, 0x80, 0xc0, 0xff, 0x22, 0x28, 0x29, 0x5c, 0x0a];

/** Runs `count` inputs from `seed` on; the first failure, or undefined where nothing broke. */
export function fuzz(
  seeds: readonly Uint8Array[],
  count: number,
  seed: number,
): FuzzFailure | undefined {
  for (let i = 0; i < count; i++) {
    const input = mutated(seeds, (seed + i) >>> 0);
    for (const [trial, run] of Object.entries(TRIALS)) {
      try {
        run(input);
      } catch (error) {
        return { trial, seed: (seed + i) >>> 0, hex: input.toHex(), why: String(error) };
      }
    }
  }
  return undefined;
}

/** The input of a seed: one of the corpus with a few of its bytes changed, moved or cut. */
function mutated(seeds: readonly Uint8Array[], seed: number): Uint8Array {
  const random = generator(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  let bytes: Uint8Array = seeds[pick(seeds.length)]!.slice(0, 4096);
  for (let left = 1 + pick(6); left > 0; left--) {
    const at = pick(bytes.length + 1);
    const kind = pick(5);
    if (kind === 0) bytes[at] = pick(256);
    else if (kind === 1) bytes[at] = TELLING[pick(TELLING.length)]!;
    else if (kind === 2) bytes = bytes.slice(0, at);
    else if (kind === 3) bytes = joined(bytes.subarray(0, at), bytes.subarray(pick(at + 1)));
    else bytes = joined(bytes.subarray(0, at), seeds[pick(seeds.length)]!.subarray(pick(64)));
  }
  return bytes;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.min(a.length + b.length, 8192));
  whole.set(a.subarray(0, whole.length));
  whole.set(b.subarray(0, whole.length - a.length), a.length);
  return whole;
}

/** Numbers from 0 up to 1, the same for the same seed (the mulberry32 generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every file of the corpora, or a plain question where there are none. */
export function corpora(): Uint8Array[] {
  const folder = material("fuzz/bind9");
  const files = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  const found = files
    .filter((name) => name.endsWith(".in"))
    .toSorted()
    .flatMap((name) =>
      readdirSync(join(folder, name))
        .toSorted()
        .map((file) => new Uint8Array(readFileSync(join(folder, name, file)))),
    );
  const question = Uint8Array.fromHex(
    "000701200001000000000001076578616d706c65000001000100002904d000000000",
  );
  return [...found, question];
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 20_000);
  const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
  process.stdout.write(`fuzz: ${count} inputs from seed ${seed}\n`);
  const failure = fuzz(corpora(), count, seed);
  if (failure !== undefined) {
    process.stdout.write(
      `${failure.trial}, seed ${failure.seed}: ${failure.why}\n${failure.hex}\n`,
    );
    process.exitCode = 1;
  }
}
