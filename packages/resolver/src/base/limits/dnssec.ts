/** Bounds of dnssec/: the work of a proof. */
import type { Limit } from "@lethe/wire/limits.ts";

export const dnssecLimits = {} as const satisfies Record<string, Limit>;
