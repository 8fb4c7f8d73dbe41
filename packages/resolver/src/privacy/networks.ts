/** A table from networks to small numbers: what a client's address may be asked for. */
import { limits } from "../base/limits.ts";
import { assert } from "../base/assert.ts";

/** One row: addresses whose first `bits` are those of `ip` map to `view`. */
export interface Network {
  /** Four or sixteen bytes. */
  readonly ip: Uint8Array;
  readonly bits: number;
  readonly view: number;
}

/** Longest match wins; an address that no row holds maps to `otherwise`. */
export class NetworkTable {
  readonly #rows: readonly Network[];
  readonly #otherwise: number;

  constructor(rows: readonly Network[], otherwise: number) {
    assert(rows.length <= limits.clientNetworksMax.value, "the configuration bounds its networks");
    this.#rows = rows.toSorted((a, b) => b.bits - a.bits);
    this.#otherwise = otherwise;
  }

  /** The view of the address of `size` bytes (4 or 16) at `at`. PERF: allocates nothing. */
  lookup(bytes: Uint8Array, at: number, size: number): number {
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i]!;
      if (row.ip.length === size && startsWithBits(bytes, at, row.ip, row.bits)) return row.view;
    }
    return this.#otherwise;
  }
}

/** Says whether the bytes at `at` begin with the first `bits` of `ip`. */
export function startsWithBits(
  bytes: Uint8Array,
  at: number,
  ip: Uint8Array,
  bits: number,
): boolean {
  const whole = bits >>> 3;
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== ip[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (bytes[at + whole]! ^ ip[whole]!) >>> (8 - rest) === 0;
}
