/** Bounds of what stands behind HTTP: JSON, oblivious DNS, purging. */
import type { Limit } from "@lethe/wire/limits.ts";

export const servicesLimits = {
  queryValueCharsMax: {
    value: 2048,
    unit: "characters",
    why: "of a parameter's value, encoded; a name whose every octet is escaped twice has 1530",
    beyond: "the value is as one that is wrong",
    test: "packages/resolver/src/transports/json.test.ts",
  },
  jsonShownCharsMax: {
    value: 32,
    unit: "characters",
    why: "of a wrong type or flag, as far as an error repeats it; right ones are shorter",
    beyond: "the rest is not shown",
    test: "packages/resolver/src/transports/json.test.ts",
  },
  obliviousKeyPeriodS: {
    value: 86400,
    unit: "seconds",
    why: "RFC 9230 §5: a day; shorter ones divide clients into few, longer ones keep secrets long",
    beyond: "another key is published; this one opens questions for as long again",
    test: "packages/resolver/src/worker/oblivious-keeper.test.ts",
  },
  obliviousConfigAgeS: {
    value: 21600,
    unit: "seconds",
    why: "for which a published key may be kept: well within the time that it opens questions",
    beyond: "clients ask for it again",
    test: "packages/resolver/src/transports/oblivious/target.test.ts",
  },
  relayWaitMs: {
    value: 8000,
    unit: "milliseconds",
    why: "a target that asks others needs a second or two; clients ask elsewhere after five to ten",
    beyond: "504",
    test: "packages/resolver/src/transports/oblivious/relay.test.ts",
  },
  relayIdleMs: {
    value: 60000,
    unit: "milliseconds",
    why: "of a connection to a target; the next question would wait for two round trips",
    beyond: "the connection is closed",
    test: "packages/resolver/src/transports/oblivious/relay.test.ts",
  },
  relayWaitingMax: {
    value: 2000,
    unit: "requests",
    why: "of a worker, that wait for targets: 200 a second if each took as long as it may",
    beyond: "429",
    test: "packages/resolver/src/transports/oblivious/relay.test.ts",
  },
  relayWaitingPerNetworkMax: {
    value: 100,
    unit: "requests",
    why: "of one client network (/24, /56): twenty of them fill the relay, one does not",
    beyond: "429",
    test: "packages/resolver/src/transports/oblivious/relay.test.ts",
  },
  relayTargetsMax: {
    value: 100,
    unit: "targets",
    why: "each has a connection in each worker",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/cli/service-settings.test.ts",
  },
  purgesPerMinuteMax: {
    value: 20,
    unit: "purges",
    why: "of a worker; each looks at everything that the caches hold, some 20 ms for a million names",
    beyond: "429",
    test: "packages/resolver/src/transports/purge.test.ts",
  },
  purgesPerNetworkMax: {
    value: 5,
    unit: "purges",
    why: "in a minute, of one client network (/24, /56): who has changed a few names",
    beyond: "429",
    test: "packages/resolver/src/transports/purge.test.ts",
  },
} as const satisfies Record<string, Limit>;
