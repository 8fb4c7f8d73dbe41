/**
 * Which packed answers a chain of aliases leads through a name: those hold what is known of it too.
 *
 * Every name of a chain but the question's own is the target of a CNAME record in the answer; also
 * DNAME has such records made. So it is enough to look at these.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { FOLD } from "@lethe/wire/name.ts";
import { packedAnswer } from "./packed-answer.ts";

const POINTER = 0xc0;
/** Type, class, TTL and length. */
const FIXED_BYTES = 10;
/** Names have 127 labels at most, and each may be behind a pointer. */
const STEPS_MAX = 256;
const NOWHERE = -1;

/**
 * Says whether the packed answer at `bytes[at]`, to a question of the name at `bytes[nameAt]`, has
 * an alias of `target` among its records. Nothing at or behind `end` is looked at.
 *
 * PERF: allocates nothing. What somebody is writing at the time is read as whatever it is.
 */
export function leadsThrough(
  bytes: Uint8Array,
  nameAt: number,
  nameBytes: number,
  at: number,
  end: number,
  target: Uint8Array,
): boolean {
  const bodyAt = packedAnswer.bodyAt(bytes, at);
  const bodyEnd = Math.min(bodyAt + packedAnswer.bodyBytes(bytes, at), end);
  let cursor = bodyAt;
  for (let left = packedAnswer.answerCount(bytes, at); left > 0; left--) {
    const fixedAt = nameEnd(bytes, cursor, bodyEnd);
    if (fixedAt === NOWHERE || fixedAt + FIXED_BYTES > bodyEnd) return false;
    cursor = fixedAt + FIXED_BYTES + getU16(bytes, fixedAt + 8);
    if (getU16(bytes, fixedAt) !== rrType.CNAME) continue;
    if (isName(bytes, fixedAt + FIXED_BYTES, bodyEnd, nameAt, nameBytes, bodyAt, target)) {
      return true;
    }
  }
  return false;
}

/** Where the name at `at` ends; a pointer ends it. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  let cursor = at;
  while (cursor < end) {
    const octet = bytes[cursor]!;
    if (octet === 0) return cursor + 1;
    if (octet >= POINTER) return cursor + 2;
    cursor += 1 + octet;
  }
  return NOWHERE;
}

/** Says whether the name at `start`, its pointers followed, is the target. */
function isName(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameAt: number,
  nameBytes: number,
  bodyAt: number,
  target: Uint8Array,
): boolean {
  let cursor = start;
  let compared = 0;
  for (let steps = 0; steps < STEPS_MAX && cursor < end; steps++) {
    const octet = bytes[cursor]!;
    if (octet >= POINTER) {
      // Offsets count from the header, which stands nowhere, then the question, then the body.
      const offset = (getU16(bytes, cursor) & 0x3fff) - HEADER_BYTES;
      cursor = offset < nameBytes ? nameAt + offset : bodyAt + offset - nameBytes - 4;
      continue;
    }
    if (target[compared] !== octet) return false;
    if (octet === 0) return compared + 1 === target.length;
    for (let i = 1; i <= octet; i++) {
      if (FOLD[bytes[cursor + i]!] !== FOLD[target[compared + i]!]) return false;
    }
    cursor += 1 + octet;
    compared += 1 + octet;
  }
  return false;
}
