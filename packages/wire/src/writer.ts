/**
 * Writes a message into a caller's buffer, compressing names as RFC 1035 §4.1.4 allows.
 *
 * A section that does not fit is reported, never cut in the middle of a record.
 */
import { setU16, setU32 } from "./bytes.ts";
import { type Opt, optBytes, writeOpt } from "./edns.ts";
import { HEADER_BYTES, countAt, writeHeader } from "./header.ts";
import { wireLimits } from "./limits.ts";
import { FOLD, type Name } from "./name.ts";
import { mayCompressRdata, rdataLayout } from "./rdata-names.ts";
import type { Question } from "./question.ts";

const TARGETS_MAX = wireLimits.compressionNamesMax.value;
const POINTER_REACH = 0x4000;

export type SectionName = "answer" | "authority" | "additional";

/** Writes one message. Each method says whether its part fitted; what did not fit left no trace. */
export class MessageWriter {
  readonly #out: Uint8Array;
  readonly #end: number;
  #at = HEADER_BYTES;
  readonly #targets: number[] = [];
  readonly #counts: [number, number, number, number] = [0, 0, 0, 0];

  /** `out` takes the message from its first byte; `sizeMax` bounds it below the buffer's length. */
  constructor(out: Uint8Array, sizeMax = out.length) {
    this.#out = out;
    this.#end = Math.min(out.length, sizeMax, wireLimits.messageBytesMax.value);
  }

  /** Bytes written so far, header included. */
  get length(): number {
    return this.#at;
  }

  /** Room that is left, in bytes. */
  get room(): number {
    return this.#end - this.#at;
  }

  question(question: Question): boolean {
    const start = this.#at;
    if (!this.#name(question.name) || this.#at + 4 > this.#end) return this.#undo(start);
    setU16(this.#out, this.#at, question.type);
    setU16(this.#out, this.#at + 2, question.class);
    this.#at += 4;
    this.#counts[0]++;
    return true;
  }

  /** Appends a record; `ttlAt`, where given, receives the offset of its TTL. */
  record(
    section: SectionName,
    name: Name,
    type: number,
    rrclass: number,
    ttl: number,
    rdata: Uint8Array,
    ttlAt?: number[],
  ): boolean {
    const start = this.#at;
    if (!this.#name(name) || this.#at + 10 > this.#end) return this.#undo(start);
    const fixed = this.#at;
    setU16(this.#out, fixed, type);
    setU16(this.#out, fixed + 2, rrclass);
    setU32(this.#out, fixed + 4, ttl);
    this.#at = fixed + 10;
    if (!this.#rdata(type, rdata)) return this.#undo(start);
    setU16(this.#out, fixed + 8, this.#at - fixed - 10);
    this.#counts[countAt[section] / 2 - 2]!++;
    ttlAt?.push(fixed + 4);
    return true;
  }

  opt(opt: Opt): boolean {
    if (this.#at + optBytes(opt.options) > this.#end) return false;
    this.#at = writeOpt(this.#out, this.#at, opt);
    this.#counts[3]++;
    return true;
  }

  /** Writes the header and returns the length of the message. */
  finish(id: number, flags: number): number {
    writeHeader(this.#out, id, flags, this.#counts);
    return this.#at;
  }

  #undo(start: number): false {
    this.#at = start;
    while (this.#targets.length > 0 && this.#targets.at(-1)! >= start) this.#targets.pop();
    return false;
  }

  #rdata(type: number, rdata: Uint8Array): boolean {
    const isPlain = rdata.length === 0 || !mayCompressRdata(type);
    const layout = isPlain ? undefined : rdataLayout(type);
    let from = 0;
    for (const field of layout ?? []) {
      if (typeof field === "number") {
        if (!this.#bytes(rdata.subarray(from, from + field))) return false;
        from += field;
        continue;
      }
      let end = from;
      while (end < rdata.length && rdata[end] !== 0) end += 1 + rdata[end]!;
      if (!this.#name(rdata.subarray(from, end + 1) as Name)) return false;
      from = end + 1;
    }
    return this.#bytes(rdata.subarray(from));
  }

  #bytes(bytes: Uint8Array): boolean {
    if (this.#at + bytes.length > this.#end) return false;
    this.#out.set(bytes, this.#at);
    this.#at += bytes.length;
    return true;
  }

  /** Writes a name: labels until the rest of it stands in the message already, then a pointer. */
  #name(name: Name): boolean {
    const start = this.#at;
    let from = 0;
    while (name[from] !== 0 && name[from] !== undefined) {
      const target = this.#find(name, from, start);
      if (target >= 0) {
        if (this.#at + 2 > this.#end) return false;
        setU16(this.#out, this.#at, 0xc000 | target);
        this.#at += 2;
        return true;
      }
      const size = 1 + name[from]!;
      if (this.#at + size > this.#end) return false;
      if (this.#at < POINTER_REACH && this.#targets.length < TARGETS_MAX) {
        this.#targets.push(this.#at);
      }
      for (let i = 0; i < size; i++) this.#out[this.#at + i] = name[from + i]!;
      this.#at += size;
      from += size;
    }
    if (this.#at + 1 > this.#end) return false;
    this.#out[this.#at++] = 0;
    return true;
  }

  /** The place before `start` where the rest of `name` stands already, or -1. */
  #find(name: Name, from: number, start: number): number {
    for (const target of this.#targets) {
      if (target >= start) return -1;
      if (this.#standsAt(target, name, from)) return target;
    }
    return -1;
  }

  /** Says whether the name that stands at `target` in the message equals `name` from `from` on. */
  #standsAt(target: number, name: Name, from: number): boolean {
    let at = target;
    let i = from;
    for (;;) {
      const octet = this.#out[at]!;
      if (octet >= 0xc0) {
        at = ((octet & 0x3f) << 8) | this.#out[at + 1]!;
        continue;
      }
      if (octet !== name[i]) return false;
      if (octet === 0) return true;
      for (let j = 1; j <= octet; j++) {
        if (FOLD[this.#out[at + j]!] !== FOLD[name[i + j]!]) return false;
      }
      at += 1 + octet;
      i += 1 + octet;
    }
  }
}
