/**
 * Watches over the trust anchors while the server runs (RFC 5011): the main thread has a worker
 * get the keys that are due, moves the states on, keeps them, and tells all workers what to
 * believe.
 *
 * Each look is asked of one worker, and counted once.
 */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { AnchorKeeper, Moved } from "../dnssec/anchor-keeper.ts";
import type { KeysTold } from "./options.ts";

const TICK_MS = limits.anchorTickMs.value;
const LOOK_WAIT_S = limits.anchorLookWaitMs.value / 1000;

/** Who looks and believes: a `WorkerPool`. */
export interface Watched {
  lookAtKeys(zone: Name): boolean;
  believe(anchors: readonly TrustAnchor[]): void;
}

export interface AnchorWatchParts {
  readonly keeper: AnchorKeeper;
  /** Seconds since 1970. */
  readonly nowS: () => number;
  /** Keeps the state. */
  readonly save: () => void;
}

/** A look that a worker was asked for. */
interface Look {
  readonly zone: Name;
  readonly askedS: number;
}

export class AnchorWatch {
  readonly #parts: AnchorWatchParts;
  #watched: Watched | undefined;
  #looks: readonly Look[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: AnchorWatchParts) {
    this.#parts = parts;
  }

  /** Begins; the timer keeps no process alive. */
  start(watched: Watched): void {
    this.#watched = watched;
    watched.believe(this.#parts.keeper.anchors);
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watched = undefined;
  }

  /** Takes what a worker told. */
  heard({ why, zone, keySet }: KeysTold): void {
    const { keeper, nowS } = this.#parts;
    if (why === "by-the-way") {
      if (keySet !== undefined) this.#after(keeper.saw(zone, keySet, nowS()));
      return;
    }
    const isAsked = this.#looks.some((look) => nameEqual(look.zone, zone));
    if (!isAsked) return;
    this.#looks = this.#looks.filter((look) => !nameEqual(look.zone, zone));
    this.#after(keeper.looked(zone, keySet, nowS()));
  }

  #tick(): void {
    const { keeper, nowS } = this.#parts;
    const now = nowS();
    this.#looks = this.#looks.filter(({ askedS }) => Math.abs(now - askedS) < LOOK_WAIT_S);
    for (const zone of keeper.due(now)) {
      if (this.#looks.some((look) => nameEqual(look.zone, zone))) continue;
      if (this.#watched?.lookAtKeys(zone) !== true) return;
      this.#looks = [...this.#looks, { zone, askedS: now }];
    }
  }

  #after({ isNews, isTrustNews }: Moved): void {
    // Kept first: what a worker believes must not be forgotten by a crash.
    if (isNews) this.#parts.save();
    if (isTrustNews) this.#watched?.believe(this.#parts.keeper.anchors);
  }
}
