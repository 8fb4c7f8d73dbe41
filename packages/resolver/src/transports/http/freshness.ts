/** How long a cache of HTTP may keep a DNS answer (RFC 8484 §5.1). */
import { getU16, getU32 } from "@lethe/wire/bytes.ts";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, countAt } from "@lethe/wire/header.ts";

/** Type, class, TTL and length. */
const FIXED_BYTES = 10;
const POINTER = 0xc0;
const NOT_READABLE = -1;

/**
 * The smallest TTL of the answer at `message[at, at + length)`, in seconds; without answers that
 * of the SOA record, or its MINIMUM where that is less (RFC 2308 §5). 0 for what is no answer.
 *
 * PERF: one loop over the records, which allocates nothing.
 */
export function freshnessS(message: Uint8Array, at: number, length: number): number {
  const end = at + length;
  if (length < HEADER_BYTES) return 0;
  const code = message[at + 3]! & 0xf;
  if (code !== rcode.NOERROR && code !== rcode.NXDOMAIN) return 0;
  let cursor = at + HEADER_BYTES;
  for (let i = getU16(message, at + countAt.question); i > 0; i--) {
    cursor = skipName(message, cursor, end) + 4;
    if (cursor < 4) return 0;
  }
  const answers = getU16(message, at + countAt.answer);
  const records = answers > 0 ? answers : getU16(message, at + countAt.authority);
  let smallestS = Infinity;
  for (let i = 0; i < records; i++) {
    const fixedAt = skipName(message, cursor, end);
    if (fixedAt === NOT_READABLE || fixedAt + FIXED_BYTES > end) return 0;
    const dataBytes = getU16(message, fixedAt + 8);
    cursor = fixedAt + FIXED_BYTES + dataBytes;
    if (cursor > end) return 0;
    const isSoa = getU16(message, fixedAt) === rrType.SOA;
    if (answers === 0 && !isSoa) continue;
    const ttlS = getU32(message, fixedAt + 4);
    if (ttlS < smallestS) smallestS = ttlS;
    if (answers > 0 || dataBytes < 4) continue;
    const minimumS = getU32(message, cursor - 4);
    if (minimumS < smallestS) smallestS = minimumS;
  }
  return smallestS === Infinity ? 0 : smallestS;
}

/** Where the name at `at` ends, or `NOT_READABLE`; a pointer ends it. */
function skipName(message: Uint8Array, at: number, end: number): number {
  let cursor = at;
  while (cursor < end) {
    const label = message[cursor]!;
    if (label === 0) return cursor + 1;
    if (label >= POINTER) return cursor + 2;
    cursor += label + 1;
  }
  return NOT_READABLE;
}
