/** Virtual time: order, cancellation, and that the clock jumps. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualTime } from "./virtual-time.ts";

test("events happen in the order of their times, and of their making where these are equal", () => {
  const delays = fc.array(fc.nat(20), { maxLength: 60 });
  fc.assert(
    fc.property(delays, (ms) => {
      const time = new VirtualTime();
      const happened: [number, number][] = [];
      for (const [i, delay] of ms.entries()) time.after(delay, () => happened.push([delay, i]));
      while (time.step());
      const sorted = ms.map((delay, i): [number, number] => [delay, i]);
      sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.deepEqual(happened, sorted);
    }),
  );
});

test("what is cancelled does not happen and does not count", () => {
  const time = new VirtualTime();
  const happened: string[] = [];
  const cancel = time.after(1, () => happened.push("a"));
  time.after(2, () => happened.push("b"));
  cancel();
  cancel();
  assert.equal(time.waiting, 1);
  assert.equal(time.nextMs, 2);
  time.runUntil(10);
  assert.deepEqual(happened, ["b"]);
  assert.equal(time.waiting, 0);
  assert.equal(time.nowMs, 10);
});

test("a cancellation that comes too late changes nothing", () => {
  const time = new VirtualTime();
  const cancel = time.after(1, () => {});
  time.after(2, () => {});
  time.step();
  cancel();
  assert.equal(time.waiting, 1);
});

test("runUntil stops the clock where it is told, also between two events", () => {
  const time = new VirtualTime();
  let happened = 0;
  time.after(5, () => happened++);
  time.after(15, () => happened++);
  time.runUntil(10);
  assert.equal(happened, 1);
  assert.equal(time.nowMs, 10);
});
