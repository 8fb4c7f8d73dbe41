/**
 * From an outcome to a packed answer: what one question gets, in the form for DO=0 or DO=1.
 *
 * Signatures, and the records that prove a denial, go only to those who set DO, or who asked for
 * their type (RFC 4035 §3.2.1). The body is compressed against the question that stands before it.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { MessageWriter, type SectionName } from "@lethe/wire/writer.ts";
import type { ExtendedError } from "../cache/failed.ts";
import { noRotation, packAnswer } from "../cache/packed-answer.ts";
import { explain } from "./explain.ts";
import type { Answered, Outcome } from "./outcome.ts";

/** Bounds on TTLs as clients see them, in seconds. */
export interface TtlBounds {
  readonly minS: number;
  readonly maxS: number;
  readonly negativeMaxS: number;
}

const scratch = new Uint8Array(65535);

/** Packs an outcome for one question. */
export function compose(
  outcome: Outcome,
  question: Question,
  dnssecOk: boolean,
  bounds: TtlBounds,
): Uint8Array {
  if (outcome.kind === "failed") {
    const { rcode: code, errors } = explain(outcome);
    return composeStatus(code, errors, outcome.ttlS);
  }
  const isNegative = outcome.authority.length > 0 && outcome.answer.length === 0;
  const maxS = isNegative ? Math.min(bounds.maxS, bounds.negativeMaxS) : bounds.maxS;
  const ttlS = outcome.ttlS === 0 ? 0 : Math.min(Math.max(outcome.ttlS, bounds.minS), maxS);
  return composeAnswer(outcome, question, dnssecOk, Number.isFinite(ttlS) ? ttlS : 0, bounds);
}

/** Packs an answer without records: an RCODE, and why. */
export function composeStatus(
  code: number,
  errors: readonly ExtendedError[],
  ttlS = 0,
): Uint8Array {
  return packAnswer({
    ttlS,
    flags: flag.qr | flag.ra,
    rcode: code,
    counts: [0, 0, 0],
    body: new Uint8Array(0),
    ttlPlaces: [],
    rotation: noRotation,
    errors,
  });
}

function composeAnswer(
  outcome: Answered,
  question: Question,
  dnssecOk: boolean,
  ttlS: number,
  bounds: TtlBounds,
): Uint8Array {
  const writer = new MessageWriter(scratch);
  writer.question(question);
  const bodyAt = writer.length;
  const form: Form = { writer, question, dnssecOk, bounds, ttlMaxS: Number.POSITIVE_INFINITY };
  const places: number[] = [];
  const answer = writeSection(form, "answer", outcome.answer, places);
  const rotation = rotationOf(outcome.answer.at(-1), answer.lastSetAt, writer.length, bodyAt, form);
  // A denial lasts as long as the lesser of its SOA's TTL and last field (RFC 2308 §5).
  const authorityForm = { ...form, ttlMaxS: outcome.ttlS };
  const authority = writeSection(authorityForm, "authority", outcome.authority, places);
  if (!answer.fits || !authority.fits) return composeStatus(rcode.SERVFAIL, [], 0);
  return packAnswer({
    ttlS,
    flags: flag.qr | flag.ra | (outcome.verdict === "secure" ? flag.ad : 0),
    rcode: outcome.rcode,
    counts: [answer.count, authority.count, 0],
    body: scratch.slice(bodyAt, writer.length),
    ttlPlaces: places.map((place) => place - bodyAt),
    rotation,
    errors: outcome.errors,
  });
}

/** How an answer is written down. */
interface Form {
  readonly writer: MessageWriter;
  readonly question: Question;
  readonly dnssecOk: boolean;
  readonly bounds: TtlBounds;
  readonly ttlMaxS: number;
}

interface Section {
  readonly count: number;
  /** Where the last set begins in the message. */
  readonly lastSetAt: number;
  readonly fits: boolean;
}

function writeSection(
  form: Form,
  section: SectionName,
  sets: readonly RecordSet[],
  places: number[],
): Section {
  let count = 0;
  let lastSetAt = form.writer.length;
  let fits = true;
  const write = (name: Name, type: number, set: RecordSet, rdata: Uint8Array): void => {
    const bounded = Math.min(Math.max(set.ttl, form.bounds.minS), form.bounds.maxS);
    const ttlS = Math.min(bounded, form.ttlMaxS);
    fits &&= form.writer.record(section, name, type, set.class, ttlS, rdata, places);
    count++;
  };
  for (const set of sets) {
    if (!isWanted(set, form)) continue;
    lastSetAt = form.writer.length;
    for (const rdata of set.rdatas) write(set.name, set.type, set, rdata);
    if (!form.dnssecOk) continue;
    for (const rdata of set.signatures) write(set.name, rrType.RRSIG, set, rdata);
  }
  return { count, lastSetAt, fits };
}

/** Proofs and signatures are for those who asked for them. */
function isWanted(set: RecordSet, form: Form): boolean {
  if (form.dnssecOk || set.type === form.question.type) return true;
  return set.type !== rrType.NSEC && set.type !== rrType.NSEC3;
}

/** The last set may be rotated where its records are alike in size and nothing follows in it. */
function rotationOf(
  set: RecordSet | undefined,
  at: number,
  end: number,
  bodyAt: number,
  form: Form,
): { at: number; records: number; bytes: number } {
  const records = set?.rdatas.length ?? 0;
  const hasSignatures = form.dnssecOk && (set?.signatures.length ?? 0) > 0;
  if (set === undefined || records < 2 || records > 255 || hasSignatures) return noRotation;
  if (set.type !== rrType.A && set.type !== rrType.AAAA) return noRotation;
  const bytes = (end - at) / records;
  // The first record holds what the others point at where the owner is no pointer by itself.
  const isPointer = scratch[at]! >= 0xc0;
  return Number.isInteger(bytes) && isPointer ? { at: at - bodyAt, records, bytes } : noRotation;
}
