/** Time in the event loop: what is called when, in which order, and what is not called at all. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
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

test("what came in time is read before a time-out counts, though the loop itself is late", async (t) => {
  const timers = new Timers();
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.connect(socket.address().port, "127.0.0.1");
  await once(socket, "connect");
  const seen: string[] = [];
  socket.on("message", () => seen.push("reply"));
  await turn(); // behind immediates, the loop comes to its timers first
  await new Promise<void>((resolve) => {
    timers.after(5, () => {
      seen.push("time-out");
      resolve();
    });
    socket.send("x");
    // The loop is kept from reading until the time is over; the reply has lain there all along.
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs);
  });
  assert.deepEqual(seen, ["reply", "time-out"]);
  timers.close();
});
