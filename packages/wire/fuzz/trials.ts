/**
 * What must hold for any bytes: the readers do not throw, and what they accept comes back.
 *
 * Each trial throws an assertion error where that is not so.
 */
import assert from "node:assert/strict";
import { rrClass } from "../src/codes.ts";
import { messageToText } from "../src/message-text.ts";
import { type Message, readMessage } from "../src/message.ts";
import { nameFromText, nameToText } from "../src/name-text.ts";
import { FOLD, ROOT, nameFromBytes, readName } from "../src/name.ts";
import { rdataFormat } from "../src/rdata-format.ts";
import { readRdata } from "../src/rdata-names.ts";
import { rdataFromText, rdataToText } from "../src/rdata-text.ts";
import { recordToText } from "../src/record-text.ts";
import type { ResourceRecord } from "../src/record.ts";
import { MessageWriter } from "../src/writer.ts";
import { readZoneFile } from "../src/zone-file.ts";

const SECTIONS = ["answer", "authority", "additional"] as const;

/** Reads the bytes as a message; one that is accepted is written, and read as the same again. */
export function tryMessage(bytes: Uint8Array): void {
  const message = readMessage(bytes);
  if (message.kind === "malformed") return;
  messageToText(message);
  const records = SECTIONS.flatMap((section) => message[section]);
  for (const record of records) tryRecord(record);
  const again = written(message);
  if (again === undefined) return;
  const second = readMessage(again);
  assert.ok(second.kind === "message", "what the writer wrote is a message");
  assert.equal(foldedJson(second), foldedJson(message));
}

/** The message as the writer writes it; undefined where it is longer than a message may be. */
function written(message: Message): Uint8Array | undefined {
  const out = new Uint8Array(65535);
  const writer = new MessageWriter(out);
  for (const question of message.questions) if (!writer.question(question)) return undefined;
  for (const section of SECTIONS) {
    for (const { name, type, class: rrclass, ttl, rdata } of message[section]) {
      if (!writer.record(section, name, type, rrclass, ttl, rdata)) return undefined;
    }
  }
  if (message.opt !== undefined && !writer.opt(message.opt)) return undefined;
  return out.subarray(0, writer.finish(message.header.id, message.header.flags));
}

/** A message as JSON; the case of letters does not count, since compression may change it. */
function foldedJson(message: Message): string {
  return JSON.stringify({ ...message, trailingBytes: 0 }, (_, value: unknown) =>
    value instanceof Uint8Array ? value.map((byte) => FOLD[byte]!).toHex() : value,
  );
}

function tryRecord(record: ResourceRecord): void {
  const { type, rdata } = record;
  recordToText(record);
  const text = rdataToText(type, rdata);
  if (text.startsWith("\\#") && rdataFormat(type) !== undefined) return;
  assert.deepEqual(rdataFromText(type, text), rdata, text);
}

/** How many places of an input are read as a name. */
const PLACES_MAX = 256;

/** Reads the bytes as a name at each of their first places, and as the text of one. */
export function tryNames(bytes: Uint8Array): void {
  for (let at = 0; at < Math.min(bytes.length, PLACES_MAX); at++) {
    const found = readName(bytes, at);
    if (found === undefined) continue;
    assert.deepEqual(nameFromBytes(found.name), found.name);
    assert.deepEqual(nameFromText(nameToText(found.name)), found.name);
  }
  const name = nameFromText(new TextDecoder("latin1").decode(bytes), ROOT);
  if (name !== undefined) assert.deepEqual(nameFromText(nameToText(name)), name);
}

/** Reads the bytes as type, class and RDATA, in wire form and in text. */
export function tryRdata(bytes: Uint8Array): void {
  if (bytes.length < 4) return;
  const type = (bytes[0]! << 8) | bytes[1]!;
  for (const one of [type, bytes[1]!]) {
    const found = readRdata(bytes, one, rrClass.IN, 4, bytes.length);
    if (found === undefined) continue;
    tryRecord({ name: ROOT, type: one, class: rrClass.IN, ttl: 0, rdata: found.rdata });
  }
  const text = new TextDecoder("latin1").decode(bytes.subarray(4));
  const rdata = rdataFromText(type, text, ROOT);
  if (rdata instanceof Uint8Array)
    assert.deepEqual(rdataFromText(type, rdataToText(type, rdata)), rdata);
}

/** Reads the bytes as a zone file; what is accepted is written, and read as the same again. */
export function tryZone(bytes: Uint8Array): void {
  const zone = readZoneFile(new TextDecoder("latin1").decode(bytes), { origin: ROOT, ttlS: 60 });
  if ("kind" in zone) return;
  const text = zone.records.map((record) => recordToText(record)).join("\n");
  assert.deepEqual(readZoneFile(text, { origin: ROOT }), zone);
}
