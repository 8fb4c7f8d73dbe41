/**
 * What one client asks, read from the message where it lies: the question and the wishes around it.
 *
 * A plain message is one that the fast lane can take: opcode QUERY, QR clear, one uncompressed
 * question, nothing in answer and authority, at most one well-formed OPT of version 0, no byte
 * behind. Everything else goes to the slow lane, which reads it as a whole.
 * PERF: one `Asking` is filled again and again; reading allocates nothing.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { DO_BIT, OPT_BYTES, type Opt, optionCode } from "@lethe/wire/edns.ts";
import { HEADER_BYTES, countAt, flag, opcodeBits } from "@lethe/wire/header.ts";
import { wireLimits } from "@lethe/wire/limits.ts";

const NAME_BYTES_MAX = wireLimits.nameBytesMax.value;
const LABEL_BYTES_MAX = wireLimits.labelBytesMax.value;

/** QR and opcode: all clear in a question that asks something. */
const QR_OPCODE = flag.qr | opcodeBits(0xf);

/** The question and wishes of one client. */
export class Asking {
  /** The flags word as it came. */
  flags = 0;
  /** Bytes of the name, the root's octet included. It lies behind the header. */
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

  get recursionDesired(): boolean {
    return (this.flags & flag.rd) !== 0;
  }

  get checkingDisabled(): boolean {
    return (this.flags & flag.cd) !== 0;
  }

  /** Where the question ends in its message: the body of an answer begins there. */
  get questionBytes(): number {
    return HEADER_BYTES + this.nameBytes + 4;
  }

  /** Reads the message at `[at, at + length)`; says whether it is a plain one. */
  readPlain(frame: Uint8Array, at: number, length: number): boolean {
    this.flags = getU16(frame, at + 2);
    this.forgetOpt();
    if ((this.flags & QR_OPCODE) !== 0) return false;
    if (getU16(frame, at + countAt.question) !== 1) return false;
    if (getU16(frame, at + countAt.answer) !== 0) return false;
    if (getU16(frame, at + countAt.authority) !== 0) return false;
    const additional = getU16(frame, at + countAt.additional);
    if (additional > 1 || !this.#readQuestion(frame, at, length)) return false;
    const end = this.questionBytes;
    if (additional === 0) return end === length;
    return this.#readOpt(frame, at + end, length - end);
  }

  /** Takes over what a whole reading of the message found. */
  take(
    flags: number,
    nameBytes: number,
    type: number,
    rrclass: number,
    opt: Opt | undefined,
  ): void {
    this.flags = flags;
    this.nameBytes = nameBytes;
    this.type = type;
    this.class = rrclass;
    this.forgetOpt();
    if (opt === undefined) return;
    this.hasOpt = true;
    this.udpSize = opt.udpSize;
    this.dnssecOk = opt.dnssecOk;
    for (const option of opt.options) this.#noteOption(option.code);
  }

  /** The client sent no OPT record. */
  forgetOpt(): void {
    this.hasOpt = false;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.wantsNsid = false;
    this.wantsKeepalive = false;
  }

  #readQuestion(frame: Uint8Array, at: number, length: number): boolean {
    const start = at + HEADER_BYTES;
    const end = at + length;
    let cursor = start;
    while (cursor < end && frame[cursor] !== 0) {
      if (frame[cursor]! > LABEL_BYTES_MAX) return false;
      cursor += 1 + frame[cursor]!;
    }
    cursor++;
    if (cursor + 4 > end || cursor - start > NAME_BYTES_MAX) return false;
    this.nameBytes = cursor - start;
    this.type = getU16(frame, cursor);
    this.class = getU16(frame, cursor + 2);
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
    while (cursor < end) {
      if (cursor + 4 > end) return false;
      this.#noteOption(getU16(frame, cursor));
      cursor += 4 + getU16(frame, cursor + 2);
    }
    return cursor === end;
  }

  #noteOption(code: number): void {
    if (code === optionCode.nsid) this.wantsNsid = true;
    else if (code === optionCode.tcpKeepalive) this.wantsKeepalive = true;
  }
}
