/** Bounds of worker/: threads and their start and end. */
import type { Limit } from "@lethe/wire/limits.ts";

export const workerLimits = {} as const satisfies Record<string, Limit>;
