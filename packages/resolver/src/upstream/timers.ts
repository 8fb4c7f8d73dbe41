/**
 * The event loop's time for a worker: one timeout of the loop turns the wheel, and what is to
 * happen at once is called together at the end of the turn.
 *
 * "At once" is an immediate of Node's, not a microtask: a descriptor that is polled through the
 * FFI calls back outside of Node's own callbacks, where the queue of microtasks is left waiting.
 */
import { limits } from "../base/limits.ts";
import type { Cancel } from "../recursor/effect.ts";
import { monotonicMs } from "../system/clock.ts";
import { Timer, TimerWheel } from "./timer-wheel.ts";

const CALLBACKS_MAX = limits.callbacksPerTurnMax.value;

/** What the rest of upstream/ needs of time. */
export interface Time {
  /** Monotonic milliseconds; the origin means nothing. */
  nowMs(): number;
  /** Starts a timer that does not run. */
  start(timer: Timer, ms: number): void;
  /** Stops a timer, whether it runs or not. */
  stop(timer: Timer): void;
  /** Calls `done` once, after `ms` milliseconds; 0 is the end of this turn of the loop. */
  after(ms: number, done: () => void): Cancel;
}

/** A callback that waits for its time. */
export class Later extends Timer {
  readonly #done: () => void;

  constructor(done: () => void) {
    super();
    this.#done = done;
  }

  expire(): void {
    this.#done();
  }
}

/** A callback that waits for the end of the turn; one taken back has nothing to call. */
interface Soon {
  done: (() => void) | undefined;
}

export class Timers implements Time {
  readonly #wheel = new TimerWheel(monotonicMs());
  #loopTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the loop's timeout turns the wheel. */
  #turnMs = Number.POSITIVE_INFINITY;
  #soon: Soon[] = [];
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #turning: ReturnType<typeof setImmediate> | undefined;
  #isClosed = false;

  nowMs(): number {
    return monotonicMs();
  }

  after(ms: number, done: () => void): Cancel {
    if (ms <= 0) return this.#atOnce(done);
    const timer = new Later(done);
    this.start(timer, ms);
    return () => this.#wheel.stop(timer);
  }

  start(timer: Timer, ms: number): void {
    if (this.#isClosed) return;
    const nowMs = monotonicMs();
    const turnMs = this.#wheel.start(timer, nowMs + ms);
    if (turnMs < this.#turnMs) this.#arm(turnMs, nowMs);
  }

  stop(timer: Timer): void {
    this.#wheel.stop(timer);
  }

  /** Nothing is called any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#loopTimer);
    clearImmediate(this.#immediate);
    clearImmediate(this.#turning);
    this.#soon = [];
  }

  #atOnce(done: () => void): Cancel {
    const soon: Soon = { done };
    if (!this.#isClosed) {
      this.#soon.push(soon);
      this.#immediate ??= setImmediate(this.#callSoon);
    }
    return () => {
      soon.done = undefined;
    };
  }

  /** Calls what waits for the end of the turn, and what that adds, up to a bound. */
  readonly #callSoon = (): void => {
    let called = 0;
    for (; called < this.#soon.length && called < CALLBACKS_MAX; called++) {
      const soon = this.#soon[called]!;
      const { done } = soon;
      soon.done = undefined;
      done?.();
    }
    this.#immediate = undefined;
    if (this.#isClosed) return;
    this.#soon.splice(0, called);
    if (this.#soon.length > 0) this.#immediate = setImmediate(this.#callSoon);
  };

  #arm(turnMs: number, nowMs: number): void {
    clearTimeout(this.#loopTimer);
    this.#turnMs = turnMs;
    this.#loopTimer = setTimeout(this.#readFirst, Math.max(1, Math.ceil(turnMs - nowMs)));
  }

  /**
   * Lets the loop read its sockets before time-outs count.
   *
   * The loop calls timers first. Where it was late itself, replies that came in time lie unread.
   */
  readonly #readFirst = (): void => {
    this.#turning = setImmediate(this.#turn);
  };

  readonly #turn = (): void => {
    this.#turnMs = Number.NEGATIVE_INFINITY; // what is started meanwhile is armed for below
    this.#wheel.turn(monotonicMs());
    this.#turnMs = Number.POSITIVE_INFINITY;
    const nextMs = this.#wheel.nextTurnMs();
    if (nextMs !== undefined && !this.#isClosed) this.#arm(nextMs, monotonicMs());
  };
}
