/**
 * Watches over the negative trust anchors while the server runs: each ends before its date when
 * its zone is found to validate again (RFC 7646 §4).
 *
 * One good reply may come from the one server that is mended: several probes in a row must be.
 */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { NegativeAnchor } from "../dnssec/beliefs.ts";

const PROBE_MS = limits.negativeProbeMs.value;
const PROBES_MIN = limits.negativeProbesMin.value;

/** Who probes and forgets: a `WorkerPool`. */
export interface Probing {
  probe(zone: Name): boolean;
  dropNegative(zone: Name): void;
}

export interface NegativeWatchParts {
  readonly negative: readonly NegativeAnchor[];
  /** Seconds since 1970. */
  readonly nowS: () => number;
  /** Told of each that has ended because its zone validates. */
  readonly onEnd: (zone: Name) => void;
}

/** A negative trust anchor, and how many of the last probes in a row found its zone in order. */
interface Probed {
  readonly anchor: NegativeAnchor;
  readonly inOrder: number;
}

export class NegativeWatch {
  readonly #parts: NegativeWatchParts;
  #probing: Probing | undefined;
  #probed: readonly Probed[];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: NegativeWatchParts) {
    this.#parts = parts;
    this.#probed = parts.negative.map((anchor) => ({ anchor, inOrder: 0 }));
  }

  /** Begins; the timer keeps no process alive. */
  start(probing: Probing): void {
    if (this.#probed.length === 0) return;
    this.#probing = probing;
    this.#timer = setInterval(() => this.#probe(), PROBE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#probing = undefined;
  }

  /** Takes what a probe found. */
  heard(zone: Name, validates: boolean): void {
    const found = this.#probed.find(({ anchor }) => nameEqual(anchor.zone, zone));
    if (found === undefined) return;
    const inOrder = validates ? found.inOrder + 1 : 0;
    const others = this.#probed.filter((one) => one !== found);
    this.#probed = inOrder < PROBES_MIN ? [...others, { ...found, inOrder }] : others;
    if (inOrder < PROBES_MIN) return;
    this.#probing?.dropNegative(zone);
    this.#parts.onEnd(zone);
  }

  #probe(): void {
    const nowS = this.#parts.nowS();
    this.#probed = this.#probed.filter(({ anchor }) => (anchor.untilS ?? Infinity) > nowS);
    for (const { anchor } of this.#probed) this.#probing?.probe(anchor.zone);
  }
}
