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
  streamIdleMs: {
    value: 10000,
    unit: "milliseconds",
    why: "RFC 7766 §6.2.3: a few seconds; clients are told by keepalive (RFC 7828)",
    beyond: "the stream is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  streamsPerListenerMax: {
    value: 1000,
    unit: "streams",
    why: "about 40 kB each; more are an attack or want more workers",
    beyond: "new streams are closed at once",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  questionsPerStreamMax: {
    value: 100,
    unit: "questions",
    why: "that wait for an answer at once; stubs pipeline a few dozen",
    beyond: "the stream is not read from until one is answered",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  unsentBytesPerStreamMax: {
    value: 262144,
    unit: "bytes",
    why: "four of the longest answers; a client that does not read is no client",
    beyond: "the stream is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
} as const satisfies Record<string, Limit>;
