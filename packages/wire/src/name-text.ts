/** Names as people write them: labels and dots, with the escapes of RFC 1035 §5.1. */
import { wireLimits } from "./limits.ts";
import { type Name, ROOT } from "./name.ts";
import { escapeBytes, escapedAt } from "./text-token.ts";

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
  const out = new Uint8Array(BYTES_MAX);
  let labelAt = 0;
  let size = 1;
  for (let at = 0; at < text.length;) {
    if (text[at] === ".") {
      if (size === labelAt + 1) return undefined;
      labelAt = size++;
      if (size > BYTES_MAX) return undefined;
      at++;
      continue;
    }
    const char = escapedAt(text, at);
    if (char === undefined || size + char.bytes.length > BYTES_MAX) return undefined;
    out.set(char.bytes, size);
    size += char.bytes.length;
    out[labelAt] = size - labelAt - 1;
    if (out[labelAt]! > LABEL_MAX) return undefined;
    at += char.size;
  }
  if (size === 1) return undefined;
  if (size === labelAt + 1) return out.slice(0, size) as Name;
  if (origin === undefined || size + origin.length > BYTES_MAX) return undefined;
  const whole = new Uint8Array(size + origin.length);
  whole.set(out.subarray(0, size));
  whole.set(origin, size);
  return whole as Name;
}
