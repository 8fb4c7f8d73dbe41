/**
 * ENTRY blocks of scenario files: a message, how a question is matched with it, what is adjusted.
 *
 *   ENTRY_BEGIN
 *   MATCH opcode qtype qname          what must be equal
 *   ADJUST copy_id                    what the reply takes over from the question
 *   REPLY QR AA NOERROR               flags and RCODE, also where the entry is a question
 *   SECTION QUESTION                  then one record a line
 *   www.example.com. IN A
 *   ENTRY_END
 *
 * A keyword that is not in the tables below makes the file unreadable: what is not understood
 * must not pass.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { fromHex } from "@lethe/wire/bytes.ts";
import { flag, opcodeBits } from "@lethe/wire/header.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { rdataFromText } from "@lethe/wire/rdata-text.ts";
import { classFromText, typeFromText } from "@lethe/wire/codes-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";

/** What MATCH may name; the value says which feature it needs that Lethe lacks. */
const MATCH_WORDS: Readonly<Record<string, string | undefined>> = {
  opcode: undefined,
  qtype: undefined,
  qname: undefined,
  qcase: undefined,
  subdomain: undefined,
  question: undefined,
  flags: undefined,
  rcode: undefined,
  answer: undefined,
  authority: undefined,
  additional: undefined,
  all: undefined,
  ttl: undefined,
  DO: undefined,
  noedns: undefined,
  UDP: undefined,
  TCP: undefined,
  ednsdata: undefined,
  server_cookie: "DNS cookies",
};

/** What ADJUST may name, in the same way. */
const ADJUST_WORDS: Readonly<Record<string, string | undefined>> = {
  copy_id: undefined,
  copy_query: undefined,
  raw_id: undefined,
  do_not_answer: undefined,
  copy_ednsdata_assume_clientsubnet: "client subnet",
};

const FLAG_WORDS: Readonly<Record<string, number>> = {
  QR: flag.qr,
  AA: flag.aa,
  TC: flag.tc,
  RD: flag.rd,
  RA: flag.ra,
  AD: flag.ad,
  CD: flag.cd,
};

const OPCODE_WORDS: Readonly<Record<string, number>> = {
  QUERY: 0,
  IQUERY: 1,
  STATUS: 2,
  NOTIFY: 4,
  UPDATE: 5,
};

const RCODE_WORDS: Readonly<Record<string, number>> = rcode;

/** TTL of a record that is written without one: the same in both kinds of files. */
const DEFAULT_TTL_S = 3600;

const SOA_FIELDS = 7;

type EntrySection = "question" | "answer" | "authority" | "additional";

const SECTION_WORDS: Readonly<Record<string, EntrySection>> = {
  QUESTION: "question",
  ANSWER: "answer",
  AUTHORITY: "authority",
  ADDITIONAL: "additional",
};

export interface Entry {
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly match: ReadonlySet<string>;
  /** The Extended DNS Error that the answer must have; "any", or -1 where none is asked for. */
  readonly extendedError: number | "any" | undefined;
  readonly adjust: ReadonlySet<string>;
  readonly flags: number;
  readonly rcode: number;
  readonly dnssecOk: boolean;
  readonly question: Question | undefined;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** EDNS options as bytes; undefined where the entry says nothing of them. */
  readonly ednsData: Uint8Array | undefined;
  /** The whole message as bytes, in place of all above. */
  readonly raw: Uint8Array | undefined;
  /** Features that it needs and Lethe lacks. */
  readonly lacking: readonly string[];
}

/** A file that cannot be understood: its line and what is wrong there. */
export class Unreadable extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(`line ${line}: ${why}`);
    this.line = line;
  }
}

/** One line of a file without its comment and the blanks around it. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Between these, remarks say something too: what stands in files of Unbound. */
const FILE_BEGIN = /^(FILE_BEGIN|AUTOTRUST_FILE)\b/;
const FILE_END = /^(FILE_END|AUTOTRUST_END)\b/;

/** The lines of a file that say something. A `;` inside quotes starts no comment. */
export function meaningfulLines(text: string): Line[] {
  const lines: Line[] = [];
  let isWhole = false;
  for (const [i, raw] of text.split("\n").entries()) {
    if (FILE_END.test(raw)) isWhole = false;
    const bare = (isWhole ? raw : withoutComment(raw)).trim();
    if (bare !== "") lines.push({ number: i + 1, text: bare });
    if (FILE_BEGIN.test(raw)) isWhole = true;
  }
  return lines;
}

function withoutComment(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === ";" && !quoted) return text.slice(0, i);
  }
  return text;
}

/** Takes lines one by one; an end that comes too early is an error of the file. */
export class Lines {
  readonly #lines: readonly Line[];
  #at = 0;
  /** What $ORIGIN and $TTL said last: they hold for the rest of the file. */
  origin: Name = ROOT;
  ttlS = DEFAULT_TTL_S;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  get next(): Line | undefined {
    return this.#lines[this.#at];
  }

  take(): Line {
    const line = this.#lines[this.#at++];
    if (line === undefined) throw new Unreadable(this.#lines.at(-1)?.number ?? 1, "ends too early");
    return line;
  }

  /** Takes a line that is about the file itself; says whether it was one. */
  takeControl(line: Line): boolean {
    const [first, value] = line.text.split(/\s+/);
    if (first === "$TTL") this.ttlS = Number(value);
    else if (first === "$ORIGIN") this.origin = nameOf(value ?? "", this.origin, line.number);
    else return false;
    return true;
  }

  /**
   * The words of the next line where it begins with `first`; undefined, and not taken, otherwise.
   */
  takeIf(first: string): string[] | undefined {
    const words = this.next?.text.split(/\s+/);
    if (words?.[0] !== first) return undefined;
    this.#at++;
    return words;
  }
}

type Draft = {
  -readonly [K in keyof Entry]: Entry[K] extends ReadonlySet<string>
    ? Set<string>
    : Entry[K] extends readonly (infer T)[]
      ? T[]
      : Entry[K];
};

/** Reads an entry from behind its ENTRY_BEGIN to its ENTRY_END. */
export function readEntry(lines: Lines, line: number): Entry {
  const entry: Draft = {
    line,
    match: new Set(),
    extendedError: undefined,
    adjust: new Set(),
    flags: 0,
    rcode: 0,
    dnssecOk: false,
    question: undefined,
    answer: [],
    authority: [],
    additional: [],
    ednsData: undefined,
    raw: undefined,
    lacking: [],
  };
  let section: EntrySection | undefined;
  for (;;) {
    const at = lines.take();
    if (lines.takeControl(at)) continue;
    const [first, ...words] = at.text.split(/\s+/);
    if (first === "ENTRY_END") return entry;
    if (first === "MATCH") readMatch(entry, words, at.number);
    else if (first === "ADJUST") readAdjust(entry, words, at.number);
    else if (first === "REPLY" || first === "FLAGS") readFlags(entry, words, at.number);
    else if (first === "SECTION") section = sectionOf(words, at.number);
    else if (first === "MANDATORY") continue; // the questions that must be asked are Knot's own
    else if (first === "RAW") entry.raw = readRaw(lines, at.number);
    else if (first?.startsWith("HEX_ANSWER_BEGIN") === true)
      entry.raw = readHex(lines, "HEX_ANSWER_END");
    else if (first === "HEX_EDNSDATA_BEGIN") entry.ednsData = readHex(lines, "HEX_EDNSDATA_END");
    else readRecordLine(entry, section, at, lines);
  }
}

function readMatch(entry: Draft, words: readonly string[], line: number): void {
  for (const word of words) {
    const ede = /^ede=(any|\d+)$/.exec(word);
    if (ede !== null) {
      entry.extendedError = ede[1] === "any" ? "any" : Number(ede[1]);
      continue;
    }
    known(MATCH_WORDS, word, "MATCH", line, entry);
    entry.match.add(word);
  }
}

function readAdjust(entry: Draft, words: readonly string[], line: number): void {
  for (const word of words) {
    if (/^sleep=\d+$/.test(word)) continue; // seconds of real time; ours is virtual
    known(ADJUST_WORDS, word, "ADJUST", line, entry);
    entry.adjust.add(word);
  }
}

function known(
  table: Readonly<Record<string, string | undefined>>,
  word: string,
  directive: string,
  line: number,
  entry: Draft,
): void {
  if (!Object.hasOwn(table, word)) throw new Unreadable(line, `${directive} ${word} is unknown`);
  const lacks = table[word];
  if (lacks !== undefined) entry.lacking.push(lacks);
}

function readFlags(entry: Draft, words: readonly string[], line: number): void {
  for (const word of words) {
    if (word === "DO") entry.dnssecOk = true;
    else if (Object.hasOwn(FLAG_WORDS, word)) entry.flags |= FLAG_WORDS[word]!;
    else if (Object.hasOwn(RCODE_WORDS, word)) entry.rcode = RCODE_WORDS[word]!;
    else if (Object.hasOwn(OPCODE_WORDS, word)) entry.flags |= opcodeBits(OPCODE_WORDS[word]!);
    else throw new Unreadable(line, `REPLY ${word} is unknown`);
  }
}

function sectionOf(words: readonly string[], line: number): EntrySection {
  const section = SECTION_WORDS[words[0] ?? ""];
  if (section === undefined) throw new Unreadable(line, `SECTION ${words.join(" ")} is unknown`);
  return section;
}

function readRaw(lines: Lines, line: number): Uint8Array {
  let text = "";
  while (lines.next !== undefined && lines.next.text !== "ENTRY_END") text += lines.take().text;
  return hexBytes(text, line);
}

function readHex(lines: Lines, end: string): Uint8Array {
  let text = "";
  for (;;) {
    const line = lines.take();
    if (line.text === end) return hexBytes(text, line.number);
    text += line.text;
  }
}

function hexBytes(text: string, line: number): Uint8Array {
  const bytes = fromHex(text.replaceAll(/\s+/g, ""));
  if (bytes === undefined) throw new Unreadable(line, "is not hexadecimal");
  return bytes;
}

function readRecordLine(
  entry: Draft,
  section: EntrySection | undefined,
  at: Line,
  { origin, ttlS }: Lines,
): void {
  if (section === undefined) throw new Unreadable(at.number, `"${at.text}" is unknown`);
  const [owner, ...rest] = at.text.split(/\s+/);
  const name = nameOf(owner!, origin, at.number);
  let ttl: number | undefined;
  let rrclass: number | undefined;
  while (rest.length > 0) {
    if (ttl === undefined && /^\d+$/.test(rest[0]!)) ttl = Number(rest.shift());
    else if (rrclass === undefined && classFromText(rest[0]!) !== undefined && rest[0] !== "ANY")
      rrclass = classFromText(rest.shift()!);
    else break;
  }
  if (section === "question" && rrclass === undefined && rest.length > 1) {
    rrclass = classFromText(rest.shift()!);
  }
  const type = typeFromText(rest[0] ?? "");
  if (type === undefined) throw new Unreadable(at.number, `"${rest[0] ?? ""}" is no type`);
  const question: Question = { name, type, class: rrclass ?? 1 };
  if (section === "question") {
    if (rest.length > 1) throw new Unreadable(at.number, "a question has no data");
    entry.question = question;
    return;
  }
  // What stands behind the type is taken from the line as it is: blanks inside quotes count.
  const data = new RegExp(`\\s${rest[0]!}(\\s+|$)(.*)$`).exec(at.text)?.[2] ?? "";
  const rdata = rdataOf(type, data, origin, at.number);
  entry[section].push({ ...question, ttl: ttl ?? ttlS, rdata });
}

function nameOf(text: string, origin: Name, line: number): Name {
  const name = nameFromText(text, origin);
  if (name === undefined) throw new Unreadable(line, `"${text}" is no name`);
  return name;
}

/**
 * Data as bytes. The generic form (RFC 3597 §5) may hold what its type forbids: a hostile reply.
 */
function rdataOf(type: number, text: string, origin: Name, line: number): Uint8Array {
  const generic = /^\\#\s+\d+\s*(.*)$/.exec(text);
  if (generic !== null) return hexBytes(generic[1]!, line);
  // One file writes an SOA with a field too many; Unbound's reader passes over what is left.
  const isLong = type === rrType.SOA && !text.includes("(");
  const read = isLong ? text.split(/\s+/).slice(0, SOA_FIELDS).join(" ") : text;
  const rdata = rdataFromText(type, read, origin);
  if (rdata instanceof Uint8Array) return rdata;
  throw new Unreadable(line, `"${text}" cannot be read as data of its type`);
}
