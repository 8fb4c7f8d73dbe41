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
  proxyHeaderBytesMax: {
    value: 1024,
    unit: "bytes",
    why: "two IPv6 addresses take 52; the rest is what proxies add about TLS and the like",
    beyond: "the datagram is dropped, the stream closed",
    test: "packages/resolver/src/transports/proxy-header.test.ts",
  },
  streamIdleMs: {
    value: 10000,
    unit: "milliseconds",
    why: "RFC 7766 §6.2.3: a few seconds; clients are told by keepalive (RFC 7828)",
    beyond: "the stream is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  streamIdleCrowdedMs: {
    value: 2000,
    unit: "milliseconds",
    why: "RFC 7766 §6.2.3: shorter when there are many; from half of streamsPerListenerMax on",
    beyond: "the stream is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  streamsPerListenerMax: {
    value: 4096,
    unit: "streams",
    why: "some 10 kB each while idle; more are an attack or want more workers",
    beyond: "new streams are closed at once",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  streamsPerNetworkMax: {
    value: 512,
    unit: "streams",
    why: "of one client network (/24, /56): eight such networks fill a listener, one does not",
    beyond: "new streams of that network are closed at once",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  questionsPerStreamMax: {
    value: 100,
    unit: "questions",
    why: "that wait for an answer at once; stubs pipeline a few dozen",
    beyond: "the stream is not read from until one is answered",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  questionsPerStreamTurnMax: {
    value: 256,
    unit: "questions",
    why: "about a millisecond of work, as a turn of datagrams",
    beyond: "the rest waits for the next turn of the event loop",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  unsentBytesPerStreamMax: {
    value: 1048576,
    unit: "bytes",
    why: "what was asked before the client ceased to read, and its answers come one by one",
    beyond: "the stream is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
  streamBytesHeldMax: {
    value: 67108864,
    unit: "bytes",
    why: "messages that are not whole and answers not read, of all streams of a listener",
    beyond: "the stream that needs more is closed",
    test: "packages/resolver/src/transports/tcp.test.ts",
  },
} as const satisfies Record<string, Limit>;
