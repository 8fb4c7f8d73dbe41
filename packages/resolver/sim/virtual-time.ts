/**
 * Virtual time: a heap of events and a clock that jumps from one to the next.
 *
 * Events of one moment happen in the order in which they were asked for, so a run depends on
 * nothing but its seed.
 */
import { assert } from "../src/base/assert.ts";
import type { Cancel } from "../src/recursor/effect.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
  isOff: boolean;
}

export class VirtualTime {
  /** A binary heap: each event is no later than the two below it. */
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #order = 0;
  #off = 0;

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events that are still to happen. */
  get waiting(): number {
    return this.#heap.length - this.#off;
  }

  /** When the next event happens, or undefined where there is none. */
  get nextMs(): number | undefined {
    this.#dropOff();
    return this.#heap[0]?.atMs;
  }

  /** Lets something happen in `ms` milliseconds; never before this call has returned. */
  after(ms: number, happen: () => void): Cancel {
    assert(ms >= 0, "the past is over");
    const event: Event = { atMs: this.#nowMs + ms, order: this.#order++, happen, isOff: false };
    this.#push(event);
    return () => {
      if (event.isOff) return;
      event.isOff = true;
      this.#off++;
    };
  }

  /** Lets the next event happen; says whether there was one. */
  step(): boolean {
    this.#dropOff();
    const event = this.#pop();
    if (event === undefined) return false;
    this.#nowMs = event.atMs;
    event.isOff = true; // a cancellation that comes later finds nothing to cancel
    event.happen();
    return true;
  }

  /** Lets everything happen that is due until `untilMs`, and sets the clock to it. */
  runUntil(untilMs: number): void {
    for (let next = this.nextMs; next !== undefined && next <= untilMs; next = this.nextMs) {
      this.step();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #dropOff(): void {
    while (this.#heap[0]?.isOff === true) {
      this.#pop();
      this.#off--;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isEarlier(event, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isEarlier(heap[below + 1]!, heap[below]!)) below++;
      if (!isEarlier(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
