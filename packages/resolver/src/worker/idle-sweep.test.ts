/** Expired names are overwritten without a question. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../base/limits.ts";
import { sweepWhileIdle } from "./idle-sweep.ts";

test("every idleSweepMs, sweptPerIdleTurn entries are looked at", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const looked: number[] = [];
  const timer = sweepWhileIdle({ sweep: (entriesMax) => looked.push(entriesMax) });
  t.mock.timers.tick(limits.idleSweepMs.value - 1);
  assert.deepEqual(looked, []);
  t.mock.timers.tick(1 + limits.idleSweepMs.value);
  assert.deepEqual(looked, [limits.sweptPerIdleTurn.value, limits.sweptPerIdleTurn.value]);
  clearInterval(timer);
});
