/**
 * Checks signatures for the recursor: some in each turn of the event loop, others aside.
 *
 *   honest and cheap   here, a few a turn: datagrams come first after these
 *   dear (P-384, …)    in the platform's pool of threads, one at a time
 *   suspect            there too, after the dear ones; too many of them are not checked at all
 *
 * A check takes as long as the answers of ten to two hundred datagrams. KeyTrap and its kin keep
 * nobody waiting but their own askers: each of their questions brings one check that may be made
 * here, and the rest of what they ask for takes no more than one thread.
 */
import { limits } from "../base/limits.ts";
import { isDear } from "../dnssec/crypto.ts";
import { KeyRing } from "../dnssec/key-ring.ts";
import type { Cancel, Verifier, Verify } from "../recursor/effect.ts";

const CHECKS_MAX = limits.signatureChecksPerTurnMax.value;
const SUSPECTS_MAX = limits.suspectChecksWaitingMax.value;

/** A check that waits for its turn; one taken back has nobody to tell. */
interface Waiting {
  readonly check: Verify;
  done: ((isGood: boolean | undefined) => void) | undefined;
}

export class SignatureChecks implements Verifier {
  readonly #keys = new KeyRing();
  #waiting: Waiting[] = [];
  #dear: Waiting[] = [];
  #suspect: Waiting[] = [];
  /** Suspect ones that nobody checks, to be told so in the next turn. */
  #refused: Waiting[] = [];
  #isBusyAside = false;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #isClosed = false;

  verify(check: Verify, done: (isGood: boolean | undefined) => void): Cancel {
    const waiting: Waiting = { check, done };
    if (!this.#isClosed) {
      this.#listFor(check).push(waiting);
      this.#immediate ??= setImmediate(this.#turn);
    }
    return () => {
      waiting.done = undefined;
    };
  }

  /** Nothing is checked any more. */
  close(): void {
    this.#isClosed = true;
    clearImmediate(this.#immediate);
    this.#forgetAll();
  }

  #listFor(check: Verify): Waiting[] {
    if (check.isSuspect) {
      return this.#suspect.length < SUSPECTS_MAX ? this.#suspect : this.#refused;
    }
    return isDear(check.algorithm, check.key) ? this.#dear : this.#waiting;
  }

  #forgetAll(): void {
    this.#waiting = [];
    this.#dear = [];
    this.#suspect = [];
    this.#refused = [];
  }

  readonly #turn = (): void => {
    this.#immediate = undefined;
    for (const { done } of this.#refused.splice(0)) done?.(undefined);
    let checked = 0;
    let taken = 0;
    while (taken < this.#waiting.length && checked < CHECKS_MAX) {
      const { check, done } = this.#waiting[taken++]!;
      if (done === undefined) continue;
      checked++;
      done(this.#keys.isGood(check));
    }
    this.#waiting.splice(0, taken);
    this.#goOnAside();
    if (this.#waiting.length > 0 || this.#refused.length > 0) this.#nextTurn();
  };

  #nextTurn(): void {
    if (!this.#isClosed) this.#immediate ??= setImmediate(this.#turn);
  }

  /** Gives the pool its next check, unless it has one. */
  #goOnAside(): void {
    while (!this.#isBusyAside && !this.#isClosed) {
      const waiting = this.#dear.shift() ?? this.#suspect.shift();
      if (waiting === undefined) return;
      if (waiting.done === undefined) continue;
      this.#isBusyAside = this.#keys.checkAside(waiting.check, (isGood) => {
        this.#isBusyAside = false;
        if (this.#isClosed) return;
        waiting.done?.(isGood);
        this.#goOnAside();
      });
      if (!this.#isBusyAside) waiting.done(false);
    }
  }
}
