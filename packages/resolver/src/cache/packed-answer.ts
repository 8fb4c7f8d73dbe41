/**
 * The packed answer: a message without its question, ready to be copied behind anybody's.
 *
 *      0  u32  smallest TTL in seconds when it was packed
 *      4  u16  flags: QR, RA, AD where secure, and the lower four bits of the RCODE
 *      6  u8   upper eight bits of the RCODE, for the OPT record
 *      7  u8   rotation: records in the set that may be rotated; below 2: none
 *      8  u16  answer count          10  u16  authority count       12  u16  additional count
 *     14  u16  rotation: where the set begins in the body
 *     16  u16  rotation: bytes of each of its records, all alike
 *     18  u16  number of TTL places
 *     20  u16  body size             22  u16  size of the EDE options
 *     24  u16… where the TTLs stand in the body
 *         …    the body: answer, authority and additional section
 *         …    EDE options in wire form (RFC 8914 §2)
 *
 * Compression pointers in the body are offsets in the message that it was packed for. The question
 * has the same size for everybody who asks it, so they hold for all of them; letter case is theirs.
 */
import { getU16, getU32, setU16, setU32 } from "@lethe/wire/bytes.ts";
import { type EdnsOption, extendedErrorOption } from "@lethe/wire/edns.ts";
import type { ExtendedError } from "./failed.ts";

const TTL_PLACES_AT = 24;

/** A set whose records may change places: all are `bytes` long, the first begins at `at`. */
export interface Rotation {
  readonly at: number;
  readonly records: number;
  readonly bytes: number;
}

/** What a packed answer is made of. */
export interface AnswerParts {
  readonly ttlS: number;
  readonly flags: number;
  /** The whole RCODE, twelve bits. */
  readonly rcode: number;
  readonly counts: readonly [answer: number, authority: number, additional: number];
  readonly body: Uint8Array;
  /** Offsets in the body. */
  readonly ttlPlaces: readonly number[];
  readonly rotation: Rotation;
  readonly errors: readonly ExtendedError[];
}

/** No set of the answer may be rotated. */
export const noRotation: Rotation = { at: 0, records: 0, bytes: 0 };

/** Packs an answer. */
export function packAnswer(parts: AnswerParts): Uint8Array {
  const options = parts.errors.map(({ code, text }) => extendedErrorOption(code, text));
  const optionBytes = options.reduce((sum, option) => sum + 4 + option.data.length, 0);
  const { body, ttlPlaces, rotation, counts } = parts;
  const bodyAt = TTL_PLACES_AT + 2 * ttlPlaces.length;
  const packed = new Uint8Array(bodyAt + body.length + optionBytes);
  setU32(packed, 0, parts.ttlS);
  setU16(packed, 4, parts.flags | (parts.rcode & 0xf));
  packed[6] = parts.rcode >>> 4;
  packed[7] = rotation.records;
  for (const [i, count] of counts.entries()) setU16(packed, 8 + 2 * i, count);
  setU16(packed, 14, rotation.at);
  setU16(packed, 16, rotation.bytes);
  setU16(packed, 18, ttlPlaces.length);
  setU16(packed, 20, body.length);
  setU16(packed, 22, optionBytes);
  for (const [i, place] of ttlPlaces.entries()) setU16(packed, TTL_PLACES_AT + 2 * i, place);
  packed.set(body, bodyAt);
  writeOptions(packed, bodyAt + body.length, options);
  return packed;
}

function writeOptions(into: Uint8Array, at: number, options: readonly EdnsOption[]): void {
  let cursor = at;
  for (const { code, data } of options) {
    setU16(into, cursor, code);
    setU16(into, cursor + 2, data.length);
    into.set(data, cursor + 4);
    cursor += 4 + data.length;
  }
}

/** Fields of the packed answer that begins at `at`. PERF: plain loads; nothing is allocated. */
export const packedAnswer = {
  ttlS: (bytes: Uint8Array, at: number): number => getU32(bytes, at),
  flags: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 4),
  extendedRcode: (bytes: Uint8Array, at: number): number => bytes[at + 6]!,
  rotationRecords: (bytes: Uint8Array, at: number): number => bytes[at + 7]!,
  answerCount: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 8),
  authorityCount: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 10),
  additionalCount: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 12),
  rotationAt: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 14),
  rotationBytes: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 16),
  ttlPlaces: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 18),
  bodyBytes: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 20),
  optionBytes: (bytes: Uint8Array, at: number): number => getU16(bytes, at + 22),
  /** Where the offset of TTL number `i` stands. */
  ttlPlaceAt: (at: number, i: number): number => at + TTL_PLACES_AT + 2 * i,
  bodyAt: (bytes: Uint8Array, at: number): number =>
    at + TTL_PLACES_AT + 2 * getU16(bytes, at + 18),
} as const;
