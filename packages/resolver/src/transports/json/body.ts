/**
 * A DNS message as JSON, in the dialects of 1.1.1.1 and of 8.8.8.8: docs/specs/json.md.
 *
 *   {"Status":0,"TC":false,"RD":true,"RA":true,"AD":true,"CD":false,
 *    "Question":[{"name":"example.com","type":1}],
 *    "Answer":[{"name":"example.com","type":1,"TTL":300,"data":"192.0.2.1"}]}
 *
 * Data stands in presentation format as 1.1.1.1 writes it since 2026-07-28: numbers for algorithms,
 * hexadecimal digits in lower case, no quotes that nothing needs.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { extendedErrorToText } from "@lethe/wire/codes-text.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import type { Dialect } from "./parameters.ts";

/** The message as one line of JSON. */
export function messageJson(message: Message, dialect: Dialect): Uint8Array {
  const { header, questions, answer, authority, additional } = message;
  const has = (bit: number): boolean => (header.flags & bit) !== 0;
  const section = (records: readonly ResourceRecord[]): readonly RecordJson[] | undefined =>
    records.length === 0 ? undefined : records.map((record) => recordJson(record, dialect));
  const json = {
    Status: fullRcode(message),
    TC: has(flag.tc),
    RD: has(flag.rd),
    RA: has(flag.ra),
    AD: has(flag.ad),
    CD: has(flag.cd),
    Question: questions.map(({ name, type }) => ({ name: ownerText(name, dialect), type })),
    Answer: section(answer),
    Authority: section(authority),
    Additional: section(additional),
    ...remarks(message, dialect),
  };
  return Buffer.from(JSON.stringify(json));
}

interface RecordJson {
  readonly name: string;
  readonly type: number;
  readonly TTL: number;
  readonly data: string;
}

function recordJson(record: ResourceRecord, dialect: Dialect): RecordJson {
  const { name, type, ttl } = record;
  return { name: ownerText(name, dialect), type, TTL: ttl, data: dataText(record) };
}

/** 1.1.1.1 leaves out the last dot of owners, 8.8.8.8 does not; the root is a dot in both. */
function ownerText(name: Name, dialect: Dialect): string {
  const text = nameToText(name);
  return dialect === "cloudflare" && text.length > 1 ? text.slice(0, -1) : text;
}

/** Types whose data is numbers and one piece of hexadecimal digits. */
const HEXADECIMAL: ReadonlySet<number> = new Set([
  rrType.DS,
  rrType.CDS,
  rrType.DLV,
  rrType.TLSA,
  rrType.SMIMEA,
  rrType.SSHFP,
  rrType.ZONEMD,
]);
const SERVICE: ReadonlySet<number> = new Set([rrType.SVCB, rrType.HTTPS]);
/** A value in quotes that could stand without them (RFC 9460 §2.1). */
const NEEDLESS_QUOTES = /="([^\s"\\;()]+)"(?= |$)/g;

function dataText({ type, rdata }: ResourceRecord): string {
  const text = rdataToText(type, rdata);
  if (HEXADECIMAL.has(type) || text.startsWith("\\# ")) return text.toLowerCase();
  return SERVICE.has(type) ? text.replaceAll(NEEDLESS_QUOTES, "=$1") : text;
}

/** What is told beside the answer, by Extended DNS Errors (RFC 8914). */
function remarks(message: Message, dialect: Dialect): object {
  const errors = (message.opt?.options ?? [])
    .filter(({ code, data }) => code === optionCode.extendedError && data.length >= 2)
    .map(({ data }) => ({
      code: getU16(data, 0),
      text: new TextDecoder().decode(data.subarray(2)),
    }));
  if (errors.length === 0) return {};
  const titled = errors.map(({ code, text }) =>
    `EDE(${code}): ${extendedErrorToText(code)} ${text}`.trimEnd(),
  );
  if (dialect === "cloudflare") return { Comment: titled };
  return {
    Comment: titled.join("; "),
    extended_dns_errors: errors.map(({ code, text }) => ({ info_code: code, extra_text: text })),
  };
}
