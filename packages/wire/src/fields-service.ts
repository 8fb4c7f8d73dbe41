/**
 * The parameters of SVCB and HTTPS (RFC 9460 §2.1): `key=value` words, ascending keys on the wire.
 *
 *   | key 2 | length 2 | value | key 2 | …
 */
import { fromBase64 } from "./base-text.ts";
import { getU16 } from "./bytes.ts";
import { decimal } from "./fields-number.ts";
import { ip4FromText, ip4ToText, ip6FromText, ip6ToText } from "./ip-text.ts";
import {
  type Field,
  RdataBuilder,
  type RdataCursor,
  takeBytes,
  takeNumber,
  takeTokens,
} from "./rdata-field.ts";
import { quotedText, unescapeText } from "./text-token.ts";

/** Keys of the registry "DNS Service Bindings (SVCB)", in the order of their numbers. */
const KEY_NAMES = [
  "mandatory",
  "alpn",
  "no-default-alpn",
  "port",
  "ipv4hint",
  "ech",
  "ipv6hint",
  "dohpath",
  "ohttp",
  "tls-supported-groups",
];
const MANDATORY = 0;
const ALPN = 1;
const NO_DEFAULT_ALPN = 2;
const KEY_INVALID = 65535;

/** Both directions of one key's value; a value's text comes with its quotes and escapes undone. */
interface ValueFormat {
  readonly toText: (value: Uint8Array) => string | undefined;
  readonly fromText: (text: Uint8Array) => Uint8Array | undefined;
}

const decoder = new TextDecoder();

/** A list of comma-separated words, each of which stands for so many bytes. */
function list(
  sizeBytes: number,
  print: (bytes: Uint8Array) => string,
  parse: (word: string) => Uint8Array | undefined,
): ValueFormat {
  return {
    toText: (value) => {
      if (value.length === 0 || value.length % sizeBytes !== 0) return undefined;
      const words: string[] = [];
      for (let at = 0; at < value.length; at += sizeBytes) {
        words.push(print(value.subarray(at, at + sizeBytes)));
      }
      return words.join(",");
    },
    fromText: (text) => {
      const out = new RdataBuilder();
      for (const word of decoder.decode(text).split(",")) {
        const bytes = parse(word);
        if (bytes === undefined) return undefined;
        out.bytes(bytes);
      }
      return out.take();
    },
  };
}

function u16Of(value: number | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.of(value >> 8, value & 0xff);
}

const numbers = list(
  2,
  (bytes) => String(getU16(bytes, 0)),
  (word) => u16Of(decimal(word, 0xffff)),
);

const port: ValueFormat = {
  toText: (value) => (value.length === 2 ? numbers.toText(value) : undefined),
  fromText: (text) => u16Of(decimal(decoder.decode(text), 0xffff)),
};

const nothing: ValueFormat = {
  toText: (value) => (value.length === 0 ? "" : undefined),
  fromText: (text) => (text.length === 0 ? text : undefined),
};

/** Bytes that are their own text. */
const plain: ValueFormat = {
  toText: (value) => (value.length === 0 ? "" : quotedText(value)),
  fromText: (text) => text,
};

const base64: ValueFormat = {
  toText: (value) => (value.length === 0 ? undefined : value.toBase64()),
  fromText: (text) => {
    const bytes = fromBase64(decoder.decode(text));
    return bytes === undefined || bytes.length === 0 ? undefined : bytes;
  },
};

/** Keys by name or as `key123`, ascending (RFC 9460 §8). */
const mandatory: ValueFormat = {
  toText: (value) => {
    for (let at = 0; at + 1 < value.length; at += 2) {
      const key = getU16(value, at);
      if (key === MANDATORY || (at > 0 && key <= getU16(value, at - 2))) return undefined;
    }
    return keyList.toText(value);
  },
  fromText: (text) => {
    const keys = decoder.decode(text).split(",").map(keyFromText);
    if (keys.includes(undefined) || keys.includes(MANDATORY)) return undefined;
    if (new Set(keys).size < keys.length) return undefined;
    const sorted = keys.filter((key) => key !== undefined).toSorted((a, b) => a - b);
    return Uint8Array.from(sorted.flatMap((key) => [key >> 8, key & 0xff]));
  },
};

const keyList = list(
  2,
  (bytes) => keyToText(getU16(bytes, 0)),
  (word) => u16Of(keyFromText(word)),
);

/** Protocol names behind length octets; a comma inside one is escaped (RFC 9460 §A.1). */
const protocols: ValueFormat = {
  toText: (value) => {
    const cursor: RdataCursor = { bytes: value, at: 0 };
    const parts = new RdataBuilder();
    while (cursor.at < value.length) {
      const part = takeBytes(cursor, takeNumber(cursor, 1)!);
      if (part === undefined || part.length === 0) return undefined;
      if (parts.size > 0) parts.u8(COMMA);
      for (const byte of part) {
        if (byte === COMMA || byte === BACKSLASH) parts.u8(BACKSLASH);
        parts.u8(byte);
      }
    }
    return parts.size === 0 ? undefined : quotedText(parts.take());
  },
  fromText: (text) => {
    const out = new RdataBuilder();
    let part: number[] = [];
    for (let at = 0; at <= text.length; at++) {
      if (at === text.length || text[at] === COMMA) {
        if (part.length === 0 || part.length > 255) return undefined;
        out.u8(part.length);
        out.bytes(Uint8Array.from(part));
        part = [];
        continue;
      }
      if (text[at] === BACKSLASH) at++;
      if (at === text.length) return undefined;
      part.push(text[at]!);
    }
    return out.take();
  },
};

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The format of each key of `KEY_NAMES`, in the same order. */
const FORMATS: readonly ValueFormat[] = [
  mandatory,
  protocols,
  nothing,
  port,
  list(4, ip4ToText, ip4FromText),
  base64,
  list(16, ip6ToText, ip6FromText),
  plain,
  nothing,
  numbers,
];

function keyToText(key: number): string {
  return KEY_NAMES[key] ?? `key${key}`;
}

function keyFromText(text: string): number | undefined {
  const known = KEY_NAMES.indexOf(text.toLowerCase());
  if (known >= 0) return known;
  const digits = /^key(0|[1-9]\d{0,4})$/i.exec(text)?.[1];
  return digits === undefined ? undefined : decimal(digits, KEY_INVALID - 1);
}

/** The parameters of a service binding, to the end; there may be none. */
export const serviceParameters: Field = {
  toText: (from) => {
    const values = new Map<number, Uint8Array>();
    const words: string[] = [];
    let keyMin = 0;
    while (from.at < from.bytes.length) {
      const key = takeNumber(from, 2);
      const size = takeNumber(from, 2);
      const value = size === undefined ? undefined : takeBytes(from, size);
      if (key === undefined || value === undefined || key < keyMin || key === KEY_INVALID) {
        return undefined;
      }
      keyMin = key + 1;
      const text = (FORMATS[key] ?? plain).toText(value);
      if (text === undefined) return undefined;
      values.set(key, value);
      words.push(text === "" ? keyToText(key) : `${keyToText(key)}=${text}`);
    }
    return contradiction(values) === undefined ? words.join(" ") : undefined;
  },
  fromText: (from, to) => {
    const values = new Map<number, Uint8Array>();
    for (const token of takeTokens(from)) {
      const cut = token.text.indexOf("=");
      const key = keyFromText(cut < 0 ? token.text : token.text.slice(0, cut));
      if (key === undefined) return "a service parameter as key=value expected";
      if (values.has(key)) return `the parameter ${keyToText(key)} stands twice`;
      const text = unescapeText(cut < 0 ? "" : unquoted(token.text.slice(cut + 1)));
      const value = text === undefined ? undefined : (FORMATS[key] ?? plain).fromText(text);
      if (value === undefined) return `the value of ${keyToText(key)} cannot be read`;
      if (value.length > 0xffff) return `the value of ${keyToText(key)} is too long`;
      values.set(key, value);
    }
    for (const [key, value] of [...values].toSorted(([a], [b]) => a - b)) {
      to.u16(key);
      to.u16(value.length);
      to.bytes(value);
    }
    return contradiction(values);
  },
};

/** A value without the quotes around it. */
function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** What RFC 9460 §7.1.1 and §8 forbid a set of parameters to lack. */
function contradiction(values: ReadonlyMap<number, Uint8Array>): string | undefined {
  if (values.has(NO_DEFAULT_ALPN) && !values.has(ALPN)) return "no-default-alpn needs alpn";
  const needed = values.get(MANDATORY);
  if (needed === undefined) return undefined;
  for (let at = 0; at < needed.length; at += 2) {
    const key = getU16(needed, at);
    if (!values.has(key)) return `the mandatory parameter ${keyToText(key)} is missing`;
  }
  return undefined;
}
