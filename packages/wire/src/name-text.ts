/** Names as people write them: labels and dots, with the escapes of RFC 1035 §5.1. */
import { wireLimits } from "./limits.ts";
import { type Name, ROOT } from "./name.ts";
import { escapeBytes, unescapeAt } from "./text-token.ts";

const BYTES_MAX = wireLimits.nameBytesMax.value;
const LABEL_MAX = wireLimits.labelBytesMax.value;

/** Characters that mean something else in a master file, or would end the name. */
const SPECIAL = '."\\();@$ ';

/** A name as absolute text: every label with its dot, the root alone as `.`. */
export function nameToText(name: Name): string {
  if (name[0] === 0) return ".";
  let text = "";
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) {
    text += `${escapeBytes(name.subarray(at + 1, at + 1 + name[at]!), SPECIAL)}.`;
  }
  return text;
}

/**
 * The name that a text stands for, or undefined where it stands for none.
 *
 * A text without a dot at its end is relative and needs an origin, as does `@`, the origin itself.
 */
export function nameFromText(text: string, origin?: Name): Name | undefined {
  if (text === "@") return origin;
  if (text === ".") return ROOT;
  const bytes: number[] = [0];
  let labelAt = 0;
  for (let at = 0; at < text.length;) {
    if (text[at] === ".") {
      if (bytes.length === labelAt + 1) return undefined;
      labelAt = bytes.length;
      bytes.push(0);
      at++;
    } else {
      at = unescapeAt(text, at, bytes);
      bytes[labelAt] = bytes.length - labelAt - 1;
      if (at < 0 || bytes[labelAt]! > LABEL_MAX) return undefined;
    }
    if (bytes.length > BYTES_MAX) return undefined;
  }
  if (bytes.length === 1) return undefined;
  if (bytes.length > labelAt + 1) {
    if (origin === undefined || bytes.length + origin.length > BYTES_MAX) return undefined;
    bytes.push(...origin);
  }
  return Uint8Array.from(bytes) as Name;
}
