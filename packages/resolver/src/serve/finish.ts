/**
 * From a packed answer to this client's message, over the frame that its question lies in.
 *
 * Both lanes end here, so they cannot differ. The question stays where it is, in the client's own
 * letter case; header, body and OPT are written around it:
 *
 *   | header: id as it came, flags, counts | question as it came | body | OPT |
 *
 * What does not fit the client's size is left out as a whole, with TC set: half an answer would be
 * believed by somebody (RFC 2181 §9).
 */
import { getU16, getU32, setU16, setU32 } from "@lethe/wire/bytes.ts";
import { optionCode, rrType } from "@lethe/wire/codes.ts";
import { DO_BIT, OPT_BYTES } from "@lethe/wire/edns.ts";
import { countAt, flag, opcodeBits } from "@lethe/wire/header.ts";
import { limits } from "../base/limits.ts";
import { packedAnswer } from "../cache/packed-answer.ts";
import type { Way } from "../transports/door.ts";
import type { Asking } from "./asking.ts";

const UDP_BYTES_MAX = limits.answerUdpBytesMax.value;
const UDP_BYTES_MIN = limits.answerUdpBytesMin.value;
const STREAM_BYTES_MAX = limits.answerStreamBytesMax.value;

/** Keepalive times are told in tenths of a second, in sixteen bits (RFC 7828 §3.1). */
const TENTHS = 10;
const TENTHS_MAX = 0xffff;
const KEEPALIVE_BYTES = 6;

/** Answers that are padded have a multiple of this length (RFC 8467 §4.1). */
const BLOCK_BYTES = 468;
const OPTION_HEADER_BYTES = 4;

/** What a message has of the client's own flags: opcode, RD and CD (RFC 1035 §4.1.1). */
const ECHOED = opcodeBits(0xf) | flag.rd | flag.cd;

/** Writes answers for their clients; knows what is told of this server, and how sets are turned. */
export class Finish {
  #nsid: Uint8Array;
  /** Chooses the record that a rotated set begins with; who asks again gets another order. */
  #turn = 0;

  /** `nsid` is empty where the server has no name to tell. */
  constructor(nsid: Uint8Array) {
    this.#nsid = nsid;
  }

  /** Tells another NSID from now on. */
  rename(nsid: Uint8Array): void {
    this.#nsid = nsid;
  }

  /**
   * Writes the answer that is packed at `bytes[place]` over the question at `frame[at]`.
   *
   * `ageS` is taken off every TTL. Returns the answer's length.
   * PERF: allocates nothing; a loop over the body and one over its TTLs.
   */
  write(
    frame: Uint8Array,
    at: number,
    capacity: number,
    asking: Asking,
    way: Way,
    bytes: Uint8Array,
    place: number,
    ageS: number,
  ): number {
    const sizeMax = Math.min(capacity, sizeOf(asking, way.transport !== "udp"));
    const bodyBytes = packedAnswer.bodyBytes(bytes, place);
    const fits = asking.bodyAt + bodyBytes + optBytes(asking, way) <= sizeMax;
    const bodyAt = at + asking.bodyAt;
    writeHead(frame, at, asking, bytes, place, fits);
    let end = bodyAt;
    if (fits) {
      this.#copyBody(frame, bodyAt, bytes, place);
      if (ageS > 0) ageTtls(frame, bodyAt, bytes, place, ageS);
      end += bodyBytes;
    }
    if (!asking.hasOpt) return end - at;
    return this.#writeOpt(frame, at, end, sizeMax, asking, way, bytes, place) - at;
  }

  /** Copies the body; a set that may be rotated begins with another record each time. */
  #copyBody(frame: Uint8Array, to: number, bytes: Uint8Array, place: number): void {
    const from = packedAnswer.bodyAt(bytes, place);
    const size = packedAnswer.bodyBytes(bytes, place);
    const records = packedAnswer.rotationRecords(bytes, place);
    for (let i = 0; i < size; i++) frame[to + i] = bytes[from + i]!;
    if (records < 2) return;
    const recordBytes = packedAnswer.rotationBytes(bytes, place);
    const setAt = packedAnswer.rotationAt(bytes, place);
    // A counter would give each of two questions that a client asks in turn one order for ever.
    this.#turn = (Math.imul(this.#turn, 1664525) + 1013904223) | 0;
    const turned = ((this.#turn >>> 16) % records) * recordBytes;
    const setBytes = records * recordBytes;
    for (let i = 0; i < setBytes; i++) {
      const source = i + turned < setBytes ? i + turned : i + turned - setBytes;
      frame[to + setAt + i] = bytes[from + setAt + source]!;
    }
  }

  #writeOpt(
    frame: Uint8Array,
    at: number,
    start: number,
    sizeMax: number,
    asking: Asking,
    way: Way,
    bytes: Uint8Array,
    place: number,
  ): number {
    const { idleTimeoutS } = way;
    frame[start] = 0;
    setU16(frame, start + 1, rrType.OPT);
    setU16(frame, start + 3, UDP_BYTES_MAX);
    frame[start + 5] = packedAnswer.extendedRcode(bytes, place);
    frame[start + 6] = 0;
    setU16(frame, start + 7, asking.dnssecOk ? DO_BIT : 0);
    let cursor = start + OPT_BYTES;
    if (asking.wantsKeepalive && idleTimeoutS > 0) {
      setU16(frame, cursor, optionCode.tcpKeepalive);
      setU16(frame, cursor + 2, 2);
      setU16(frame, cursor + 4, Math.min(idleTimeoutS * TENTHS, TENTHS_MAX));
      cursor += KEEPALIVE_BYTES;
    }
    if (asking.cookieBytes > 0) cursor = writeCookie(frame, cursor, asking);
    const end = at + sizeMax;
    if (asking.wantsNsid) cursor = this.#writeNsid(frame, cursor, end);
    cursor = writeErrors(frame, cursor, end, bytes, place);
    if (asking.wantsPadding && isEncrypted(way)) cursor = writePadding(frame, at, cursor, end);
    setU16(frame, start + 9, cursor - start - OPT_BYTES);
    setU16(frame, at + countAt.additional, getU16(frame, at + countAt.additional) + 1);
    return cursor;
  }

  #writeNsid(frame: Uint8Array, at: number, end: number): number {
    const size = this.#nsid.length;
    if (size === 0 || at + 4 + size > end) return at;
    setU16(frame, at, optionCode.nsid);
    setU16(frame, at + 2, size);
    for (let i = 0; i < size; i++) frame[at + 4 + i] = this.#nsid[i]!;
    return at + 4 + size;
  }
}

/** Bytes of the OPT record without what is left out where it does not fit: NSID and EDE. */
function optBytes(asking: Asking, { idleTimeoutS }: Way): number {
  if (!asking.hasOpt) return 0;
  const cookieBytes = asking.cookieBytes > 0 ? 4 + asking.cookieBytes : 0;
  const keepaliveBytes = asking.wantsKeepalive && idleTimeoutS > 0 ? KEEPALIVE_BYTES : 0;
  return OPT_BYTES + cookieBytes + keepaliveBytes;
}

/** Writes the client's cookie and ours (RFC 7873 §5.2.5). */
function writeCookie(frame: Uint8Array, at: number, asking: Asking): number {
  const { cookie, cookieBytes } = asking;
  setU16(frame, at, optionCode.cookie);
  setU16(frame, at + 2, cookieBytes);
  for (let i = 0; i < cookieBytes; i++) frame[at + 4 + i] = cookie[i]!;
  return at + 4 + cookieBytes;
}

/**
 * Copies the EDE options that fit, in their order: the most telling stands first.
 *
 * They are the first to be left out, and without TC, which RFC 8914 §3 would have set: nobody
 * should have to ask again over TCP for a remark on an answer that he has.
 */
function writeErrors(
  frame: Uint8Array,
  at: number,
  end: number,
  bytes: Uint8Array,
  place: number,
): number {
  const from = packedAnswer.bodyAt(bytes, place) + packedAnswer.bodyBytes(bytes, place);
  const size = packedAnswer.optionBytes(bytes, place);
  let cursor = 0;
  while (cursor < size) {
    const next = cursor + 4 + getU16(bytes, from + cursor + 2);
    if (at + next > end) break;
    for (; cursor < next; cursor++) frame[at + cursor] = bytes[from + cursor]!;
  }
  return at + cursor;
}

function isEncrypted({ transport }: Way): boolean {
  return transport !== "udp" && transport !== "tcp";
}

/**
 * Pads the message at `frame[at, cursor)` to whole blocks, or to `end` where the last does not fit
 * (RFC 8467 §4.1). Stands last, so that all else is counted. PERF: a loop over what it adds.
 */
function writePadding(frame: Uint8Array, at: number, cursor: number, end: number): number {
  const dataAt = cursor + OPTION_HEADER_BYTES;
  if (dataAt > end) return cursor;
  const blocks = Math.ceil((dataAt - at) / BLOCK_BYTES);
  const paddedEnd = Math.min(at + blocks * BLOCK_BYTES, end);
  setU16(frame, cursor, optionCode.padding);
  setU16(frame, cursor + 2, paddedEnd - dataAt);
  for (let i = dataAt; i < paddedEnd; i++) frame[i] = 0;
  return paddedEnd;
}

/** The largest answer that this client takes. */
function sizeOf(asking: Asking, isStream: boolean): number {
  if (isStream) return STREAM_BYTES_MAX;
  if (!asking.hasOpt) return UDP_BYTES_MIN;
  return Math.min(Math.max(asking.udpSize, UDP_BYTES_MIN), UDP_BYTES_MAX);
}

/** Flags and counts; the id stays. */
function writeHead(
  frame: Uint8Array,
  at: number,
  asking: Asking,
  bytes: Uint8Array,
  place: number,
  fits: boolean,
): void {
  let flags = packedAnswer.flags(bytes, place) | (asking.flags & ECHOED);
  // AD goes to those only who show that they know it (RFC 6840 §5.8), and who leave the checking
  // to us: who sets CD may get what somebody else's question had checked, or not, by chance.
  const isKnown = (asking.flags & flag.ad) !== 0 || asking.dnssecOk;
  if (!isKnown || (asking.flags & flag.cd) !== 0) flags &= ~flag.ad;
  if (!fits) flags |= flag.tc;
  setU16(frame, at + 2, flags);
  setU16(frame, at + countAt.question, asking.nameBytes > 0 ? 1 : 0);
  setU16(frame, at + countAt.answer, fits ? packedAnswer.answerCount(bytes, place) : 0);
  setU16(frame, at + countAt.authority, fits ? packedAnswer.authorityCount(bytes, place) : 0);
  setU16(frame, at + countAt.additional, fits ? packedAnswer.additionalCount(bytes, place) : 0);
}

function ageTtls(
  frame: Uint8Array,
  bodyAt: number,
  bytes: Uint8Array,
  place: number,
  ageS: number,
): void {
  const places = packedAnswer.ttlPlaces(bytes, place);
  for (let i = 0; i < places; i++) {
    const ttlAt = bodyAt + getU16(bytes, packedAnswer.ttlPlaceAt(place, i));
    const ttlS = getU32(frame, ttlAt);
    setU32(frame, ttlAt, ttlS > ageS ? ttlS - ageS : 0);
  }
}
