/** Values of settings in a scenario's configuration. */
import { ipFromText } from "../src/base/address.ts";
import { Unreadable } from "./entry.ts";

/** Unbound's two ways to say it, and Knot's. */
export function yesOrNo(value: string, line: number): boolean {
  if (/^(yes|on|true)$/i.test(value)) return true;
  if (/^(no|off|false)$/i.test(value)) return false;
  throw new Unreadable(line, `"${value}" is neither yes nor no`);
}

/** A time in whole seconds. */
export function seconds(value: string, line: number): number {
  if (!/^\d+$/.test(value)) throw new Unreadable(line, `"${value}" is no number of seconds`);
  return Number(value);
}

/** An address of four or sixteen bytes; a port behind it is left out. */
export function addressOf(value: string, line: number): Uint8Array {
  const ip = ipFromText(value.replace(/@\d+$/, ""));
  if (ip === undefined) throw new Unreadable(line, `"${value}" is no address`);
  return ip;
}
