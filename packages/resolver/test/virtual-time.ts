/** Time that passes when a test says so, for what waits by the timers of upstream/. */
import type { Cancel } from "../src/recursor/effect.ts";
import { type Timer, TimerWheel } from "../src/upstream/timer-wheel.ts";
import { Later, type Time } from "../src/upstream/timers.ts";

export class VirtualTime implements Time {
  #nowMs = 0;
  readonly #wheel = new TimerWheel(0);

  nowMs(): number {
    return this.#nowMs;
  }

  start(timer: Timer, ms: number): void {
    this.#wheel.start(timer, this.#nowMs + ms);
  }

  stop(timer: Timer): void {
    this.#wheel.stop(timer);
  }

  after(ms: number, done: () => void): Cancel {
    const timer = new Later(done);
    this.start(timer, ms);
    return () => this.stop(timer);
  }

  /** Lets some milliseconds pass, a tick of the wheel and then the rest. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const nextMs = this.#wheel.nextTurnMs();
      this.#nowMs = Math.min(untilMs, nextMs ?? untilMs);
      this.#wheel.turn(this.#nowMs);
      if (this.#nowMs >= untilMs) return;
    }
  }
}
