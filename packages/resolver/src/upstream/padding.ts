/** Padding of queries that go encrypted: what is asked cannot be guessed by its length. */
import { getU16, setU16 } from "@lethe/wire/bytes.ts";
import { OPT_BYTES, optionCode } from "@lethe/wire/edns.ts";
import { limits } from "../base/limits.ts";

const BLOCK_BYTES = limits.queryPaddingBytes.value;
/** Of an option: its code and its length. */
const OPTION_HEAD_BYTES = 4;

/**
 * A query filled up to a multiple of 128 bytes (RFC 8467 §4.1), or itself where it has no OPT
 * record, which is where padding stands (RFC 7830 §3).
 *
 * `end` is where its question ends; its only other record is the OPT record.
 */
export function paddedQuery(query: Uint8Array, end: number): Uint8Array {
  if (query.length < end + OPT_BYTES) return query;
  const bare = query.length + OPTION_HEAD_BYTES;
  const padded = new Uint8Array(Math.ceil(bare / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(query);
  setU16(padded, query.length, optionCode.padding);
  setU16(padded, query.length + 2, padded.length - bare);
  const lengthAt = end + OPT_BYTES - 2;
  setU16(padded, lengthAt, getU16(query, lengthAt) + padded.length - query.length);
  return padded;
}
