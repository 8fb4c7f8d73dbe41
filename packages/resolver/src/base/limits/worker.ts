/** Bounds of worker/: threads and their start and end. */
import type { Limit } from "@lethe/wire/limits.ts";

export const workerLimits = {
  youngGenerationMib: {
    value: 192,
    unit: "MiB",
    why:
      "a collection moves all that is under way, however seldom it comes: three times the " +
      "engine's own size makes a question that must be asked for cheaper by a sixth",
    beyond: "the engine collects; it takes the memory only where so much is under way",
    test: "packages/resolver/src/worker/memory.test.ts",
  },
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
  adminRequestBytesMax: {
    value: 2048,
    unit: "bytes",
    why: "a name in presentation form has at most 1004 characters",
    beyond: "the operator is told that the order is too long",
    test: "packages/resolver/src/worker/admin-socket.test.ts",
  },
  adminConnectionsMax: {
    value: 8,
    unit: "connections",
    why: "operators are few; each connection brings one order",
    beyond: "the connection is closed",
    test: "packages/resolver/src/worker/admin-socket.test.ts",
  },
  adminIdleMs: {
    value: 10_000,
    unit: "milliseconds",
    why: "orders are sent at once, and carried out in less than adminOrderWaitMs",
    beyond: "the connection is closed",
    test: "packages/resolver/src/worker/admin-socket.test.ts",
  },
  adminOrderWaitMs: {
    value: 2000,
    unit: "milliseconds",
    why: "a dump looks at every entry of a worker's caches: 20 ms for a million",
    beyond: "the operator gets what the other workers said",
    test: "packages/resolver/test/serve-control.test.ts",
  },
  rootRefreshMinS: {
    value: 60,
    unit: "seconds",
    why: "the root says 1800, and 900 for retries; a mistaken SOA must not make us a nuisance",
    beyond: "the copy of the root is not asked for sooner",
    test: "packages/resolver/src/worker/root-keeper.test.ts",
  },
  rootRefreshMaxS: {
    value: 86400,
    unit: "seconds",
    why: "the root changes each day",
    beyond: "the copy of the root is asked for at least so often",
    test: "packages/resolver/src/worker/root-keeper.test.ts",
  },
  rootRetryS: {
    value: 300,
    unit: "seconds",
    why: "before any copy has said how often; the root's servers are asked meanwhile",
    beyond: "the sources are tried again",
    test: "packages/resolver/src/worker/root-keeper.test.ts",
  },
  portTriesMax: {
    value: 16,
    unit: "tries",
    why: "a port that the kernel chose for UDP may be taken for TCP",
    beyond: "the address counts as taken",
    test: "packages/resolver/test/serve.test.ts",
  },
} as const satisfies Record<string, Limit>;
