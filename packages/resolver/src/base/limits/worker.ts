/** Bounds of worker/: threads and their start and end. */
import type { Limit } from "@lethe/wire/limits.ts";

export const workerLimits = {
  drainMs: {
    value: 1000,
    unit: "milliseconds",
    why: "what is under way when the server is told to end may still be answered",
    beyond: "the question is dropped; its client asks again",
    test: "packages/resolver/test/serve.test.ts",
  },
  workerRestartMs: {
    value: 50,
    unit: "milliseconds",
    why: "a worker that dies at once must not keep a core busy; the sockets' buffers wait longer",
    beyond: "the next worker is started",
    test: "packages/resolver/test/serve.test.ts",
  },
  portTriesMax: {
    value: 16,
    unit: "tries",
    why: "a port that the kernel chose for UDP may be taken for TCP",
    beyond: "the address counts as taken",
    test: "packages/resolver/test/serve.test.ts",
  },
} as const satisfies Record<string, Limit>;
