/**
 * Zones as text: the master files of RFC 1035 §5.
 *
 * Read are `$ORIGIN`, `$TTL` (RFC 2308 §4), owners, TTLs and classes that are left out, and entries
 * that parentheses stretch over lines. `$INCLUDE` and BIND's `$GENERATE` are refused.
 */
import { classFromText, typeFromText } from "./codes-text.ts";
import { getU32 } from "./bytes.ts";
import { rrClass, rrType } from "./codes.ts";
import type { Name } from "./name.ts";
import { nameFromText } from "./name-text.ts";
import { rdataFromTokens } from "./rdata-text.ts";
import type { ResourceRecord } from "./record.ts";
import { type Entry, type Scan, type Token, nextEntry } from "./text-token.ts";
import { ttlFromText } from "./ttl-text.ts";

/** Characters of a word that an error shows. */
const SHOWN_MAX = 64;

export interface ZoneFileOptions {
  /** The origin that relative names take until the file says another. */
  readonly origin: Name;
  /** The TTL of records that have none, where the file says none either. Seconds. */
  readonly ttlS?: number;
  /** The class of records that have none; IN where absent. */
  readonly class?: number;
}

/** The records of a zone file, in its order. */
export interface ZoneRecords {
  readonly records: readonly ResourceRecord[];
}

/** Why a text is no zone file, and in which line, counted from 1. */
export interface ZoneError {
  readonly kind: "zone-error";
  readonly line: number;
  readonly why: string;
}

interface ZoneState {
  origin: Name;
  owner: Name | undefined;
  class: number;
  /** Of `$TTL`. */
  defaultTtlS: number | undefined;
  /** The TTL of the record before; what a record without one takes where `$TTL` is absent. */
  lastTtlS: number | undefined;
  /** Of the options, for records that neither the file nor a record before gives one. */
  fallbackTtlS: number | undefined;
}

/** Reads a zone file, or says why it is none. */
export function readZoneFile(text: string, options: ZoneFileOptions): ZoneRecords | ZoneError {
  const scan: Scan = { text, at: 0, line: 1 };
  const state: ZoneState = {
    origin: options.origin,
    owner: undefined,
    class: options.class ?? rrClass.IN,
    defaultTtlS: undefined,
    lastTtlS: undefined,
    fallbackTtlS: options.ttlS,
  };
  const records: ResourceRecord[] = [];
  for (;;) {
    const entry = nextEntry(scan);
    if (entry === undefined) return { records };
    if (entry.kind === "text-error") return { kind: "zone-error", line: scan.line, why: entry.why };
    const first = entry.tokens[0]!;
    const isDirective = !entry.isIndented && !first.quoted && first.text.startsWith("$");
    const found = isDirective ? obey(entry, state) : readRecord(entry, state);
    if (typeof found === "string") return { kind: "zone-error", line: entry.line, why: found };
    if (found !== undefined) records.push(found);
  }
}

/** Does what a directive says; the reason where it cannot. */
function obey(entry: Entry, state: ZoneState): string | undefined {
  const [directive, argument, ...more] = entry.tokens.map((token) => token.text);
  const word = directive!.toUpperCase();
  if (word === "$INCLUDE") return "$INCLUDE is not followed: a zone is one file here";
  if (word !== "$ORIGIN" && word !== "$TTL") return `${shown(word)} is no directive that is known`;
  if (argument === undefined || more.length > 0) return `${word} takes one argument`;
  if (word === "$ORIGIN") {
    const origin = nameFromText(argument, state.origin);
    if (origin === undefined) return `${shown(argument)} is no name`;
    state.origin = origin;
    return undefined;
  }
  state.defaultTtlS = ttlFromText(argument);
  return state.defaultTtlS === undefined ? `${shown(argument)} is no TTL` : undefined;
}

/** A word of the file in quotes, its end left out where it is long. */
function shown(word: string): string {
  return word.length > SHOWN_MAX ? `"${word.slice(0, SHOWN_MAX)}…"` : `"${word}"`;
}

/** Reads an entry that is a record, and remembers its owner, TTL and class for the next. */
function readRecord(entry: Entry, state: ZoneState): ResourceRecord | string {
  let at = 0;
  if (!entry.isIndented) {
    const text = entry.tokens[at++]!.text;
    state.owner = nameFromText(text, state.origin);
    if (state.owner === undefined) return `${shown(text)} is no name`;
  }
  if (state.owner === undefined) return "the first record has no owner";
  let statedTtlS: number | undefined;
  let statedClass: number | undefined;
  for (; at < entry.tokens.length; at++) {
    const { text } = entry.tokens[at]!;
    if (statedTtlS === undefined && /^\d/.test(text)) {
      statedTtlS = ttlFromText(text);
      if (statedTtlS === undefined) return `${shown(text)} is no TTL`;
    } else if (statedClass === undefined && isClass(text, entry.tokens[at + 1]))
      statedClass = classFromText(text);
    else break;
  }
  const type = typeFromText(entry.tokens[at]?.text ?? "");
  if (type === undefined) return `${shown(entry.tokens[at]?.text ?? "")} is no record type`;
  state.class = statedClass ?? state.class;
  return finishRecord(type, entry.tokens.slice(at + 1), statedTtlS, state);
}

/** Says whether a word is a class. `ANY` is a type too, but for where a type follows it. */
function isClass(text: string, next: Token | undefined): boolean {
  if (classFromText(text) === undefined) return false;
  return typeFromText(text) === undefined || typeFromText(next?.text ?? "") !== undefined;
}

function finishRecord(
  type: number,
  tokens: readonly Token[],
  statedTtlS: number | undefined,
  state: ZoneState,
): ResourceRecord | string {
  const rdata = rdataFromTokens(type, tokens, state.origin);
  if (!(rdata instanceof Uint8Array)) return rdata.why;
  const ttl =
    statedTtlS ??
    state.defaultTtlS ??
    state.lastTtlS ??
    state.fallbackTtlS ??
    soaMinimum(type, rdata);
  if (ttl === undefined) return "the record has no TTL, and none was said before";
  state.lastTtlS = ttl;
  return { name: state.owner!, type, class: state.class, ttl, rdata };
}

/** What a SOA record without a TTL takes where nothing else is said: its own last field. */
function soaMinimum(type: number, rdata: Uint8Array): number | undefined {
  return type === rrType.SOA ? getU32(rdata, rdata.length - 4) : undefined;
}
