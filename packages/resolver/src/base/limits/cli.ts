/** Bounds of cli/: what a configuration may say, and how patient `lethe query` is. */
import type { Limit } from "@lethe/wire/limits.ts";

export const cliLimits = {
  settingTextBytesMax: {
    value: 255,
    unit: "bytes",
    why: "RFC 1035 §3.3: texts of the settings become character strings of TXT records and NSID",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  listenersMax: {
    value: 64,
    unit: "addresses",
    why: "each has two sockets in each worker; more are a wildcard address's work",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  outgoingAddressesMax: {
    value: 64,
    unit: "addresses",
    why: "source addresses add to the randomness of ports; a few dozen are what operators have",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  workersMax: {
    value: 256,
    unit: "threads",
    why: "more cores than one machine of today gives to one process",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  cacheBytesMin: {
    value: 4194304,
    unit: "bytes",
    why: "below, a busy minute's answers push each other out",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  cacheBytesMax: {
    value: 68719476736,
    unit: "bytes",
    why: "more than the names that are asked anywhere within a day",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  ttlFloorMaxS: {
    value: 3600,
    unit: "s",
    why: "a floor breaks the promise of a TTL; beyond an hour it breaks services",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  ttlCeilingMaxS: {
    value: 604800,
    unit: "s",
    why: "RFC 8767 §4 suggests a week as the longest; 1 day is the default",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/configuration.test.ts",
  },
  queryTriesMax: {
    value: 3,
    unit: "questions",
    why: "over UDP a packet may be lost; three lost in a row mean something else",
    beyond: "`lethe query` says that there was no reply",
    test: "packages/resolver/src/cli/dns-client.test.ts",
  },
  queryTimeoutS: {
    value: 3,
    unit: "s",
    why: "for one try unless +time says otherwise: longer than most answers take from the root",
    beyond: "the next try, or no reply",
    test: "packages/resolver/src/cli/query-arguments.test.ts",
  },
  queryTimeoutMaxS: {
    value: 60,
    unit: "s",
    why: "no resolver works on a question for longer",
    beyond: "the argument is refused",
    test: "packages/resolver/src/cli/query-arguments.test.ts",
  },
} as const satisfies Record<string, Limit>;
