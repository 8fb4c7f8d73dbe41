/**
 * The twelve bytes that every DNS message begins with: read and patched in place.
 *
 *     0  1  2  3  4  5  6  7  8  9  10 11 12 13 14 15
 *   |                      ID                        |  0
 *   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE    |  2
 *   |                    QDCOUNT                     |  4
 *   |                    ANCOUNT                     |  6
 *   |                    NSCOUNT                     |  8
 *   |                    ARCOUNT                     | 10
 *
 * RFC 1035 §4.1.1; AD and CD from RFC 4035 §3.
 */
import { getU16, setU16 } from "./bytes.ts";

export const HEADER_BYTES = 12;

/** Masks of the flags, in the sixteen-bit word at offset 2. */
export const flag = {
  qr: 0x8000,
  aa: 0x0400,
  tc: 0x0200,
  rd: 0x0100,
  ra: 0x0080,
  z: 0x0040,
  ad: 0x0020,
  cd: 0x0010,
} as const;

/** Offsets of the four section counts. */
export const countAt = { question: 4, answer: 6, authority: 8, additional: 10 } as const;

/** The header as an object, for the slow lane. */
export interface Header {
  readonly id: number;
  /** The whole word at offset 2, RCODE included. */
  readonly flags: number;
  readonly opcode: number;
  /** The four bits of the header; RFC 6891 extends them by eight. */
  readonly rcode: number;
}

/** Reads the header. The caller has checked that twelve bytes are there. */
export function readHeader(message: Uint8Array): Header {
  const flags = getU16(message, 2);
  return { id: getU16(message, 0), flags, opcode: opcodeOf(flags), rcode: flags & 0xf };
}

/** The opcode in a flags word. */
export function opcodeOf(flags: number): number {
  return (flags >>> 11) & 0xf;
}

/** The bits of a flags word that stand for an opcode. */
export function opcodeBits(opcode: number): number {
  return (opcode & 0xf) << 11;
}

/** Writes id, flags word and the four counts. */
export function writeHeader(
  message: Uint8Array,
  id: number,
  flags: number,
  counts: readonly [question: number, answer: number, authority: number, additional: number],
): void {
  setU16(message, 0, id);
  setU16(message, 2, flags);
  setU16(message, countAt.question, counts[0]);
  setU16(message, countAt.answer, counts[1]);
  setU16(message, countAt.authority, counts[2]);
  setU16(message, countAt.additional, counts[3]);
}
