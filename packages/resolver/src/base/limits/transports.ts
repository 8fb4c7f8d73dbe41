/** Bounds of transports/: the clients' side. */
import type { Limit } from "@lethe/wire/limits.ts";

export const transportsLimits = {
  batchesPerTurnMax: {
    value: 4,
    unit: "batches",
    why: "about a millisecond of work, so that upstream replies and timers are not starved",
    beyond: "the rest waits for the next turn of the event loop",
    test: "packages/resolver/src/transports/udp.test.ts",
  },
} as const satisfies Record<string, Limit>;
