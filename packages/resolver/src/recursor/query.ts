/**
 * The bytes of an upstream question: random id, random letter case, and our OPT record.
 *
 * RD is 0: an authority is asked for what it knows itself. DO is 1, so that answers come with
 * their signatures. No client subnet is ever sent (RFC 7871 §11.1).
 */
import { setU16 } from "@lethe/wire/bytes.ts";
import { OPT_BYTES, type Opt, optionCode, writeOpt } from "@lethe/wire/edns.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { Random } from "../base/random.ts";
import { limits } from "../base/limits.ts";

export interface QueryForm {
  readonly edns: boolean;
  readonly randomCase: boolean;
  /** Ask for recursion: only of servers that are no authorities. */
  readonly recursionDesired: boolean;
  /** Data of a COOKIE option, which goes with EDNS; undefined: there is none. */
  readonly cookie?: Uint8Array | undefined;
}

/**
 * The bytes of one upstream question. Its id has 16 random bits (RFC 5452 §9.2).
 *
 * PERF: written in place, without a writer: a question has nothing to compress.
 */
export function writeQuery(question: Question, form: QueryForm, random: Random): Uint8Array {
  const { name } = question;
  const end = HEADER_BYTES + name.length + 4;
  const { cookie } = form;
  const optBytes = cookie === undefined ? OPT_BYTES : OPT_BYTES + 4 + cookie.length;
  const bytes = new Uint8Array(form.edns ? end + optBytes : end);
  setU16(bytes, 0, random.uint32());
  setU16(bytes, 2, form.recursionDesired ? flag.rd : 0);
  setU16(bytes, countAt.question, 1);
  bytes.set(name, HEADER_BYTES);
  if (form.randomCase) randomiseCase(bytes, HEADER_BYTES, random);
  setU16(bytes, end - 4, question.type);
  setU16(bytes, end - 2, question.class);
  if (form.edns) {
    setU16(bytes, countAt.additional, 1);
    const options = cookie === undefined ? [] : [{ code: optionCode.cookie, data: cookie }];
    writeOpt(bytes, end, cookie === undefined ? OPT : { ...OPT, options });
  }
  return bytes;
}

/** What we say of ourselves: how long a datagram may be, and that we want signatures. */
const OPT: Opt = {
  udpSize: limits.upstreamUdpBytesMax.value,
  extendedRcode: 0,
  version: 0,
  dnssecOk: true,
  options: [],
};

/** Gives each letter of the name at `at` the case that a coin chooses: a reply must repeat it. */
function randomiseCase(bytes: Uint8Array, at: number, random: Random): void {
  let coins = 0;
  let left = 0;
  for (let label = at; bytes[label] !== 0; label += 1 + bytes[label]!) {
    for (let i = label + 1; i <= label + bytes[label]!; i++) {
      const letter = bytes[i]! | 0x20;
      if (letter < 0x61 || letter > 0x7a) continue;
      if (left === 0) {
        coins = random.uint32();
        left = 32;
      }
      bytes[i] = coins & 1 ? letter : letter & ~0x20;
      coins >>>= 1;
      left--;
    }
  }
}
