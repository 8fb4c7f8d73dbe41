/** The wheel: never early, at most a tick late, and stopping what is due at the same time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, double, property } from "fast-check";
import { Timer, TimerWheel } from "./timer-wheel.ts";

const TICK_MS = 4;

class Probe extends Timer {
  expiredMs = -1;
  onExpire = (): void => {};
  readonly #now: () => number;

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  expire(): void {
    assert.equal(this.expiredMs, -1, "a timer expires once");
    this.expiredMs = this.#now();
    this.onExpire();
  }
}

test("no timer is early, and none more than a tick late where the wheel is turned in time", () => {
  assertProperty(
    property(
      array(double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 50 }),
      double({ min: 0, max: 1e6, noNaN: true }),
      (delaysMs, startMs) => {
        let nowMs = startMs;
        const wheel = new TimerWheel(startMs);
        const probes = delaysMs.map((delayMs) => {
          const probe = new Probe(() => nowMs);
          wheel.start(probe, startMs + delayMs);
          return { probe, dueMs: startMs + delayMs };
        });
        for (let at = wheel.nextTurnMs(); at !== undefined; at = wheel.nextTurnMs()) {
          nowMs = at;
          wheel.turn(nowMs);
        }
        for (const { probe, dueMs } of probes) {
          assert.ok(probe.expiredMs >= dueMs, "early");
          assert.ok(probe.expiredMs <= dueMs + TICK_MS, "late");
        }
        assert.equal(wheel.running, 0);
      },
    ),
  );
});

test("a wheel that was not turned for many turns lets everything expire that is due, once", () => {
  let nowMs = 0;
  const wheel = new TimerWheel(0);
  const probes = [1, 5000, 9000, 50_000].map((dueMs) => {
    const probe = new Probe(() => nowMs);
    wheel.start(probe, dueMs);
    return probe;
  });
  nowMs = 30_000;
  wheel.turn(nowMs);
  assert.deepEqual(
    probes.map((probe) => probe.expiredMs),
    [30_000, 30_000, 30_000, -1],
  );
});

test("a stopped timer does not expire, even where another that is due with it stops it", () => {
  const wheel = new TimerWheel(0);
  const first = new Probe(() => 100);
  const second = new Probe(() => 100);
  first.onExpire = () => wheel.stop(second);
  wheel.start(first, 10);
  wheel.start(second, 10);
  wheel.turn(100);
  assert.equal(first.expiredMs, 100);
  assert.equal(second.expiredMs, -1);
  assert.equal(wheel.running, 0);
  wheel.stop(second);
  assert.equal(wheel.running, 0);
});

test("a timer may be started again by its own expiry, and waits for its next time", () => {
  const wheel = new TimerWheel(0);
  const probe = new Probe(() => 0);
  let expiries = 0;
  probe.onExpire = () => {
    probe.expiredMs = -1;
    if (++expiries < 3) wheel.start(probe, expiries * 100);
  };
  wheel.start(probe, 0);
  wheel.turn(50);
  assert.equal(expiries, 1);
  wheel.turn(150);
  wheel.turn(250);
  assert.equal(expiries, 3);
});
