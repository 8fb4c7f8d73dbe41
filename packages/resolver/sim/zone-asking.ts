/** Zones from texts, questions to them, and replies in lines: what tests of authorities need. */
import assert from "node:assert/strict";
import { rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import type { Authority, Transport } from "./authority.ts";
import { type Zone, zoneFromRecords } from "./zone.ts";

/** The zone of a master file's text, its names relative to `origin`. */
export function zone(origin: string, text: string): Zone {
  const name = nameFromText(origin, ROOT)!;
  const read = readZoneFile(text, { origin: name, ttlS: 3600 });
  assert.ok(!("kind" in read), JSON.stringify(read));
  const made = zoneFromRecords(name, read.records);
  assert.ok(made.kind === "zone", JSON.stringify(made));
  return made;
}

/** How a question is asked; over UDP and without EDNS where nothing is said. */
export interface Query {
  readonly transport?: Transport;
  /** Undefined: no OPT record. */
  readonly udpSize?: number;
  readonly dnssecOk?: boolean;
  readonly version?: number;
  readonly flags?: number;
}

/** The bytes of `NAME TYPE` or `NAME TYPE CLASS`, the class as a number. */
export function queryFor(question: string, options: Query = {}): Uint8Array {
  const [owner, type, rrclass = "1"] = question.split(" ");
  const bytes = new Uint8Array(512);
  const writer = new MessageWriter(bytes);
  const name = nameFromText(owner!, ROOT)!;
  writer.question({ name, type: typeFromText(type!)!, class: Number(rrclass) });
  if (options.udpSize !== undefined) {
    const { udpSize, version = 0, dnssecOk = false } = options;
    writer.opt({ udpSize, extendedRcode: 0, version, dnssecOk, options: [] });
  }
  return bytes.slice(0, writer.finish(0x1234, options.flags ?? 0));
}

/** The one message that the authority sends. */
export function asked(authority: Authority, question: string, options: Query = {}): Message {
  const sent = authority.reply(queryFor(question, options), options.transport ?? "udp");
  assert.equal(sent.messages.length, 1);
  const message = readMessage(sent.messages[0]!);
  assert.ok(message.kind === "message");
  return message;
}

/** A reply in lines: flags and RCODE, then each section's records without TTL and class. */
export function linesOf(message: Message): string[] {
  const { header, answer, authority, additional } = message;
  const aa = (header.flags & flag.aa) === 0 ? "" : " aa";
  const tc = (header.flags & flag.tc) === 0 ? "" : " tc";
  const section = (letter: string, records: readonly ResourceRecord[]): string[] =>
    records.map((record) => {
      const [owner, , , type, data] = recordToText(record).split("\t");
      return `${letter} ${owner} ${type} ${type === "SOA" ? "…" : data}`;
    });
  return [
    `${rcodeToText(fullRcode(message))}${aa}${tc}`,
    ...section("answer", answer),
    ...section("authority", authority),
    ...section("additional", additional),
  ];
}
