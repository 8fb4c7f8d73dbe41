/** Bounds of certificates that an authority gives (RFC 8555). */
import type { Limit } from "@lethe/wire/limits.ts";

export const acmeLimits = {
  acmeResponseBytesMax: {
    value: 262144,
    unit: "bytes",
    why: "of one response: a chain is a few kilobytes",
    beyond: "the request has failed",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeRequestMs: {
    value: 30000,
    unit: "milliseconds",
    why: "one request, from the first octet to the last",
    beyond: "the request has failed",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeNonceTriesMax: {
    value: 4,
    unit: "tries",
    why: "RFC 8555 §6.5: a nonce may be refused and a fresh one comes with that; pebble refuses one in twenty",
    beyond: "the request has failed",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmePollsMax: {
    value: 60,
    unit: "requests",
    why: "until a name is verified or a certificate is made: seconds as a rule",
    beyond: "the order has failed",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeRetryAfterMaxS: {
    value: 21600,
    unit: "seconds",
    why: "RFC 9773 §4.3.2: an authority may ask for six hours; what says more is not heeded",
    beyond: "asked again after that",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeRetryFirstMs: {
    value: 300000,
    unit: "milliseconds",
    why: "five minutes: a record or a firewall that was forgotten is put right in that",
    beyond: "not applicable: a pace",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeRetryMaxMs: {
    value: 43200000,
    unit: "milliseconds",
    why: "twice a day: authorities count failures by the hour",
    beyond: "not applicable: a pace",
    test: "packages/resolver/test/acme.test.ts",
  },
  acmeLookMs: {
    value: 21600000,
    unit: "milliseconds",
    why: "RFC 9773 §4.3: an authority's suggestion is looked at four times a day",
    beyond: "not applicable: a pace",
    test: "packages/resolver/test/acme.test.ts",
  },
} as const satisfies Record<string, Limit>;
