/** Values of the settings at the head of a scenario file. */
import { ipFromText } from "../src/base/address.ts";
import { Unreadable } from "./entry.ts";

/** `yes`, `on` or `true`, or their opposites. */
export function yesOrNo(value: string, line: number): boolean {
  if (/^(yes|on|true)$/i.test(value)) return true;
  if (/^(no|off|false)$/i.test(value)) return false;
  throw new Unreadable(line, `"${value}" is neither yes nor no`);
}

/** A number of seconds. */
export function seconds(value: string, line: number): number {
  if (!/^\d+$/.test(value)) throw new Unreadable(line, `"${value}" is no number of seconds`);
  return Number(value);
}

/** An address, with a port behind it or without. */
export function addressOf(value: string, line: number): Uint8Array {
  const ip = ipFromText(value.replace(/@\d+$/, ""));
  if (ip === undefined) throw new Unreadable(line, `"${value}" is no address`);
  return ip;
}
