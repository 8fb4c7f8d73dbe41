/** Bounds of transports/: the clients' side. */
import type { Limit } from "@lethe/wire/limits.ts";

export const transportsLimits = {} as const satisfies Record<string, Limit>;
