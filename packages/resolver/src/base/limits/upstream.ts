/** Bounds of upstream/: sockets towards authorities. */
import type { Limit } from "@lethe/wire/limits.ts";

export const upstreamLimits = {
  udpSocketsMax: {
    value: 4096,
    unit: "sockets",
    why: "one a question; well below the open files that a worker may have",
    beyond: "sockets that only wait for late replies are closed; then asks wait in the queue",
    test: "packages/resolver/src/upstream/udp-asks.test.ts",
  },
  udpQueueMax: {
    value: 4096,
    unit: "asks",
    why: "as many again as are under way: what waits longer than its time-out is of no use",
    beyond: "the ask ends as busy, and nothing is sent",
    test: "packages/resolver/src/upstream/udp-asks.test.ts",
  },
  udpLingerMs: {
    value: 2000,
    unit: "milliseconds",
    why: "a reply that misses its time-out is most often late, not lost; the retry takes it",
    beyond: "the socket is closed; what comes later is refused by the kernel",
    test: "packages/resolver/src/upstream/udp-asks.test.ts",
  },
  nearMissesMax: {
    value: 3,
    unit: "datagrams",
    why:
      "from the right server to the right port and yet wrong: PowerDNS allows 1; one stray " +
      "duplicate is no attack",
    beyond: "the ask ends as a mismatch, so that the question goes over TCP",
    test: "packages/resolver/src/upstream/udp-asks.test.ts",
  },
  bindTriesMax: {
    value: 32,
    unit: "ports",
    why: "with half of all ports taken, one ask in four thousand million finds none",
    beyond: "the ask waits as if no socket were left",
    test: "packages/resolver/src/upstream/udp-kernel.test.ts",
  },
  repliesPerTurnMax: {
    value: 256,
    unit: "datagrams",
    why: "some milliseconds of work: clients' datagrams and timers get their turn",
    beyond: "the rest is read in the next turn of the event loop",
    test: "packages/resolver/src/upstream/udp-kernel.test.ts",
  },
  callbacksPerTurnMax: {
    value: 1000,
    unit: "callbacks",
    why: "tasks that start tasks at once must not keep the sockets waiting",
    beyond: "the rest is called in the next turn of the event loop",
    test: "packages/resolver/src/upstream/timers.test.ts",
  },
  tcpConnectionsMax: {
    value: 256,
    unit: "connections",
    why: "truncated replies and suspected spoofing only; buffers of 64 kB each",
    beyond: "idle connections are closed; where none is, the ask ends as busy",
    test: "packages/resolver/src/upstream/tcp-asks.test.ts",
  },
  tcpAsksPerConnectionMax: {
    value: 32,
    unit: "asks",
    why: "a stuck stream holds up no more than these",
    beyond: "another connection to the server is opened",
    test: "packages/resolver/src/upstream/tcp-asks.test.ts",
  },
  tcpIdleMs: {
    value: 5000,
    unit: "milliseconds",
    why: "RFC 7766 §6.2.3: a few seconds; authorities close sooner than they say",
    beyond: "the connection is closed",
    test: "packages/resolver/src/upstream/tcp-asks.test.ts",
  },
  signatureChecksPerTurnMax: {
    value: 4,
    unit: "signatures",
    why: "half a millisecond of ECDSA: clients' datagrams get their turn between them",
    beyond: "the rest is checked in the next turn of the event loop",
    test: "packages/resolver/src/upstream/verify.test.ts",
  },
  suspectChecksWaitingMax: {
    value: 256,
    unit: "signatures",
    why: "KeyTrap: a third of a second of ECDSA P-384, after which an asker would not wait",
    beyond: "the check is not made; the question fails, and the failure is not kept",
    test: "packages/resolver/src/upstream/verify.test.ts",
  },
} as const satisfies Record<string, Limit>;
