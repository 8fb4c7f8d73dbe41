/** Reads the values of settings that stand at the head of a scenario file. */
import { fromHex } from "@lethe/wire/bytes.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText } from "../src/base/address.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import { Unreadable } from "./entry.ts";

/** A network, or the one address that is named: `10.0.0.0/8`, `fd00::1`. */
export function networkOf(value: string, line: number): ClientNetwork {
  const found = /^(.*)\/(\d+)$/.exec(value);
  const ip = ipFromText(found?.[1] ?? value);
  if (ip === undefined) throw new Unreadable(line, `"${value}" is no network`);
  return { ip, bits: found === null ? 8 * ip.length : Number(found[2]) };
}

/** A domain name. */
export function zoneOf(text: string, line: number): Name {
  const zone = nameFromText(text, ROOT);
  if (zone === undefined) throw new Unreadable(line, `"${text}" is no name`);
  return zone;
}

/** The value of a switch. */
export function yesOrNo(value: string, line: number): boolean {
  if (/^(yes|on|true)$/i.test(value)) return true;
  if (/^(no|off|false)$/i.test(value)) return false;
  throw new Unreadable(line, `"${value}" is neither yes nor no`);
}

/** Bytes as hex digits, or as text behind `ascii_`. */
export function bytesOf(value: string, line: number): Uint8Array {
  const text = /^ascii_(.*)$/.exec(value)?.[1];
  const bytes = text === undefined ? fromHex(value) : new TextEncoder().encode(text);
  if (bytes === undefined) throw new Unreadable(line, `"${value}" are no bytes`);
  return bytes;
}

/** A number of seconds. */
export function seconds(value: string, line: number): number {
  if (!/^\d+$/.test(value)) throw new Unreadable(line, `"${value}" is no number of seconds`);
  return Number(value);
}

/** An address; a port that stands behind it is dropped. */
export function addressOf(value: string, line: number): Uint8Array {
  const ip = ipFromText(value.replace(/@\d+$/, ""));
  if (ip === undefined) throw new Unreadable(line, `"${value}" is no address`);
  return ip;
}
