/**
 * JSON in its one canonical form (RFC 8785): no spaces, names in order, one spelling of each
 * number and text. What is signed or hashed as JSON is written by this.
 */
import { limits } from "./limits.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

const DEPTH_MAX = limits.jsonDepthMax.value;

/** The canonical text of a value; undefined where it holds what JSON cannot say. */
export function canonicalJson(value: Json): string | undefined {
  return written(value, 0);
}

/** The value of a text that is canonical JSON, byte for byte; undefined for any other text. */
export function parseCanonicalJson(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function written(value: Json, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? numberText(value) : undefined;
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (isList(value)) {
    const items = value.map((item) => written(item, depth + 1));
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
  }
  const members: string[] = [];
  // RFC 8785 §3.2.3: by UTF-16 code units, which is how JavaScript compares texts.
  for (const name of Object.keys(value).toSorted(byCodeUnits)) {
    const key = quoted(name);
    const item = written(value[name]!, depth + 1);
    if (key === undefined || item === undefined) return undefined;
    members.push(`${key}:${item}`);
  }
  return `{${members.join(",")}}`;
}

/** RFC 8785 §3.2.2.3: as ECMAScript writes it, zero without a sign. */
function numberText(value: number): string {
  return String(value === 0 ? 0 : value);
}

const SHORT: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** RFC 8785 §3.2.2.2: escapes what must be, and nothing else; half a pair has no UTF-8. */
function quoted(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined;
  let out = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    out += SHORT[char] ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, "0")}` : char);
  }
  return `${out}"`;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
