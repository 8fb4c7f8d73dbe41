/** The back-off of workers that die again and again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../base/limits.ts";
import { RestartDelay } from "./restart.ts";

const FIRST_MS = limits.workerRestartMs.value;
const LAST_MS = limits.workerRestartMaxMs.value;
const STABLE_MS = limits.workerStableMs.value;

test("a worker that dies young is waited for twice as long each time, to workerRestartMaxMs", () => {
  const delay = new RestartDelay();
  const delays = Array.from({ length: 12 }, () => delay.afterDeath(0));
  assert.deepEqual(delays.slice(0, 3), [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]);
  assert.equal(delays.at(-1), LAST_MS);
  assert.ok(delays.every((ms) => ms <= LAST_MS));
});

test("one that has lived for workerStableMs is replaced without delay again", () => {
  const delay = new RestartDelay();
  for (let i = 0; i < 12; i++) delay.afterDeath(STABLE_MS - 1);
  assert.equal(delay.afterDeath(STABLE_MS - 1), LAST_MS);
  assert.equal(delay.afterDeath(STABLE_MS), FIRST_MS);
});
