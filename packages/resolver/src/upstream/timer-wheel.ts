/**
 * A timer wheel: thousands of time-outs for the price of a list each, and no clock of its own.
 *
 *   slot   0    1    2   …  1023          a slot is 4 ms wide, a turn about 4 s
 *          │    │    └─ timer ⇄ timer     due in this turn, or in a later one
 *
 * A timer never expires early, and at most a slot's width late.
 * PERF: starting and stopping a timer is linking and unlinking it; nothing is allocated.
 */

const TICK_MS = 4;
const SLOTS = 1024;

/** Something that expires once. What waits is itself the timer: there is no object beside it. */
export abstract class Timer {
  /** The tick at which it is due. */
  dueTick = 0;
  /** Neighbours in its slot; both are undefined while it does not run. */
  next: Timer | undefined;
  previous: Timer | undefined;

  abstract expire(): void;
}

/** The head of a slot's ring. */
class Head extends Timer {
  constructor() {
    super();
    this.next = this;
    this.previous = this;
  }

  expire(): void {}
}

export class TimerWheel {
  readonly #slots: readonly Head[] = Array.from({ length: SLOTS }, () => new Head());
  readonly #due = new Head();
  /** All timers of this tick and those before it have expired. */
  #tick: number;
  #running = 0;

  constructor(nowMs: number) {
    this.#tick = Math.floor(nowMs / TICK_MS);
  }

  /** Timers that run. */
  get running(): number {
    return this.#running;
  }

  /** Starts a timer that does not run; gives the time at which the wheel must be turned for it. */
  start(timer: Timer, dueMs: number): number {
    const tick = Math.max(Math.floor(dueMs / TICK_MS), this.#tick) + 1;
    timer.dueTick = tick;
    link(timer, this.#slots[tick % SLOTS]!);
    this.#running++;
    return tick * TICK_MS;
  }

  /** Stops a timer, whether it runs or not. */
  stop(timer: Timer): void {
    if (timer.next === undefined) return;
    unlink(timer);
    this.#running--;
  }

  /** Turns the wheel up to a time: what is due expires, in the order of its ticks. */
  turn(nowMs: number): void {
    const nowTick = Math.floor(nowMs / TICK_MS);
    for (let tick = Math.max(this.#tick + 1, nowTick - SLOTS + 1); tick <= nowTick; tick++) {
      const head = this.#slots[tick % SLOTS]!;
      for (let timer = head.next!; timer !== head;) {
        const next = timer.next!;
        if (timer.dueTick <= nowTick) {
          unlink(timer);
          link(timer, this.#due);
        }
        timer = next;
      }
    }
    this.#tick = Math.max(this.#tick, nowTick);
    // What expires may stop what is due with it: so one is taken at a time.
    while (this.#due.next !== this.#due) {
      const timer = this.#due.next!;
      this.stop(timer);
      timer.expire();
    }
  }

  /** When the wheel must be turned next; undefined where nothing runs. */
  nextTurnMs(): number | undefined {
    if (this.#running === 0) return undefined;
    for (let tick = this.#tick + 1; ; tick++) {
      const head = this.#slots[tick % SLOTS]!;
      if (head.next !== head) return tick * TICK_MS;
    }
  }
}

/** Puts a timer at the end of a ring. */
function link(timer: Timer, head: Head): void {
  const last = head.previous!;
  timer.previous = last;
  timer.next = head;
  last.next = timer;
  head.previous = timer;
}

function unlink(timer: Timer): void {
  timer.previous!.next = timer.next;
  timer.next!.previous = timer.previous;
  timer.next = undefined;
  timer.previous = undefined;
}
