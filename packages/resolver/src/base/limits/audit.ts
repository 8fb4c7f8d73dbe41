/** Bounds of audit/ and of what it writes. */
import type { Limit } from "@lethe/wire/limits.ts";

export const auditLimits = {
  jsonDepthMax: {
    value: 32,
    unit: "levels",
    why: "nothing that we write is deeper than five; a text of brackets must not fill the stack",
    beyond: "the text is no canonical JSON",
    test: "packages/resolver/src/base/canonical-json.test.ts",
  },
  ledgerBytesMax: {
    value: 1_073_741_824,
    unit: "bytes",
    why: "a heartbeat an hour for two hundred years; all of it is read and hashed at the start",
    beyond: "the ledger takes no further entry, and says so",
    test: "packages/resolver/src/audit/ledger/store.test.ts",
  },
  ledgerSettingBytesMax: {
    value: 512,
    unit: "bytes",
    why: "an entry has room for 65,535 bytes in all: sixty settings, and most are a word",
    beyond: "the entry has the digest of the setting's value in its place",
    test: "packages/resolver/src/audit/ledger/configuration.test.ts",
  },
  ledgerHeartbeatS: {
    value: 3600,
    unit: "s",
    why: "whoever follows the ledger learns within the hour that a server was stopped or cut off",
    beyond: "a heartbeat is appended",
    test: "packages/resolver/src/audit/ledger/watch.test.ts",
  },
  ledgerGapMaxS: {
    value: 3900,
    unit: "s",
    why: "a heartbeat that is late by five minutes: a disk that was full for a moment",
    beyond: "an examination names the gap as a deviation",
    test: "packages/resolver/src/audit/ledger/examine.test.ts",
  },
  ledgerTickS: {
    value: 60,
    unit: "s",
    why: "what could not be written is tried again, and nobody waits for it",
    beyond: "the ledger looks whether something is due",
    test: "packages/resolver/src/audit/ledger/watch.test.ts",
  },
  ledgerFeedEntriesMax: {
    value: 100,
    unit: "entries",
    why: "a feed is for what changed lately; the whole ledger is served beside it",
    beyond: "older changes are left out of the feed",
    test: "packages/resolver/src/audit/ledger/feed.test.ts",
  },
  ledgerBodyBytesMax: {
    value: 1_048_576,
    unit: "bytes",
    why: "a legal order or the evidence of a deviation as text; more belongs into a file of its own",
    beyond: "the body is not taken",
    test: "packages/resolver/src/audit/ledger/bodies.test.ts",
  },
} as const satisfies Record<string, Limit>;
