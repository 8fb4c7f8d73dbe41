/**
 * A whole message as objects: what the slow lane, the sandbox and the tools work with.
 *
 * The fast lane never builds one. Parsing is strict about structure (a record that leaves the
 * message, a pointer that points forward, an OPT where none may be) and silent about meaning.
 */
import { getU16, getU32 } from "./bytes.ts";
import { rrType } from "./codes.ts";
import { type Opt, readOpt } from "./edns.ts";
import { HEADER_BYTES, type Header, countAt, readHeader } from "./header.ts";
import { wireLimits } from "./limits.ts";
import { type NameAt, readName } from "./name.ts";
import type { Question } from "./question.ts";
import { readRdata } from "./rdata-names.ts";
import type { ResourceRecord } from "./record.ts";

/** A message that was read whole. The OPT record stands apart, not among the additional ones. */
export interface Message {
  readonly kind: "message";
  readonly header: Header;
  readonly questions: readonly Question[];
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly opt: Opt | undefined;
  /** Bytes behind the last record; honest senders leave none. */
  readonly trailingBytes: number;
}

/** Why bytes are not a message. */
export type Malformation =
  | "short-header"
  | "bad-question"
  | "bad-record"
  | "bad-rdata"
  | "bad-opt"
  | "two-opts"
  | "too-many-pointers"
  | "too-much-expansion";

export interface Malformed {
  readonly kind: "malformed";
  readonly why: Malformation;
}

interface Cursor {
  at: number;
  pointers: number;
  expandedBytes: number;
}

const POINTERS_MAX = wireLimits.pointersPerMessageMax.value;
const EXPANDED_MAX = wireLimits.expandedBytesMax.value;

/**
 * Reads a message, or says why it is none. Input is hostile: never throws.
 *
 * Names and RDATA are copies, so the message's bytes may be reused at once.
 */
export function readMessage(bytes: Uint8Array): Message | Malformed {
  if (bytes.length < HEADER_BYTES) return malformed("short-header");
  const cursor: Cursor = { at: HEADER_BYTES, pointers: 0, expandedBytes: 0 };
  let questions: Question[] | undefined;
  for (let left = getU16(bytes, countAt.question); left > 0; left--) {
    const question = readQuestion(bytes, cursor);
    if (question === undefined) return malformed("bad-question");
    const bomb = bombIn(cursor);
    if (bomb !== undefined) return malformed(bomb);
    if (questions === undefined) questions = [question];
    else questions.push(question);
  }
  const answer = readSection(bytes, cursor, getU16(bytes, countAt.answer));
  if (!Array.isArray(answer)) return malformed(answer);
  const authority = readSection(bytes, cursor, getU16(bytes, countAt.authority));
  if (!Array.isArray(authority)) return malformed(authority);
  const additional = readSection(bytes, cursor, getU16(bytes, countAt.additional));
  if (!Array.isArray(additional)) return malformed(additional);
  let opt: Opt | undefined;
  for (let i = 0; i < additional.length;) {
    const record = additional[i]!;
    if (record.type !== rrType.OPT) {
      i++;
      continue;
    }
    if (opt !== undefined) return malformed("two-opts");
    if (record.name.length !== 1) return malformed("bad-opt");
    opt = readOpt(record.class, record.ttl, record.rdata);
    if (opt === undefined) return malformed("bad-opt");
    // Mostly it stands last.
    if (i === additional.length - 1) additional.pop();
    else additional.splice(i, 1);
  }
  if (hasOpt(answer) || hasOpt(authority)) return malformed("bad-opt");
  return {
    kind: "message",
    header: readHeader(bytes),
    questions: questions ?? [],
    answer,
    authority,
    additional,
    opt,
    trailingBytes: bytes.length - cursor.at,
  };
}

/** The twelve bits of a message's RCODE: the header's four and the OPT record's eight. */
export function fullRcode(message: Message): number {
  return message.header.rcode | ((message.opt?.extendedRcode ?? 0) << 4);
}

function hasOpt(section: readonly ResourceRecord[]): boolean {
  return section.some((record) => record.type === rrType.OPT);
}

function malformed(why: Malformation): Malformed {
  return { kind: "malformed", why };
}

/** Why what was read so far is a compression bomb, or undefined where it is none. */
function bombIn(cursor: Cursor): Malformation | undefined {
  if (cursor.pointers > POINTERS_MAX) return "too-many-pointers";
  return cursor.expandedBytes > EXPANDED_MAX ? "too-much-expansion" : undefined;
}

function readQuestion(bytes: Uint8Array, cursor: Cursor): Question | undefined {
  const found = readName(bytes, cursor.at);
  if (found === undefined || found.next + 4 > bytes.length) return undefined;
  cursor.at = found.next + 4;
  cursor.pointers += found.pointers;
  cursor.expandedBytes += found.name.length;
  return {
    name: found.name,
    type: getU16(bytes, found.next),
    class: getU16(bytes, found.next + 2),
  };
}

/**
 * Says whether a name that is no more than a pointer stands at `at` and at `before` alike.
 *
 * PERF: the owners of a set's records mostly are, and then share one name.
 */
function isSamePointer(bytes: Uint8Array, at: number, before: number): boolean {
  return bytes[at]! >= 0xc0 && bytes[at] === bytes[before] && bytes[at + 1] === bytes[before + 1];
}

/**
 * PERF: an array that begins with its first record takes one place for it, an empty one seventeen.
 */
function readSection(
  bytes: Uint8Array,
  cursor: Cursor,
  count: number,
): ResourceRecord[] | Malformation {
  if (count === 0) return [];
  let records: ResourceRecord[] | undefined;
  let owner: NameAt | undefined;
  let ownerAt = 0;
  for (let left = count; left > 0; left--) {
    const { at } = cursor;
    owner =
      owner !== undefined && isSamePointer(bytes, at, ownerAt)
        ? { name: owner.name, next: at + 2, pointers: owner.pointers }
        : readName(bytes, at);
    ownerAt = at;
    if (owner === undefined || owner.next + 10 > bytes.length) return "bad-record";
    const type = getU16(bytes, owner.next);
    const rrclass = getU16(bytes, owner.next + 2);
    const ttl = getU32(bytes, owner.next + 4);
    const start = owner.next + 10;
    const end = start + getU16(bytes, owner.next + 8);
    if (end > bytes.length) return "bad-record";
    const data = readRdata(bytes, type, rrclass, start, end);
    if (data === undefined) return "bad-rdata";
    cursor.at = end;
    cursor.pointers += owner.pointers + data.pointers;
    cursor.expandedBytes += owner.name.length + data.rdata.length;
    const bomb = bombIn(cursor);
    if (bomb !== undefined) return bomb;
    const record: ResourceRecord = {
      name: owner.name,
      type,
      class: rrclass,
      ttl: type !== rrType.OPT && ttl > 0x7fffffff ? 0 : ttl,
      rdata: data.rdata,
    };
    if (records === undefined) records = [record];
    else records.push(record);
  }
  return records ?? [];
}
