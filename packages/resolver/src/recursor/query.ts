/**
 * The bytes of an upstream question: random id, random letter case, and our OPT record.
 *
 * RD is 0: an authority is asked for what it knows itself. DO is 1, so that answers come with
 * their signatures. No client subnet is ever sent (RFC 7871 §11.1), and no cookie yet.
 */
import { HEADER_BYTES, flag } from "@lethe/wire/header.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { OPT_BYTES } from "@lethe/wire/edns.ts";
import type { Random } from "../base/random.ts";
import { limits } from "../base/limits.ts";

export interface QueryForm {
  readonly edns: boolean;
  readonly randomCase: boolean;
  /** Ask for recursion: only of servers that are no authorities. */
  readonly recursionDesired: boolean;
}

/** The bytes of one upstream question. Its id has 16 random bits (RFC 5452 §9.2). */
export function writeQuery(question: Question, form: QueryForm, random: Random): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + question.name.length + 4 + OPT_BYTES);
  const writer = new MessageWriter(bytes);
  const name = form.randomCase ? withRandomCase(question.name, random) : question.name;
  writer.question({ ...question, name });
  if (form.edns) {
    writer.opt({
      udpSize: limits.upstreamUdpBytesMax.value,
      extendedRcode: 0,
      version: 0,
      dnssecOk: true,
      options: [],
    });
  }
  const id = random.uint32() & 0xffff;
  const size = writer.finish(id, form.recursionDesired ? flag.rd : 0);
  return bytes.subarray(0, size);
}

/** The name with each letter's case chosen by a coin: what a reply must repeat. */
function withRandomCase(name: Name, random: Random): Name {
  const mixed = name.slice() as Name;
  let coins = 0;
  let left = 0;
  let at = 0;
  while (mixed[at] !== 0) {
    const end = at + 1 + mixed[at]!;
    for (at++; at < end; at++) {
      const letter = mixed[at]! | 0x20;
      if (letter < 0x61 || letter > 0x7a) continue;
      if (left === 0) {
        coins = random.uint32();
        left = 32;
      }
      mixed[at] = coins & 1 ? letter : letter & ~0x20;
      coins >>>= 1;
      left--;
    }
  }
  return mixed;
}
