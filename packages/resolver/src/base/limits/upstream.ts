/** Bounds of upstream/: sockets towards authorities. */
import type { Limit } from "@lethe/wire/limits.ts";

export const upstreamLimits = {} as const satisfies Record<string, Limit>;
