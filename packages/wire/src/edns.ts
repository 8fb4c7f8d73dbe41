/**
 * EDNS: the OPT pseudo-record and the options inside it.
 *
 * RFC 6891 §6.1. The record's class holds the sender's UDP payload size, its TTL the upper bits
 * of the RCODE, the version and the DO bit:
 *
 *   | 0 | type 41 | class: UDP size | ttl: ext-RCODE, version, DO, Z | length | options |
 *
 * and an option is `| code 2 | length 2 | data |`.
 */
import { getU16, setU16 } from "./bytes.ts";
import { optionCode } from "./codes.ts";
import { wireLimits } from "./limits.ts";

export { optionCode };

export const OPT_BYTES = 11;
export const DO_BIT = 0x8000;

const OPTIONS_MAX = wireLimits.ednsOptionsMax.value;

/** One option, its data still as bytes. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** The OPT record of a message. */
export interface Opt {
  /** The sender's UDP payload size in bytes, as written; below 512 means 512 (RFC 6891 §6.2.3). */
  readonly udpSize: number;
  readonly extendedRcode: number;
  readonly version: number;
  /** The sender wants DNSSEC records (RFC 3225). */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

/** Reads an OPT record's fixed fields and options; undefined where one leaves its record. */
export function readOpt(rrclass: number, ttl: number, rdata: Uint8Array): Opt | undefined {
  const options: EdnsOption[] = [];
  let at = 0;
  while (at < rdata.length) {
    if (at + 4 > rdata.length || options.length >= OPTIONS_MAX) return undefined;
    const size = getU16(rdata, at + 2);
    if (at + 4 + size > rdata.length) return undefined;
    options.push({ code: getU16(rdata, at), data: rdata.subarray(at + 4, at + 4 + size) });
    at += 4 + size;
  }
  return {
    udpSize: rrclass,
    extendedRcode: ttl >>> 24,
    version: (ttl >>> 16) & 0xff,
    dnssecOk: (ttl & DO_BIT) !== 0,
    options,
  };
}

/** How many bytes an OPT record with these options takes. */
export function optBytes(options: readonly EdnsOption[]): number {
  let size = OPT_BYTES;
  for (const option of options) size += 4 + option.data.length;
  return size;
}

/** Writes an OPT record at `at`, where there must be room, and returns the place behind it. */
export function writeOpt(out: Uint8Array, at: number, opt: Opt): number {
  out[at] = 0;
  setU16(out, at + 1, 41);
  setU16(out, at + 3, opt.udpSize);
  out[at + 5] = opt.extendedRcode;
  out[at + 6] = opt.version;
  setU16(out, at + 7, opt.dnssecOk ? DO_BIT : 0);
  let cursor = at + OPT_BYTES;
  for (const option of opt.options) {
    setU16(out, cursor, option.code);
    setU16(out, cursor + 2, option.data.length);
    out.set(option.data, cursor + 4);
    cursor += 4 + option.data.length;
  }
  setU16(out, at + 9, cursor - at - OPT_BYTES);
  return cursor;
}

/** The first option of a code, or undefined. */
export function findOption(opt: Opt | undefined, code: number): EdnsOption | undefined {
  return opt?.options.find((option) => option.code === code);
}

/** An Extended DNS Error as an option: INFO-CODE and UTF-8 extra text (RFC 8914 §2). */
export function extendedErrorOption(infoCode: number, extraText: string): EdnsOption {
  const text = new TextEncoder().encode(extraText);
  const data = new Uint8Array(2 + text.length);
  setU16(data, 0, infoCode);
  data.set(text, 2);
  return { code: optionCode.extendedError, data };
}
