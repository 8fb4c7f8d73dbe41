/**
 * Checks signatures for the recursor, some in each turn of the event loop.
 *
 * A check takes as long as the answers of a hundred datagrams. However many tasks wait, datagrams
 * come first after a few of them: KeyTrap and its kin keep nobody waiting but their own askers.
 */
import { limits } from "../base/limits.ts";
import { KeyRing } from "../dnssec/key-ring.ts";
import type { Cancel, Verifier, Verify } from "../recursor/effect.ts";

const CHECKS_MAX = limits.signatureChecksPerTurnMax.value;

/** A check that waits for its turn; one taken back has nobody to tell. */
interface Waiting {
  readonly check: Verify;
  done: ((isGood: boolean) => void) | undefined;
}

export class SignatureChecks implements Verifier {
  readonly #keys = new KeyRing();
  #waiting: Waiting[] = [];
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #isClosed = false;

  verify(check: Verify, done: (isGood: boolean) => void): Cancel {
    const waiting: Waiting = { check, done };
    if (!this.#isClosed) {
      this.#waiting.push(waiting);
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
    this.#waiting = [];
  }

  readonly #turn = (): void => {
    this.#immediate = undefined;
    let checked = 0;
    let taken = 0;
    while (taken < this.#waiting.length && checked < CHECKS_MAX) {
      const { check, done } = this.#waiting[taken++]!;
      if (done === undefined) continue;
      checked++;
      done(this.#keys.isGood(check));
    }
    this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0 && !this.#isClosed) {
      this.#immediate ??= setImmediate(this.#turn);
    }
  };
}
