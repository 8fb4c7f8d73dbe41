/** Bounds of cache/: the memory of the caches. */
import type { Limit } from "@lethe/wire/limits.ts";

export const cacheLimits = {} as const satisfies Record<string, Limit>;
