/** Bounds of serve/: what is answered, and how long an answer may be. */
import type { Limit } from "@lethe/wire/limits.ts";

export const serveLimits = {
  localAliasesMax: {
    value: 8,
    unit: "aliases",
    why: "aliases of the configuration may go in circles; nobody needs so many",
    beyond: "the client gets the chain so far",
    test: "packages/resolver/src/serve/local-zones.test.ts",
  },
  viewsMax: {
    value: 16,
    unit: "views",
    why: "a house, its guests and a few more; each that resolves for itself has its own caches",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/view-settings.test.ts",
  },
  cookieOldestS: {
    value: 3600,
    unit: "seconds",
    why: "RFC 9018 §4.3: what was seen on a path is of use to nobody for longer",
    beyond: "the cookie is not good, and the answer has a new one",
    test: "packages/resolver/src/serve/client-cookies.test.ts",
  },
  cookieFutureS: {
    value: 300,
    unit: "seconds",
    why: "RFC 9018 §4.3: the clocks of servers at one address differ so much",
    beyond: "the cookie is not good, and the answer has a new one",
    test: "packages/resolver/src/serve/client-cookies.test.ts",
  },
  cookieRenewS: {
    value: 1800,
    unit: "seconds",
    why: "RFC 9018 §4.3: at half of its time, so that who asks on always has a good one",
    beyond: "the answer has a new cookie",
    test: "packages/resolver/src/serve/client-cookies.test.ts",
  },
  answerUdpBytesMax: {
    value: 1232,
    unit: "bytes",
    why: "fits an IPv6 packet of 1280 bytes: no fragments, which can be lost or forged",
    beyond: "the answer is sent empty with TC, and asked for again over TCP",
    test: "packages/resolver/src/serve/finish.test.ts",
  },
  answerUdpBytesMin: {
    value: 512,
    unit: "bytes",
    why: "RFC 1035 §2.3.4, and RFC 6891 §6.2.3 for smaller sizes that a client names",
    beyond: "without EDNS a longer answer is sent empty with TC",
    test: "packages/resolver/src/serve/finish.test.ts",
  },
  answerStreamBytesMax: {
    value: 65535,
    unit: "bytes",
    why: "RFC 1035 §4.2.2: the length prefix of a stream is two octets",
    beyond: "the answer is SERVFAIL: no transport could carry it",
    test: "packages/resolver/src/serve/finish.test.ts",
  },
  answerErrorsMax: {
    value: 4,
    unit: "errors",
    why: "Extended DNS Errors that one answer may carry; more tell nobody more",
    beyond: "the others are left out",
    test: "packages/resolver/src/recursor/compose.test.ts",
  },
  errorTextBytesMax: {
    value: 200,
    unit: "bytes",
    why: "a failure with its text and a name of any length fits into 512 bytes",
    beyond: "the text of an Extended DNS Error is cut off",
    test: "packages/resolver/src/base/extended-errors.test.ts",
  },
  clientWaitMs: {
    value: 10_000,
    unit: "milliseconds",
    why: "BIND's resolver-query-timeout; stub resolvers ask again after five seconds at most",
    beyond: "the client gets SERVFAIL; what it asked for is resolved for the caches",
    test: "packages/resolver/src/serve/slow.test.ts",
  },
  clientsWaitingMax: {
    value: 20_000,
    unit: "questions",
    why: "about 20 MB in a worker; with 100 ms a question it is 200,000 questions a second",
    beyond: "further questions that are not in the cache get SERVFAIL at once",
    test: "packages/resolver/src/serve/slow.test.ts",
  },
  waitingPerNetworkMax: {
    value: 2000,
    unit: "questions",
    why:
      "over UDP, of one client network (/24, /56), whose address may be forged: DNSBomb has the " +
      "answers of many wait and burst at once; Unbound lets 1,000 of an address wait",
    beyond: "further questions of that network that are not in the cache get SERVFAIL at once",
    test: "packages/resolver/test/attacks/dnsbomb.test.ts",
  },
  refreshesRunningMax: {
    value: 200,
    unit: "questions",
    why: "at 50 ms each it is 4,000 popular names a second; clients' own questions go first",
    beyond: "an answer is not asked for ahead, but when it has expired",
    test: "packages/resolver/src/serve/refresh.test.ts",
  },
  sweptPerQuestion: {
    value: 4,
    unit: "entries",
    why: "each question of the slow lane adds at most a few entries: sweeping keeps up with it",
    beyond: "the next question sweeps on",
    test: "packages/resolver/src/serve/resolver.test.ts",
  },
} as const satisfies Record<string, Limit>;
