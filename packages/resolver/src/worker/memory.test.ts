/** A worker's memory: the bound is the engine's, and going beyond it costs a collection only. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { limits } from "../base/limits.ts";
import { workerMemory } from "./memory.ts";

test("a worker may allocate more than its young generation holds", async () => {
  const source = `
    const { parentPort, resourceLimits } = require("node:worker_threads");
    const { getHeapSpaceStatistics } = require("node:v8");
    let kept = [];
    for (let i = 0; i < 6e6; i++) {
      kept.push([i, i, i, i]);
      if (kept.length === 1e5) kept = [];
    }
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    const max = resourceLimits.maxYoungGenerationSizeMb;
    parentPort.postMessage({ max, size: young.space_size });
  `;
  const thread = new Worker(source, { eval: true, resourceLimits: workerMemory });
  const [{ max, size }] = (await once(thread, "message")) as [{ max: number; size: number }];
  await thread.terminate();
  assert.equal(max, limits.youngGenerationMib.value);
  assert.ok(size <= limits.youngGenerationMib.value * 2 ** 20, `${size} bytes`);
});
