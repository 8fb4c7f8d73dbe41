/**
 * Every bound of the wire package in one table.
 *
 * Each row has a value, its unit, the reason for it, what happens beyond it, and the file of
 * the tests that reach it and pass it. No literal bound stands outside this table.
 */

export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly why: string;
  readonly beyond: string;
  readonly test: string;
}

export const wireLimits = {
  nameBytesMax: {
    value: 255,
    unit: "bytes",
    why: "RFC 1035 §2.3.4: a name with its length octets and the root",
    beyond: "the name, and the message that holds it, is malformed",
    test: "packages/wire/src/name.test.ts",
  },
  labelBytesMax: {
    value: 63,
    unit: "bytes",
    why: "RFC 1035 §2.3.4; the upper two bits of a length octet mark a pointer",
    beyond: "the name is malformed",
    test: "packages/wire/src/name.test.ts",
  },
  pointersPerNameMax: {
    value: 126,
    unit: "pointers",
    why: "a name has at most 127 labels; each pointer of an honest message adds one at least",
    beyond: "the message is malformed",
    test: "packages/wire/src/name.test.ts",
  },
  pointersPerMessageMax: {
    value: 4096,
    unit: "pointers",
    why: "a full message of one-address records uses one pointer for each sixteen bytes",
    beyond: "the message is malformed: a compression bomb costs more to read than to send",
    test: "packages/wire/src/message.test.ts",
  },
  expandedBytesMax: {
    value: 262144,
    unit: "bytes",
    why: "four times the longest message: honest compression of RDATA gains less",
    beyond: "the message is malformed: a compression bomb",
    test: "packages/wire/src/message.test.ts",
  },
  ednsOptionsMax: {
    value: 100,
    unit: "options",
    why: "a message has a handful; 16,000 empty ones fit, and each is an object to whoever reads",
    beyond: "the message is malformed",
    test: "packages/wire/src/edns.test.ts",
  },
  compressionNamesMax: {
    value: 120,
    unit: "names",
    why: "names that the writer remembers as pointer targets; Unbound ships the same number",
    beyond: "later names are written in full",
    test: "packages/wire/src/writer.test.ts",
  },
  rdataBytesMax: {
    value: 65535,
    unit: "bytes",
    why: "RFC 1035 §3.2.1: RDLENGTH is two octets",
    beyond: "text that would need more is a text error",
    test: "packages/wire/src/rdata-text.test.ts",
  },
  characterStringBytesMax: {
    value: 255,
    unit: "bytes",
    why: "RFC 1035 §3.3: a character string has one length octet",
    beyond: "text that would need more is a text error",
    test: "packages/wire/src/rdata-text.test.ts",
  },
  ttlMaxS: {
    value: 2147483647,
    unit: "seconds",
    why: "RFC 2181 §8: a TTL has 31 bits",
    beyond: "a text with more is no TTL; on the wire it counts as zero",
    test: "packages/wire/src/ttl-text.test.ts",
  },
  messageBytesMax: {
    value: 65535,
    unit: "bytes",
    why: "RFC 1035 §4.2.2: the length prefix of a stream is two octets",
    beyond: "the writer reports overflow; the answer is truncated or refused",
    test: "packages/wire/src/writer.test.ts",
  },
} as const satisfies Record<string, Limit>;
