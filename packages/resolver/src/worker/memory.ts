/**
 * How much memory the engine may use in a worker for what lives shortly.
 *
 * PERF: what a question needs lives until its reply is there, some milliseconds; a young generation
 * of the usual size (48 MiB) is full before, so that all of it is moved, and most of it twice. The
 * caches have memory of their own, and what they answer allocates nothing.
 */
import type { ResourceLimits } from "node:worker_threads";
import { limits } from "../base/limits.ts";

export const workerMemory: ResourceLimits = {
  maxYoungGenerationSizeMb: limits.youngGenerationMib.value,
};
