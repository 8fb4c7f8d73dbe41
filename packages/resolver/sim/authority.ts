/**
 * An authority: a query's bytes in, the bytes of what its server sends out. No socket, no clock.
 *
 * It answers as a correct server does (RFC 1034 §4.3.2; zone-answer.ts), unless it is made to
 * behave otherwise (authority-behaviour.ts).
 */
import { opcode, rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Opt } from "@lethe/wire/edns.ts";
import { HEADER_BYTES, flag, opcodeBits, readHeader } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { type Name, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { MessageWriter, type SectionName } from "@lethe/wire/writer.ts";
import { type Behaviour, mannerOf, sentFor, tellBent } from "./authority-behaviour.ts";
import type { Told } from "./zone-answer.ts";
import type { Zone } from "./zone.ts";

export type Transport = "udp" | "tcp";

/** A zone that a server has, and how it misbehaves about it. */
export interface Served {
  readonly zone: Zone;
  readonly behaviours: readonly Behaviour[];
}

/** What a server sends: these messages, one after the other, after a while. None is silence. */
export interface Sent {
  readonly delayMs: number;
  readonly messages: readonly Uint8Array[];
}

const SILENCE: Sent = { delayMs: 0, messages: [] };
const UDP_BYTES_MIN = 512;
/** What the authority itself sends at most over UDP, and says it can take (DNS flag day 2020). */
const UDP_BYTES_MAX = 1232;
const BYTES_MAX = 65535;

/** One server with its zones. */
export class Authority {
  readonly #make: () => readonly Served[];
  #made: readonly Served[] | undefined;

  /** `served`: its zones, or what makes them when the first question comes. */
  constructor(served: readonly Served[] | (() => readonly Served[])) {
    this.#make = typeof served === "function" ? served : () => served;
    this.#made = undefined;
  }

  /** What the server sends when these bytes come. Input is hostile: never throws. */
  reply(query: Uint8Array, transport: Transport): Sent {
    if (query.length < HEADER_BYTES) return SILENCE;
    const header = readHeader(query);
    if ((header.flags & flag.qr) !== 0) return SILENCE;
    const message = readMessage(query);
    if (message.kind === "malformed") {
      return once(writeReply({ header, questions: [], opt: undefined }, rcode.FORMERR));
    }
    const question = message.questions[0];
    const refusal = refuse(message);
    if (refusal !== undefined || question === undefined) {
      return once(writeReply(message, refusal ?? rcode.FORMERR));
    }
    const served = this.#choose(question);
    if (served === undefined) return once(writeReply(message, rcode.REFUSED));
    return answer(served, message, transport);
  }

  /** The zone nearest above a name; of a cut's two zones the upper one knows the DS set. */
  #choose(question: Question): Served | undefined {
    let nearest: Served | undefined;
    let nearestAbove: Served | undefined;
    this.#made ??= this.#make();
    for (const served of this.#made) {
      const { origin } = served.zone;
      if (!isAtOrUnder(question.name, origin)) continue;
      if (isLonger(origin, nearest)) nearest = served;
      if (!nameEqual(origin, question.name) && isLonger(origin, nearestAbove)) {
        nearestAbove = served;
      }
    }
    return question.type === rrType.DS ? (nearestAbove ?? nearest) : nearest;
  }
}

function isLonger(origin: Name, than: Served | undefined): boolean {
  return than === undefined || origin.length > than.zone.origin.length;
}

function once(message: Uint8Array): Sent {
  return { delayMs: 0, messages: [message] };
}

/** The RCODE for what no authority answers, or undefined for a plain question. */
function refuse(message: Message): number | undefined {
  if (message.header.opcode !== opcode.QUERY) return rcode.NOTIMP;
  const { questions, answer: answers, authority, opt } = message;
  if (questions.length !== 1 || answers.length > 0 || authority.length > 0) return rcode.FORMERR;
  if (opt !== undefined && opt.version > 0) return rcode.BADVERS;
  const { type, class: rrclass } = questions[0]!;
  if (rrclass !== rrClass.IN) return rcode.REFUSED;
  return type === rrType.AXFR || type === rrType.IXFR ? rcode.REFUSED : undefined;
}

function answer({ zone, behaviours }: Served, asked: Message, transport: Transport): Sent {
  const manner = mannerOf(behaviours, asked, transport);
  if (manner.isSilent) return SILENCE;
  const { message, delayMs } = manner;
  if (manner.rcode !== undefined) {
    const bytes = writeReply({ ...message, opt: undefined }, manner.rcode);
    return { delayMs, messages: [bytes] };
  }
  if (manner.isTruncated) {
    return { delayMs, messages: [writeReply(message, rcode.NOERROR, flag.aa | flag.tc)] };
  }
  const told = tellBent(behaviours, zone, message.questions[0]!);
  const isWhole = transport === "tcp" || manner.isOversize;
  const bytes = writeTold(message, told, isWhole ? BYTES_MAX : udpBytesMax(message.opt));
  return { delayMs, messages: sentFor(behaviours, bytes) };
}

function udpBytesMax(opt: Opt | undefined): number {
  if (opt === undefined) return UDP_BYTES_MIN;
  return Math.min(Math.max(opt.udpSize, UDP_BYTES_MIN), UDP_BYTES_MAX);
}

type Asked = Pick<Message, "header" | "questions" | "opt">;

/** The flags of a reply: opcode and RD are the query's; AD and CD are cleared (RFC 4035 §3.1.6). */
function replyFlags(asked: Asked, code: number): number {
  const { flags } = asked.header;
  return flag.qr | opcodeBits(asked.header.opcode) | (flags & flag.rd) | (code & 0xf);
}

/** A reply without records: question, flags, and an OPT record where the query had one. */
function writeReply(asked: Asked, code: number, flags = 0): Uint8Array {
  const out = new Uint8Array(BYTES_MAX);
  const writer = new MessageWriter(out);
  for (const question of asked.questions) writer.question(question);
  if (asked.opt !== undefined) writer.opt(ownOpt(asked.opt, code));
  return out.slice(0, writer.finish(asked.header.id, replyFlags(asked, code) | flags));
}

function ownOpt(asked: Opt, code: number): Opt {
  return {
    udpSize: UDP_BYTES_MAX,
    extendedRcode: code >>> 4,
    version: 0,
    dnssecOk: asked.dnssecOk,
    options: [],
  };
}

/**
 * The answer whole, or TC and no records where what is needed does not fit (RFC 2181 §9).
 *
 * The OPT record comes before the additional ones, so that these never take its room.
 */
function writeTold(asked: Message, told: Told, sizeMax: number): Uint8Array {
  const out = new Uint8Array(sizeMax);
  const writer = new MessageWriter(out);
  writer.question(asked.questions[0]!);
  const isSigned = asked.opt?.dnssecOk === true;
  const authority = isSigned ? [...told.authority, ...told.proof] : told.authority;
  let fits = true;
  for (const set of told.answer) fits &&= writeSet(writer, "answer", set, isSigned);
  for (const set of authority) fits &&= writeSet(writer, "authority", set, isSigned);
  if (asked.opt !== undefined) fits &&= writer.opt(ownOpt(asked.opt, told.rcode));
  const aa = told.authoritative ? flag.aa : 0;
  if (!fits) return writeReply(asked, told.rcode, aa | flag.tc);
  for (const set of new Set(told.additional)) {
    if (sizeOf(set) <= writer.room) writeSet(writer, "additional", set, isSigned);
    else fits = false;
  }
  // Without its glue a referral may lead nowhere (RFC 9471 §3); other additions are favours.
  const tc = !fits && told.isReferral ? flag.tc : 0;
  const flags = replyFlags(asked, told.rcode) | aa | tc;
  return out.slice(0, writer.finish(asked.header.id, flags));
}

/** How many bytes a set takes at most, signatures included. */
function sizeOf(set: RecordSet): number {
  const rdatas = [...set.rdatas, ...set.signatures];
  return rdatas.reduce((sum, rdata) => sum + set.name.length + 10 + rdata.length, 0);
}

function writeSet(
  writer: MessageWriter,
  section: SectionName,
  set: RecordSet,
  isSigned: boolean,
): boolean {
  const { name, type, class: rrclass, ttl } = set;
  let fits = true;
  for (const rdata of set.rdatas) {
    fits &&= writer.record(section, name, type, rrclass, ttl, rdata);
  }
  if (!isSigned) return fits;
  for (const rdata of set.signatures) {
    fits &&= writer.record(section, name, rrType.RRSIG, rrclass, ttl, rdata);
  }
  return fits;
}
