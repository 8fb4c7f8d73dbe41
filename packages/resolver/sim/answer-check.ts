/**
 * Compares an answer with what a scenario expects, by meaning.
 *
 * Compared are the RCODE, the flags QR RD RA TC AD CD, the question and the answer section as a
 * set; the authority section only where the answer section is empty, and without NS sets, which
 * are a courtesy; the additional section never. TTLs count where `ttl` is asked for. What MATCH
 * does not name is not looked at.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { getU16, toHex } from "@lethe/wire/bytes.ts";
import { classToText, rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { nameKey } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { questionEqual } from "@lethe/wire/question.ts";
import { coveredType, rdataLayout } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import type { Entry } from "./entry.ts";

const FLAGS = { QR: flag.qr, TC: flag.tc, RD: flag.rd, RA: flag.ra, AD: flag.ad, CD: flag.cd };

/** Every difference as a line: `-` what was expected, `+` what came. None: the answer is right. */
export function differences(answer: Message, entry: Entry): string[] {
  const asks = (word: string): boolean => entry.match.has("all") || entry.match.has(word);
  const found: string[] = [];
  const code = fullRcode(answer);
  if (asks("rcode") && code !== entry.rcode) {
    found.push(`-rcode ${rcodeToText(entry.rcode)}`, `+rcode ${rcodeToText(code)}`);
  }
  if (asks("flags")) found.push(...flagDifferences(answer.header.flags, entry.flags));
  found.push(...questionDifferences(answer, entry, asks));
  const withTtl = entry.match.has("ttl");
  if (asks("answer")) found.push(...setDifferences(answer.answer, entry.answer, withTtl));
  const isEmpty = entry.answer.length === 0 && answer.answer.length === 0;
  if (asks("authority") && isEmpty) {
    const own = answer.authority.filter(isNotNs);
    found.push(...setDifferences(own, entry.authority.filter(isNotNs), withTtl));
  }
  return [...found, ...errorDifferences(answer, entry)];
}

function flagDifferences(got: number, wanted: number): string[] {
  return Object.entries(FLAGS).flatMap(([name, bit]) =>
    ((got ^ wanted) & bit) === 0 ? [] : [`${(wanted & bit) === 0 ? "+" : "-"}flag ${name}`],
  );
}

function questionDifferences(
  answer: Message,
  entry: Entry,
  asks: (word: string) => boolean,
): string[] {
  const got = answer.questions[0];
  const wanted = entry.question;
  if (wanted === undefined) return [];
  const isSame =
    got !== undefined &&
    (asks("question")
      ? questionEqual(got, wanted)
      : (!asks("qname") || nameKey(got.name) === nameKey(wanted.name)) &&
        (!asks("qtype") || got.type === wanted.type));
  if (isSame) return [];
  const text = (of: typeof wanted): string =>
    `question ${nameToText(of.name)} ${classToText(of.class)} ${typeToText(of.type)}`;
  return [`-${text(wanted)}`, ...(got === undefined ? [] : [`+${text(got)}`])];
}

function isNotNs(record: ResourceRecord): boolean {
  const type = record.type === rrType.RRSIG ? coveredType(record.rdata) : record.type;
  return type !== rrType.NS;
}

function setDifferences(
  got: readonly ResourceRecord[],
  wanted: readonly ResourceRecord[],
  withTtl: boolean,
): string[] {
  const gotByKey = new Map(got.map((record) => [recordKey(record, withTtl), record]));
  const wantedByKey = new Map(wanted.map((record) => [recordKey(record, withTtl), record]));
  const missing = [...wantedByKey].filter(([key]) => !gotByKey.has(key));
  const extra = [...gotByKey].filter(([key]) => !wantedByKey.has(key));
  return [
    ...missing.map(([, record]) => `-${recordToText(record)}`),
    ...extra.map(([, record]) => `+${recordToText(record)}`),
  ];
}

/** A record as a key: names in it fold, for compression may change their letter case. */
function recordKey(record: ResourceRecord, withTtl: boolean): string {
  const { name, type, class: rrclass, ttl, rdata } = record;
  const data = rdataLayout(type)?.includes("name") === true ? foldedHex(rdata) : toHex(rdata);
  return `${nameKey(name)}/${type}/${rrclass}/${withTtl ? ttl : ""}/${data}`;
}

/** Letters folded everywhere: coarse, but no file has two records that differ only in that. */
function foldedHex(bytes: Uint8Array): string {
  return toHex(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
}

function errorDifferences(answer: Message, entry: Entry): string[] {
  const wanted = entry.extendedError;
  if (wanted === undefined) return [];
  const codes = (answer.opt?.options ?? [])
    .filter((option) => option.code === optionCode.extendedError && option.data.length >= 2)
    .map((option) => getU16(option.data, 0));
  if (wanted === "any" ? codes.length > 0 : codes.includes(wanted)) return [];
  return [`-extended error ${wanted}`, ...codes.map((code) => `+extended error ${code}`)];
}
