/**
 * The cuts that were read last, unpacked: those of top-level domains are read for most misses.
 *
 * PERF: a table of fixed size without any order; where two cuts want one slot, the later has it.
 * A cut of 13 servers with addresses costs about 3 µs to unpack, and 5 kB of garbage.
 * PRIVACY: names of zones that were asked lately, copied out of the store: `clear` forgets them.
 */
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { GlueAddress } from "./packed-sets.ts";

const SLOTS = limits.cutsReadMax.value;

/** An unpacked cut, and where and for how long it stands in the store: that is how it is known. */
export interface CutRead {
  readonly entry: number;
  readonly expiresMs: number;
  readonly servers: RecordSet;
  readonly ttlS: number;
  readonly glue: readonly GlueAddress[];
}

export class CutsRead {
  readonly #slots: (CutRead | undefined)[] = [];

  /** The cut in an entry of the store whose name is `name` from `from` on, if it was kept. */
  find(entry: number, expiresMs: number, name: Name, from: number): CutRead | undefined {
    const read = this.#slots[slotOf(entry)];
    if (read?.entry !== entry || read.expiresMs !== expiresMs) return undefined;
    const zone = read.servers.name;
    return zone.length === name.length - from && isAtOrUnder(name, zone) ? read : undefined;
  }

  keep(read: CutRead): void {
    this.#slots[slotOf(read.entry)] = read;
  }

  /** Forgets what stands in an entry's slot: something else is written there. */
  forget(entry: number): void {
    this.#slots[slotOf(entry)] = undefined;
  }

  clear(): void {
    this.#slots.length = 0;
  }
}

/** Entries begin at multiples of eight. */
function slotOf(entry: number): number {
  return (entry >>> 3) % SLOTS;
}
