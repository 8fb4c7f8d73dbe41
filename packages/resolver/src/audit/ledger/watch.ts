/**
 * Writes into the ledger what a running server does: its start, a heartbeat an hour, its trust
 * anchors and configuration when they change, its stop.
 *
 * What could not be written is due again at the next look; an entry says what is in force, so one
 * that comes late is true when it comes.
 */
import { isDeepStrictEqual } from "node:util";
import { limits } from "../../base/limits.ts";
import type { Ledger } from "./ledger.ts";
import { timeOf, timeToS } from "./leaf-fields.ts";
import type { Leaf, LeafOf } from "./leaf.ts";

const TICK_MS = limits.ledgerTickS.value * 1000;
const HEARTBEAT_S = limits.ledgerHeartbeatS.value;

export type Anchors = LeafOf<"trust-anchors">["anchors"];
/** What a start tells, beside when and whether a stop was told before. */
export type StartFacts = Omit<LeafOf<"start">, "kind" | "time" | "afterStop">;
/** The settings that came into force, and which of them changed. */
export type Change = Omit<LeafOf<"configuration">, "kind" | "time">;

export interface LedgerWatchParts {
  readonly ledger: Ledger;
  /** Seconds since 1970. */
  readonly nowS: () => number;
  /** What is trusted by now. */
  readonly anchors: () => Anchors;
  /** Tells the operator, in one line. */
  readonly onProblem: (line: string) => void;
}

export class LedgerWatch {
  readonly #parts: LedgerWatchParts;
  #timer: NodeJS.Timeout | undefined;
  #startedS = 0;
  #lastS = 0;
  /** The configuration in force, where the ledger's newest word on it may be another. */
  #unsaid: Change | undefined;
  #hasComplained = false;

  constructor(parts: LedgerWatchParts) {
    this.#parts = parts;
  }

  /** Writes the start and what is trusted; gives why it cannot. */
  begin(facts: StartFacts): string | undefined {
    const { ledger, nowS } = this.#parts;
    const last = ledger.lastKind;
    const afterStop = last === undefined || last === "stop";
    this.#startedS = nowS();
    const why = this.#append({ kind: "start", time: this.#time(), afterStop, ...facts });
    return why ?? this.#sayAnchors();
  }

  /** Looks every minute whether something is due; keeps no process alive. */
  watch(): void {
    this.#timer = setInterval(() => this.look(), TICK_MS).unref();
  }

  /** Writes what is due. */
  look(): void {
    const { nowS } = this.#parts;
    const why =
      this.#sayUnsaid() ??
      this.#sayAnchors() ??
      (nowS() - this.#lastS >= HEARTBEAT_S ? this.#heartbeat() : undefined);
    if (why !== undefined && !this.#hasComplained) {
      this.#parts.onProblem(`the ledger cannot be written (${why}); it is tried every minute`);
    }
    this.#hasComplained = why !== undefined;
  }

  /** Writes that the configuration changes; only where it gives undefined may that take effect. */
  change(change: Change, before: Change): string | undefined {
    const why = this.#append({ kind: "configuration", time: this.#time(), ...change });
    // Were the entry in doubt it could turn up later: then the ledger says what is in force again.
    this.#unsaid = why === undefined ? undefined : before;
    return why;
  }

  /** Writes the stop. */
  end(reason: string): string | undefined {
    clearInterval(this.#timer);
    return this.#append({ kind: "stop", time: this.#time(), reason });
  }

  #sayUnsaid(): string | undefined {
    const { ledger } = this.#parts;
    const said = this.#unsaid;
    const why = said === undefined ? undefined : ledger.settle();
    if (said === undefined || why !== undefined) return why;
    const last = ledger.lastOf("configuration") ?? ledger.lastOf("start");
    this.#unsaid = undefined;
    if (isDeepStrictEqual(last?.settings, said.settings)) return undefined;
    const failed = this.#append({ kind: "configuration", time: this.#time(), ...said });
    if (failed !== undefined) this.#unsaid = said;
    return failed;
  }

  #sayAnchors(): string | undefined {
    const anchors = this.#parts.anchors();
    const last = this.#parts.ledger.lastOf("trust-anchors");
    if (isDeepStrictEqual(last?.anchors, anchors)) return undefined;
    return this.#append({ kind: "trust-anchors", time: this.#time(), anchors });
  }

  #heartbeat(): string | undefined {
    const runningS = Math.max(0, this.#parts.nowS() - this.#startedS);
    return this.#append({ kind: "heartbeat", time: this.#time(), runningS });
  }

  #append(leaf: Leaf): string | undefined {
    const appended = this.#parts.ledger.append(leaf);
    if (appended.kind === "failed") return appended.why;
    this.#lastS = timeToS(leaf.time)!;
    return undefined;
  }

  #time(): string {
    return timeOf(this.#parts.nowS());
  }
}
