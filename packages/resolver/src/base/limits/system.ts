/** Bounds of system/: buffers shared with the kernel. */
import type { Limit } from "@lethe/wire/limits.ts";

export const systemLimits = {} as const satisfies Record<string, Limit>;
