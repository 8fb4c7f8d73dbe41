/**
 * From an outcome to a packed answer: what one question gets, in the form for DO=0 or DO=1.
 *
 * Signatures, and the records that prove a denial, go only to those who set DO, or who asked for
 * their type (RFC 4035 §3.2.1). The body is compressed against the question that stands before it.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { wireLimits } from "@lethe/wire/limits.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { MessageWriter, type SectionName } from "@lethe/wire/writer.ts";
import { resolutionReasons, tell } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import type { ExtendedError } from "../cache/failed.ts";
import { type Rotation, noRotation, packAnswer } from "../cache/packed-answer.ts";
import { explain } from "./explain.ts";
import type { Answered, Outcome } from "./outcome.ts";

const scratch = new Uint8Array(wireLimits.messageBytesMax.value);
const ERRORS_MAX = limits.answerErrorsMax.value;
/** Records that a rotated set may have: their number is kept in a byte. */
const ROTATED_MAX = 255;

/** Bounds in seconds within which clients see TTLs. */
export interface TtlBounds {
  readonly minS: number;
  readonly maxS: number;
}

/** Bounds of what this server knows by itself. */
export const noBounds: TtlBounds = { minS: 0, maxS: Number.POSITIVE_INFINITY };

/**
 * Packs an outcome for one question, for DO=0 or DO=1, with TTLs within bounds.
 *
 * `aa` is set for what this server knows of itself. A message beyond 65535 bytes is SERVFAIL.
 */
export function compose(
  outcome: Outcome,
  question: Question,
  dnssecOk: boolean,
  bounds: TtlBounds,
  aa = false,
): Uint8Array {
  if (outcome.kind === "answered") {
    return composeAnswer(outcome, { question, dnssecOk, bounds, aa }) ?? tooLong;
  }
  const { rcode: code, errors } = explain(outcome);
  return composeStatus(code, errors, outcome.ttlS);
}

/** Packs an answer without records: an RCODE, and why. */
export function composeStatus(
  code: number,
  errors: readonly ExtendedError[],
  ttlS = 0,
  flags: number = flag.qr | flag.ra,
): Uint8Array {
  return packAnswer({
    ttlS,
    flags,
    rcode: code,
    counts: [0, 0, 0],
    body: new Uint8Array(0),
    ttlPlaces: [],
    rotation: noRotation,
    errors: errors.slice(0, ERRORS_MAX),
  });
}

const tooLong = composeStatus(rcode.SERVFAIL, [tell(resolutionReasons.tooLong, {})]);

/** For whom an answer is written. */
interface Form {
  readonly question: Question;
  readonly dnssecOk: boolean;
  readonly bounds: TtlBounds;
  readonly aa: boolean;
}

function composeAnswer(outcome: Answered, form: Form): Uint8Array | undefined {
  const writer = new MessageWriter(scratch);
  writer.question(form.question);
  const bodyAt = writer.length;
  const places: number[] = [];
  const answer = writeSection(writer, "answer", outcome.answer, form, places);
  // A denial lasts as long as the lesser of its SOA's TTL and last field (RFC 2308 §5).
  const ttlS = within(outcome.ttlS, form.bounds);
  const proof = { ...form, bounds: { minS: 0, maxS: ttlS } };
  const authority = writeSection(writer, "authority", outcome.authority, proof, places);
  if (!answer.fits || !authority.fits) return undefined;
  const hasRecords = answer.count + authority.count > 0;
  const isSecure = outcome.verdict === "secure";
  return packAnswer({
    ttlS: hasRecords ? ttlS : 0,
    flags: flag.qr | flag.ra | (isSecure ? flag.ad : 0) | (form.aa ? flag.aa : 0),
    rcode: outcome.rcode,
    counts: [answer.count, authority.count, 0],
    body: scratch.slice(bodyAt, writer.length),
    ttlPlaces: places.map((place) => place - bodyAt),
    rotation: rotationOf(outcome.answer.at(-1), answer, bodyAt),
    errors: outcome.errors.slice(0, ERRORS_MAX),
  });
}

function within(ttlS: number, { minS, maxS }: TtlBounds): number {
  return Math.min(Math.max(ttlS, minS), maxS);
}

interface Section {
  readonly count: number;
  /** Where the records of the last set begin and end in the message, its signatures left out. */
  readonly lastAt: number;
  readonly lastEnd: number;
  readonly fits: boolean;
}

function writeSection(
  writer: MessageWriter,
  section: SectionName,
  sets: readonly RecordSet[],
  form: Form,
  places: number[],
): Section {
  let count = 0;
  let lastAt = writer.length;
  let lastEnd = lastAt;
  let fits = true;
  const write = (set: RecordSet, type: number, rdata: Uint8Array): void => {
    const ttlS = within(set.ttl, form.bounds);
    fits &&= writer.record(section, set.name, type, set.class, ttlS, rdata, places);
    count++;
  };
  for (const set of sets) {
    if (!isWanted(set, form)) continue;
    lastAt = writer.length;
    for (const rdata of set.rdatas) write(set, set.type, rdata);
    lastEnd = writer.length;
    if (!form.dnssecOk) continue;
    for (const signature of set.signatures) write(set, rrType.RRSIG, signature);
  }
  return { count, lastAt, lastEnd, fits };
}

/** Says whether a set goes to this client: proofs are for those who asked for them. */
function isWanted(set: RecordSet, { dnssecOk, question }: Form): boolean {
  if (dnssecOk || set.type === question.type) return true;
  return set.type !== rrType.NSEC && set.type !== rrType.NSEC3;
}

/**
 * Where the last set of the answer may be rotated: addresses whose records are alike in size.
 *
 * The owner must be a pointer in the first record too: else the others point into it.
 */
function rotationOf(set: RecordSet | undefined, section: Section, bodyAt: number): Rotation {
  const records = set?.rdatas.length ?? 0;
  const isAddress = set?.type === rrType.A || set?.type === rrType.AAAA;
  if (!isAddress || records < 2 || records > ROTATED_MAX) return noRotation;
  const { lastAt, lastEnd } = section;
  const bytes = (lastEnd - lastAt) / records;
  const isPointer = scratch[lastAt]! >= 0xc0;
  return Number.isInteger(bytes) && isPointer
    ? { at: lastAt - bodyAt, records, bytes }
    : noRotation;
}
