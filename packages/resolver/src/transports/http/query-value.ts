/** Values of a query as texts, decoded as forms write them (URL Standard §5.1). */
import { limits } from "../../base/limits.ts";
import { findParameter } from "./target.ts";

const VALUE_CHARS_MAX = limits.queryValueCharsMax.value;
const BROKEN = "\u0000";

const names = new Map<string, Uint8Array>();
const place = { at: 0, end: 0 };

/**
 * The value of a parameter in the query of `target[at, end)`, one character an octet; undefined
 * where it is absent. One that is broken, or too long to be any, is a text that nothing allows.
 */
export function queryValue(
  target: Uint8Array,
  at: number,
  end: number,
  name: string,
): string | undefined {
  let octets = names.get(name);
  if (octets === undefined) {
    octets = Buffer.from(name);
    names.set(name, octets);
  }
  if (!findParameter(target, at, end, octets, place)) return undefined;
  if (place.end - place.at > VALUE_CHARS_MAX) return BROKEN;
  const encoded = Buffer.from(target.subarray(place.at, place.end)).toString("latin1");
  if (/%(?![0-9a-fA-F]{2})/.test(encoded)) return BROKEN;
  return encoded
    .replaceAll("+", " ")
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
