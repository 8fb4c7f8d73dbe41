/** Time in the event loop: what is called when, in which order, and what is not called at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../base/limits.ts";
import { Timers } from "./timers.ts";

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("what is to happen at once happens after the call, in order, and in one turn", async () => {
  const timers = new Timers();
  const seen: string[] = [];
  timers.after(0, () => {
    seen.push("first");
    timers.after(0, () => seen.push("added"));
  });
  timers.after(0, () => seen.push("second"));
  const cancel = timers.after(0, () => seen.push("taken back"));
  cancel();
  seen.push("returned");
  await turn();
  assert.deepEqual(seen, ["returned", "first", "second", "added"]);
  timers.close();
});

test("a turn calls so many callbacks and leaves the rest to the next", async () => {
  const max = limits.callbacksPerTurnMax.value;
  const timers = new Timers();
  let called = 0;
  for (let i = 0; i < max; i++) timers.after(0, () => called++);
  await turn();
  assert.equal(called, max);
  const again = (): void => {
    called++;
    timers.after(0, again);
  };
  called = 0;
  timers.after(0, again);
  await turn();
  assert.equal(called, max, "a callback that adds another does not keep the loop");
  timers.close();
});

test("timers come in the order of their times, none early, cancelled ones never", async () => {
  const timers = new Timers();
  const seen: number[] = [];
  const startedMs = timers.nowMs();
  await new Promise<void>((resolve) => {
    for (const ms of [30, 10, 20]) {
      timers.after(ms, () => {
        assert.ok(timers.nowMs() - startedMs >= ms);
        seen.push(ms);
        if (ms === 30) resolve();
      });
    }
    timers.after(15, () => seen.push(15))();
  });
  assert.deepEqual(seen, [10, 20, 30]);
  timers.close();
});

test("nothing is called after the close", async () => {
  const timers = new Timers();
  timers.after(0, () => assert.fail("at once"));
  timers.after(1, () => assert.fail("later"));
  timers.close();
  timers.after(0, () => assert.fail("at once, after the close"));
  timers.after(1, () => assert.fail("later, after the close"));
  await new Promise((resolve) => setTimeout(resolve, 10));
});
