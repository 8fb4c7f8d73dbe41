/**
 * What one client asks, read from the message where it lies: the question and the wishes around it.
 *
 * A plain message is one that the fast lane can take: opcode QUERY, QR clear, RD set, one
 * uncompressed question that is no root key sentinel's, nothing in answer and authority, at most
 * one well-formed OPT of version 0 and nothing beside it, no byte behind. Everything else goes to
 * the slow lane, which reads the message as a whole.
 *
 * Of the EDNS options, these are heeded: NSID (RFC 5001), cookies (RFC 7873), TCP keepalive
 * (RFC 7828) over streams, and padding on encrypted transports, since RFC 7830 §6 wants it nowhere
 * else. All others are ignored, as options that a responder does not know must be (RFC 6891
 * §6.1.2): so are client subnets, which are never used.
 * PERF: one `Asking` is filled again and again; reading allocates nothing.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { optionCode, rrType } from "@lethe/wire/codes.ts";
import { DO_BIT, OPT_BYTES, type Opt } from "@lethe/wire/edns.ts";
import { HEADER_BYTES, countAt, flag, opcodeBits } from "@lethe/wire/header.ts";
import { wireLimits } from "@lethe/wire/limits.ts";
import { CLIENT_COOKIE_BYTES, isCookieSize } from "../cache/cookies.ts";
import { uncompressedNameBytes } from "@lethe/wire/name.ts";
import { mayBeSentinel } from "../dnssec/sentinel.ts";

const OPTIONS_MAX = wireLimits.ednsOptionsMax.value;

/** QR, opcode and RD, of which a plain question has the last only. */
const QR_OPCODE_RD = flag.qr | opcodeBits(0xf) | flag.rd;

/** The longest cookie: the client's eight bytes and at most thirty-two of a server. */
const COOKIE_BYTES_MAX = 40;

/** The question and wishes of one client. */
export class Asking {
  /** The flags word as it came. */
  flags = 0;
  /** Bytes of the name, the root's octet included; 0 where there is no question to echo. */
  nameBytes = 0;
  type = 0;
  class = 0;
  /** Whether there is an OPT record; the fields below say nothing where there is none. */
  hasOpt = false;
  udpSize = 0;
  dnssecOk = false;
  /** NSID was asked for (RFC 5001 §2.1). */
  wantsNsid = false;
  /** The client speaks of idle times (RFC 7828 §3.2.1). */
  wantsKeepalive = false;
  /** The client has padded its question, and wants the answer padded (RFC 7830 §4). */
  wantsPadding = false;
  /** The client's cookie as it came, then the one for its answer; 0 bytes where there is none. */
  cookieBytes = 0;
  /** The client has shown a cookie that it was given at its address. */
  isCookieGood = false;
  /** The client has no cookie of ours yet, or shows none. */
  cameWithoutServerCookie = false;
  /** The COOKIE option has a length that it must not have (RFC 7873 §5.2.2). */
  isCookieMalformed = false;
  #cookie: Uint8Array | undefined;

  /** Where the cookie lies. PERF: made once, with the first cookie that is read. */
  get cookie(): Uint8Array {
    return (this.#cookie ??= new Uint8Array(COOKIE_BYTES_MAX));
  }

  get checkingDisabled(): boolean {
    return (this.flags & flag.cd) !== 0;
  }

  /** Where the body of an answer begins: behind the question, or behind the header without one. */
  get bodyAt(): number {
    return this.nameBytes === 0 ? HEADER_BYTES : HEADER_BYTES + this.nameBytes + 4;
  }

  /** Reads the message at `[at, at + length)`; says whether it is a plain one. */
  readPlain(frame: Uint8Array, at: number, length: number): boolean {
    if (length < HEADER_BYTES) return false;
    this.flags = getU16(frame, at + 2);
    this.#forgetOpt();
    if ((this.flags & QR_OPCODE_RD) !== flag.rd) return false;
    if (getU16(frame, at + countAt.question) !== 1) return false;
    if (getU16(frame, at + countAt.answer) !== 0) return false;
    if (getU16(frame, at + countAt.authority) !== 0) return false;
    const additional = getU16(frame, at + countAt.additional);
    if (additional > 1 || !this.#readQuestion(frame, at, length)) return false;
    if (mayBeSentinel(frame, at + HEADER_BYTES)) return false;
    const end = this.bodyAt;
    if (additional === 0) return end === length;
    return this.#readOpt(frame, at + end, length - end);
  }

  /**
   * Reads as much of any message as an answer to it needs: the flags, the question where there is
   * exactly one and it is well-formed, and the OPT record that a whole reading found.
   */
  readAny(frame: Uint8Array, at: number, length: number, opt: Opt | undefined): void {
    this.flags = getU16(frame, at + 2);
    this.#forgetOpt();
    const hasOne = getU16(frame, at + countAt.question) === 1;
    if (!hasOne || !this.#readQuestion(frame, at, length)) this.nameBytes = 0;
    if (opt === undefined) return;
    this.hasOpt = true;
    this.udpSize = opt.udpSize;
    this.dnssecOk = opt.dnssecOk;
    for (const { code, data } of opt.options) this.#noteOption(code, data, 0, data.length);
  }

  #forgetOpt(): void {
    this.hasOpt = false;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.wantsNsid = false;
    this.wantsKeepalive = false;
    this.wantsPadding = false;
    this.cookieBytes = 0;
    this.isCookieGood = false;
    this.isCookieMalformed = false;
  }

  #readQuestion(frame: Uint8Array, at: number, length: number): boolean {
    const start = at + HEADER_BYTES;
    const end = at + length;
    this.nameBytes = uncompressedNameBytes(frame, start, end);
    const behind = start + this.nameBytes;
    if (this.nameBytes === 0 || behind + 4 > end) return false;
    this.type = getU16(frame, behind);
    this.class = getU16(frame, behind + 2);
    return true;
  }

  /** Reads an OPT record that must fill exactly `size` bytes. */
  #readOpt(frame: Uint8Array, at: number, size: number): boolean {
    if (size < OPT_BYTES || frame[at] !== 0 || getU16(frame, at + 1) !== rrType.OPT) return false;
    const version = frame[at + 6];
    const dataBytes = getU16(frame, at + 9);
    if (version !== 0 || dataBytes !== size - OPT_BYTES) return false;
    this.hasOpt = true;
    this.udpSize = getU16(frame, at + 3);
    this.dnssecOk = (getU16(frame, at + 7) & DO_BIT) !== 0;
    const end = at + size;
    let cursor = at + OPT_BYTES;
    for (let options = 0; cursor < end; options++) {
      if (cursor + 4 > end || options >= OPTIONS_MAX) return false;
      const dataBytesHere = getU16(frame, cursor + 2);
      const next = cursor + 4 + dataBytesHere;
      if (next <= end) this.#noteOption(getU16(frame, cursor), frame, cursor + 4, dataBytesHere);
      cursor = next;
    }
    return cursor === end && !this.isCookieMalformed;
  }

  #noteOption(code: number, bytes: Uint8Array, at: number, size: number): void {
    if (code === optionCode.nsid) this.wantsNsid = true;
    else if (code === optionCode.tcpKeepalive) this.wantsKeepalive = true;
    else if (code === optionCode.padding) this.wantsPadding = true;
    else if (code === optionCode.cookie) this.#noteCookie(bytes, at, size);
  }

  /** Of several cookies the first counts (RFC 7873 §5.2). */
  #noteCookie(bytes: Uint8Array, at: number, size: number): void {
    if (this.cookieBytes > 0 || this.isCookieMalformed) return;
    this.isCookieMalformed = !isCookieSize(size);
    if (this.isCookieMalformed) return;
    this.cookieBytes = size;
    this.cameWithoutServerCookie = size === CLIENT_COOKIE_BYTES;
    const { cookie } = this;
    for (let i = 0; i < size; i++) cookie[i] = bytes[at + i]!;
  }
}
