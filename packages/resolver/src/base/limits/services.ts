/** Bounds of what stands behind HTTP: JSON, oblivious DNS, purging. */
import type { Limit } from "@lethe/wire/limits.ts";

export const servicesLimits = {
  jsonValueCharsMax: {
    value: 2048,
    unit: "characters",
    why: "of a parameter's value, encoded; a name whose every octet is escaped twice has 1530",
    beyond: "400",
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
} as const satisfies Record<string, Limit>;
