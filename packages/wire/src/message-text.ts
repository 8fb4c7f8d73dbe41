/**
 * A whole message as text, in the manner of dig: header, OPT pseudo-section, sections.
 *
 * Owner, TTL, class and type stand in columns; a line that starts with `;` is no record.
 */
import { classToText, opcodeToText, rcodeToText, typeToText } from "./codes-text.ts";
import { opcode } from "./codes.ts";
import type { Opt } from "./edns.ts";
import { flag } from "./header.ts";
import { type Message, fullRcode } from "./message.ts";
import { nameToText } from "./name-text.ts";
import { ednsOptionToText } from "./option-text.ts";
import type { Question } from "./question.ts";
import { rdataToText } from "./rdata-text.ts";
import type { ResourceRecord } from "./record.ts";

/** Titles of the sections; those of an UPDATE have other names (RFC 2136 §2). */
const TITLES = ["QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"] as const;
const UPDATE_TITLES = ["ZONE", "PREREQUISITE", "UPDATE", "ADDITIONAL"] as const;

/** Flags in the order in which dig names them. */
const FLAGS = ["qr", "aa", "tc", "rd", "ra", "ad", "cd", "z"] as const;

/** The message as lines, the last one without a line end. */
export function messageToText(message: Message): string {
  const { header, opt, answer, authority, additional } = message;
  const titles = header.opcode === opcode.UPDATE ? UPDATE_TITLES : TITLES;
  const records = [answer, authority, additional] as const;
  const widths = columnWidths(records.flat());
  const blocks = [headerText(message, titles)];
  if (opt !== undefined) blocks.push(optText(opt));
  if (message.questions.length > 0) {
    blocks.push([`;; ${titles[0]} SECTION:`, ...message.questions.map(questionText)].join("\n"));
  }
  for (const [i, section] of records.entries()) {
    if (section.length === 0) continue;
    const lines = section.map((record) => alignedRecord(record, widths));
    blocks.push([`;; ${titles[i + 1]} SECTION:`, ...lines].join("\n"));
  }
  if (message.trailingBytes > 0) {
    blocks.push(`;; WARNING: ${message.trailingBytes} bytes stand behind the last record`);
  }
  return blocks.join("\n\n");
}

function headerText(message: Message, titles: readonly string[]): string {
  const { header, questions, answer, authority, additional, opt } = message;
  const flags = FLAGS.filter((name) => (header.flags & flag[name]) !== 0);
  const sizes = [
    questions.length,
    answer.length,
    authority.length,
    additional.length + (opt === undefined ? 0 : 1),
  ];
  const counts = titles.map((title, i) => `${title}: ${sizes[i]}`).join(", ");
  const status = rcodeToText(fullRcode(message));
  return [
    `;; ->>HEADER<<- opcode: ${opcodeToText(header.opcode)}, status: ${status}, id: ${header.id}`,
    `;; flags:${flags.map((name) => ` ${name}`).join("")}; ${counts}`,
  ].join("\n");
}

function optText(opt: Opt): string {
  const flags = opt.dnssecOk ? " do" : "";
  return [
    ";; OPT PSEUDOSECTION:",
    `; EDNS: version: ${opt.version}, flags:${flags}; udp: ${opt.udpSize}`,
    ...opt.options.map((option) => `; ${ednsOptionToText(option)}`),
  ].join("\n");
}

function questionText(question: Question): string {
  const { name, type, class: rrclass } = question;
  return `;${nameToText(name)}\t${classToText(rrclass)}\t${typeToText(type)}`;
}

type Columns = readonly [name: string, ttl: string, rrclass: string, type: string];

function columnsOf(record: ResourceRecord): Columns {
  return [
    nameToText(record.name),
    String(record.ttl),
    classToText(record.class),
    typeToText(record.type),
  ];
}

function columnWidths(records: readonly ResourceRecord[]): readonly number[] {
  const widths = [0, 0, 0, 0];
  for (const record of records) {
    for (const [i, cell] of columnsOf(record).entries()) {
      widths[i] = Math.max(widths[i]!, cell.length);
    }
  }
  return widths;
}

function alignedRecord(record: ResourceRecord, widths: readonly number[]): string {
  const cells = columnsOf(record).map((cell, i) => cell.padEnd(widths[i]!));
  return `${cells.join(" ")} ${rdataToText(record.type, record.rdata)}`.trimEnd();
}
