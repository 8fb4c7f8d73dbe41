/** Bounds of serve/: what is answered, and how long an answer may be. */
import type { Limit } from "@lethe/wire/limits.ts";

export const serveLimits = {
  answerUdpBytesMax: {
    value: 1232,
    unit: "bytes",
    why: "fits an IPv6 packet of 1280 bytes: no fragments, which can be lost or forged",
    beyond: "the answer is sent empty with TC, and asked for again over TCP",
    test: "packages/resolver/src/serve/resolver.test.ts",
  },
  answerUdpBytesMin: {
    value: 512,
    unit: "bytes",
    why: "RFC 1035 §2.3.4, and RFC 6891 §6.2.3 for smaller sizes that a client names",
    beyond: "without EDNS a longer answer is sent empty with TC",
    test: "packages/resolver/src/serve/resolver.test.ts",
  },
  answerStreamBytesMax: {
    value: 65535,
    unit: "bytes",
    why: "RFC 1035 §4.2.2: the length prefix of a stream is two octets",
    beyond: "the answer is SERVFAIL: no transport could carry it",
    test: "packages/resolver/src/serve/resolver.test.ts",
  },
} as const satisfies Record<string, Limit>;
