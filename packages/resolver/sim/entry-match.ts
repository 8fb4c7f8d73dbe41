/** Matches questions with the entries of a scenario, and makes messages from entries. */
import { rrType } from "@lethe/wire/codes.ts";
import { equalBytes, setU16 } from "@lethe/wire/bytes.ts";
import { type EdnsOption, readOpt } from "@lethe/wire/edns.ts";
import { flag, opcodeOf } from "@lethe/wire/header.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import { type Question, questionEqual } from "@lethe/wire/question.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { assert } from "../src/base/assert.ts";
import type { Entry } from "./entry.ts";
import type { Dialect } from "./scenario.ts";

/** UDP payload size that mocks write into the OPT records of their replies. */
const MOCK_UDP_BYTES = 1232;

const MESSAGE_BYTES_MAX = 65535;

/** Says whether an upstream question is what an entry waits for. */
export function matchesEntry(query: Message, transport: "udp" | "tcp", entry: Entry): boolean {
  const asked = query.questions[0];
  for (const word of entry.match) {
    if (!matchesWord(word, query, asked, transport, entry)) return false;
  }
  return true;
}

function matchesWord(
  word: string,
  query: Message,
  asked: Question | undefined,
  transport: "udp" | "tcp",
  entry: Entry,
): boolean {
  const wanted = entry.question;
  switch (word) {
    case "opcode":
      return query.header.opcode === opcodeOf(entry.flags);
    case "qtype":
      return asked?.type === wanted?.type;
    case "qname":
      return both(asked, wanted, (a, b) => nameEqual(a.name, b.name));
    case "qcase":
      return both(asked, wanted, (a, b) => equalBytes(a.name, b.name));
    case "subdomain":
      return both(asked, wanted, (a, b) => isAtOrUnder(a.name, b.name));
    case "question":
      return both(asked, wanted, questionEqual);
    case "all":
      // What an upstream question holds beside its question and flags is Lethe's own choice.
      return both(asked, wanted, questionEqual);
    case "flags":
      return ((query.header.flags ^ entry.flags) & (flag.rd | flag.cd)) === 0;
    case "rcode":
      return fullRcode(query) === entry.rcode;
    case "DO":
      return query.opt?.dnssecOk === true;
    case "noedns":
      return query.opt === undefined;
    case "ednsdata":
      return sameOptions(query.opt?.options ?? [], entry.ednsData ?? new Uint8Array());
    case "UDP":
    case "TCP":
      return transport === word.toLowerCase();
    case "answer":
    case "authority":
    case "additional":
      return query[word].length === entry[word].length;
    case "ttl":
      return true;
    default:
      throw new Error("the reader lets only words through that are known here");
  }
}

function both<T>(a: T | undefined, b: T | undefined, equal: (a: T, b: T) => boolean): boolean {
  return a !== undefined && b !== undefined && equal(a, b);
}

function sameOptions(options: readonly EdnsOption[], data: Uint8Array): boolean {
  const wanted = optionsOf(data);
  return (
    options.length === wanted.length &&
    options.every((one, i) => one.code === wanted[i]!.code && equalBytes(one.data, wanted[i]!.data))
  );
}

function optionsOf(data: Uint8Array): readonly EdnsOption[] {
  return readOpt(0, 0, data)?.options ?? [];
}

/**
 * The reply that an entry gives to an upstream question.
 *
 * The question's letter case is folded to what was asked: mocks of other resolvers know nothing
 * of random letter case. Deckard's mock answers over sockets: its replies have the id that the
 * entry gives them, and an OPT record where the question has one. Unbound's hands its replies to
 * whoever asked, whatever their id.
 */
export function replyOf(entry: Entry, query: Message, dialect: Dialect): Uint8Array {
  const mirrorsEdns = dialect === "deckard";
  const keepsId = dialect === "unbound" || entry.adjust.has("copy_id");
  if (entry.raw !== undefined) {
    const raw = entry.raw.slice();
    if (raw.length >= 2 && !entry.adjust.has("raw_id")) setU16(raw, 0, query.header.id);
    return raw;
  }
  const asked = query.questions[0];
  let { question } = entry;
  if (entry.adjust.has("copy_query")) question = asked;
  if (asked !== undefined && question !== undefined && questionEqual(asked, question)) {
    question = asked;
  }
  const options = entry.ednsData === undefined ? [] : optionsOf(entry.ednsData);
  const hasOpt = entry.dnssecOk || options.length > 0 || (mirrorsEdns && query.opt !== undefined);
  const dnssecOk = mirrorsEdns ? query.opt?.dnssecOk === true : entry.dnssecOk;
  return writeMessage({
    id: keepsId ? query.header.id : 0,
    flags: entry.flags | (entry.rcode & 0xf),
    extendedRcode: entry.rcode >>> 4,
    question,
    sections: withSignaturesBeside(entry),
    edns: hasOpt ? { dnssecOk, options } : undefined,
  });
}

/**
 * The sections with each signature in the section of what it covers.
 *
 * Some files have them elsewhere, as no server sends them; Unbound's reader of replies looks
 * through all sections.
 */
function withSignaturesBeside(entry: Entry): Sections {
  const names = ["answer", "authority", "additional"] as const;
  const homeOf = (signature: ResourceRecord): (typeof names)[number] | undefined =>
    names.find((section) =>
      entry[section].some(
        (one) => one.type === coveredType(signature.rdata) && nameEqual(one.name, signature.name),
      ),
    );
  const strays = names.flatMap((from) =>
    entry[from].flatMap((record) => {
      if (record.type !== rrType.RRSIG) return [];
      const to = homeOf(record);
      return to === undefined || to === from ? [] : [{ record, to }];
    }),
  );
  if (strays.length === 0) return entry;
  const moved = new Set(strays.map((stray) => stray.record));
  const section = (name: (typeof names)[number]): readonly ResourceRecord[] => [
    ...entry[name].filter((record) => !moved.has(record)),
    ...strays.filter((stray) => stray.to === name).map((stray) => stray.record),
  ];
  return {
    answer: section("answer"),
    authority: section("authority"),
    additional: section("additional"),
  };
}

/** The question that a client of the scenario asks. */
export function queryOf(entry: Entry, id: number): Uint8Array {
  if (entry.raw !== undefined) return entry.raw;
  const options = entry.ednsData === undefined ? [] : optionsOf(entry.ednsData);
  const hasOpt = entry.dnssecOk || options.length > 0;
  return writeMessage({
    id,
    flags: entry.flags | (entry.rcode & 0xf),
    extendedRcode: 0,
    question: entry.question,
    sections: entry,
    edns: hasOpt ? { dnssecOk: entry.dnssecOk, options } : undefined,
  });
}

interface Sections {
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

interface Parts {
  readonly id: number;
  readonly flags: number;
  readonly extendedRcode: number;
  readonly question: Question | undefined;
  readonly sections: Sections;
  readonly edns:
    | { readonly dnssecOk: boolean; readonly options: readonly EdnsOption[] }
    | undefined;
}

const nothing: Sections = { answer: [], authority: [], additional: [] };

/** A plain reply made for a question that no entry of the file answers. */
export function plainReply(
  query: Message,
  flags: number,
  answer: readonly ResourceRecord[],
): Uint8Array {
  return writeMessage({
    id: query.header.id,
    flags: flags | flag.qr,
    extendedRcode: 0,
    question: query.questions[0],
    sections: { ...nothing, answer },
    edns: query.opt === undefined ? undefined : { dnssecOk: query.opt.dnssecOk, options: [] },
  });
}

function writeMessage(parts: Parts): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES_MAX);
  const writer = new MessageWriter(bytes);
  if (parts.question !== undefined) writer.question(parts.question);
  for (const section of ["answer", "authority", "additional"] as const) {
    for (const { name, type, class: rrclass, ttl, rdata } of parts.sections[section]) {
      if (type === rrType.OPT) continue;
      assert(writer.record(section, name, type, rrclass, ttl, rdata), "an entry fits a message");
    }
  }
  if (parts.edns !== undefined) {
    const { extendedRcode } = parts;
    writer.opt({ udpSize: MOCK_UDP_BYTES, extendedRcode, version: 0, ...parts.edns });
  }
  return bytes.slice(0, writer.finish(parts.id, parts.flags));
}
