/** Bounds of serve/: what is answered, and how long an answer may be. */
import type { Limit } from "@lethe/wire/limits.ts";

export const serveLimits = {} as const satisfies Record<string, Limit>;
