/**
 * Which replies belong to a query: RFC 5452 §9.1, and what does not is ignored, whatever it says.
 *
 * Address and port are the socket's to check; here are id, kind and question.
 */
import { equalBytes, getU16 } from "@lethe/wire/bytes.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { FOLD, uncompressedNameBytes } from "@lethe/wire/name.ts";
import type { ServerAddress } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import type { Unwanted } from "./counters.ts";

/** Type and class behind the name of a question. */
const TYPE_AND_CLASS_BYTES = 4;

/** Where the question of a query ends; a query of our own has one, or it is our mistake. */
export function questionEnd(query: Uint8Array): number {
  const nameBytes = uncompressedNameBytes(query, HEADER_BYTES, query.length);
  const end = HEADER_BYTES + nameBytes + TYPE_AND_CLASS_BYTES;
  assert(nameBytes > 0 && end <= query.length, "a query holds one whole question");
  return end;
}

/**
 * Says whether the first `sizeBytes` bytes of `reply` are the reply to `query`, or why not.
 *
 * `end` is where the question of the query ends. A failure without any question is taken too:
 * servers that cannot read a query send back its header alone.
 * PERF: allocates nothing.
 */
export function judgeReply(
  query: Uint8Array,
  end: number,
  reply: Uint8Array,
  sizeBytes: number,
): "match" | Unwanted {
  if (sizeBytes < HEADER_BYTES) return "short";
  const flags = getU16(reply, 2);
  if ((flags & flag.qr) === 0) return "not-a-reply";
  if (reply[0] !== query[0] || reply[1] !== query[1]) return "wrong-id";
  const questions = getU16(reply, countAt.question);
  if (questions === 0 && isBareFailure(reply, flags & 0xf)) return "match";
  if (questions !== 1 || sizeBytes < end) return "wrong-question";
  let isLetterForLetter = true;
  for (let i = HEADER_BYTES; i < end; i++) {
    if (reply[i] === query[i]) continue;
    const isName = i < end - TYPE_AND_CLASS_BYTES;
    if (!isName || FOLD[reply[i]!] !== FOLD[query[i]!]) return "wrong-question";
    isLetterForLetter = false;
  }
  return isLetterForLetter ? "match" : "wrong-case";
}

/** Says whether a reply without a question tells of a failure and of nothing else. */
function isBareFailure(reply: Uint8Array, code: number): boolean {
  const isFailure =
    code === rcode.FORMERR ||
    code === rcode.SERVFAIL ||
    code === rcode.NOTIMP ||
    code === rcode.REFUSED;
  return isFailure && getU16(reply, countAt.answer) === 0 && getU16(reply, countAt.authority) === 0;
}

/** Says whether two addresses are of the same server. */
export function isSameServer(a: ServerAddress, b: ServerAddress): boolean {
  return a === b || (a.port === b.port && equalBytes(a.ip, b.ip));
}

/** Says whether two queries ask the same in the same way: all but id and letter case is equal. */
export function isSameQuery(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const end = questionEnd(a) - TYPE_AND_CLASS_BYTES;
  for (let i = 2; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (i < HEADER_BYTES || i >= end || FOLD[a[i]!] !== FOLD[b[i]!]) return false;
  }
  return true;
}
