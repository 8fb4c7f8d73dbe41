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
    test: "packages/resolver/test/worker-death.test.ts",
  },
  workerRestartMaxMs: {
    value: 5000,
    unit: "milliseconds",
    why: "a worker that dies again and again has a lasting cause; the others serve meanwhile",
    beyond: "the wait grows no longer",
    test: "packages/resolver/src/worker/restart.test.ts",
  },
  workerStableMs: {
    value: 10_000,
    unit: "milliseconds",
    why: "a worker that served for so long did not die of its start",
    beyond: "its successor is started without the longer wait",
    test: "packages/resolver/src/worker/restart.test.ts",
  },
  drainLookMs: {
    value: 5,
    unit: "milliseconds",
    why: "a server that ends looks so often whether somebody still waits",
    beyond: "it ends that much later",
    test: "packages/resolver/test/serve.test.ts",
  },
  idleSweepMs: {
    value: 250,
    unit: "milliseconds",
    why: "names that expired are overwritten soon, also where nobody asks",
    beyond: "the next part of the caches is looked at",
    test: "packages/resolver/src/worker/idle-sweep.test.ts",
  },
  sweptPerIdleTurn: {
    value: 2048,
    unit: "entries",
    why: "half a million entries in a minute, at less than a thousandth of a core",
    beyond: "the rest waits for the next time",
    test: "packages/resolver/src/worker/idle-sweep.test.ts",
  },
  portTriesMax: {
    value: 16,
    unit: "tries",
    why: "a port that the kernel chose for UDP may be taken for TCP",
    beyond: "the address counts as taken",
    test: "packages/resolver/test/serve.test.ts",
  },
  anchorTickMs: {
    value: 10_000,
    unit: "milliseconds",
    why: "looks at trust anchors are hours apart; those that are due may wait so long",
    beyond: "whether a look is due is looked at again",
    test: "packages/resolver/src/worker/anchor-watch.test.ts",
  },
  anchorLookWaitMs: {
    value: 60_000,
    unit: "milliseconds",
    why: "a worker may die while it looks",
    beyond: "another worker is asked to look",
    test: "packages/resolver/src/worker/anchor-watch.test.ts",
  },
  anchorStateBytesMax: {
    value: 1_048_576,
    unit: "bytes",
    why: "sixteen keys of 4096 bits take ten thousand bytes a zone",
    beyond: "the state counts as damaged",
    test: "packages/resolver/src/worker/anchor-file.test.ts",
  },
} as const satisfies Record<string, Limit>;
