/**
 * A disk in memory that fails where a test says, and loses what was not brought to it.
 *
 * Each call of `LedgerFiles` that changes something is a step. A step can fail, fail although it
 * was done, or fail half done; a crash can come before, within or after it. What a crash leaves of
 * bytes that were not synced is up to chance: any of them, in any part; of names that were not
 * synced, those of the first so many changes.
 */
import type { Dice } from "../sim/seeded.ts";
import type { LedgerFiles } from "../src/audit/ledger/files.ts";
import type { FileProblem } from "../src/system/safe-file.ts";

/** The process ends here. */
export class Crash extends Error {}

export type Fault = "failed" | "stored" | "half";

interface Inode {
  bytes: Uint8Array;
  /** What is on the disk for certain. */
  synced: Uint8Array;
}

type Names = Map<string, Inode>;

export class FaultyFiles implements LedgerFiles {
  /** Faults by the number of the step. */
  readonly faults = new Map<number, Fault>();
  /** The step that a crash comes in; undefined: none. */
  crashAt: number | undefined;
  /** Bytes that the disk has room for. */
  room = Number.POSITIVE_INFINITY;
  /** Steps so far. */
  steps = 0;
  readonly #dice: Dice;
  #names: Names = new Map();
  /** The names after each change since they were synced, the synced ones first. */
  #history: Names[] = [new Map()];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  get used(): number {
    return [...this.#names.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  read(name: string, from: number, to: number): Uint8Array | undefined {
    return this.#names.get(name)?.bytes.slice(from, to);
  }

  size(name: string): number | undefined {
    return this.#names.get(name)?.bytes.length;
  }

  names(): readonly string[] {
    return [...this.#names.keys()];
  }

  cut(name: string, size: number): FileProblem | undefined {
    return this.#step(() => {
      if (!this.#names.has(name)) {
        this.#names.set(name, { bytes: new Uint8Array(), synced: new Uint8Array() });
        this.#named();
      }
      const inode = this.#names.get(name)!;
      inode.bytes = resized(inode.bytes, size);
    });
  }

  write(name: string, at: number, bytes: Uint8Array): FileProblem | undefined {
    const inode = this.#names.get(name);
    if (inode === undefined) return problem("ENOENT");
    const put = (count: number): void => {
      const grown = resized(inode.bytes, Math.max(inode.bytes.length, at + count));
      grown.set(bytes.subarray(0, count), at);
      inode.bytes = grown;
    };
    const free = this.room - this.used;
    if (at + bytes.length - inode.bytes.length > free) {
      this.steps++;
      put(Math.max(0, Math.floor(inode.bytes.length + free - at)));
      return problem("ENOSPC");
    }
    return this.#step(
      () => put(bytes.length),
      () => put(bytes.length >> 1),
    );
  }

  sync(name: string): FileProblem | undefined {
    const inode = this.#names.get(name);
    if (inode === undefined) return problem("ENOENT");
    return this.#step(() => {
      inode.synced = inode.bytes.slice();
    });
  }

  rename(from: string, to: string): FileProblem | undefined {
    const inode = this.#names.get(from);
    if (inode === undefined) return problem("ENOENT");
    return this.#step(() => {
      this.#names.delete(from);
      this.#names.set(to, inode);
      this.#named();
    });
  }

  remove(name: string): FileProblem | undefined {
    return this.#step(() => {
      this.#names.delete(name);
      this.#named();
    });
  }

  syncNames(): FileProblem | undefined {
    return this.#step(() => {
      this.#history = [new Map(this.#names)];
    });
  }

  /** The machine goes down and comes up again. */
  crash(): void {
    const left = this.#history[this.#dice.uint32() % this.#history.length]!;
    for (const inode of new Set(left.values())) {
      inode.bytes = this.#left(inode);
      inode.synced = inode.bytes.slice();
    }
    this.#names = new Map(left);
    this.#history = [new Map(left)];
    this.crashAt = undefined;
    this.faults.clear();
  }

  /** Damages a file: other bytes stand in it. */
  put(name: string, bytes: Uint8Array): void {
    this.#names.set(name, { bytes: bytes.slice(), synced: bytes.slice() });
    this.#history = [new Map(this.#names)];
  }

  /** Damages the directory: a file is gone. */
  lose(name: string): void {
    this.#names.delete(name);
    this.#history = [new Map(this.#names)];
  }

  /** What a crash leaves of a file: each byte old or new, and any length between. */
  #left({ bytes, synced }: Inode): Uint8Array {
    const dice = this.#dice.uint32() % 4;
    if (dice === 0) return synced.slice();
    if (dice === 1) return bytes.slice();
    const [low, high] = [
      Math.min(bytes.length, synced.length),
      Math.max(bytes.length, synced.length),
    ];
    const length = low + (this.#dice.uint32() % (high - low + 1));
    const mixed = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const isNew = this.#dice.uint32() % 2 === 0;
      mixed[i] = (isNew ? bytes[i] : synced[i]) ?? 0;
    }
    // What both have is on the disk, whatever else was lost.
    for (let i = 0; i < Math.min(low, length); i++)
      if (bytes[i] === synced[i]) mixed[i] = bytes[i]!;
    return mixed;
  }

  #named(): void {
    this.#history.push(new Map(this.#names));
  }

  #step(act: () => void, halfOf: () => void = () => {}): FileProblem | undefined {
    const step = this.steps++;
    if (step === this.crashAt) {
      const dice = this.#dice.uint32() % 3;
      if (dice === 1) halfOf();
      if (dice === 2) act();
      throw new Crash();
    }
    const fault = this.faults.get(step);
    if (fault === undefined || fault === "stored") act();
    else if (fault === "half") halfOf();
    return fault === undefined ? undefined : problem("EIO");
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}

function problem(why: string): FileProblem {
  return { kind: "file-problem", why };
}
