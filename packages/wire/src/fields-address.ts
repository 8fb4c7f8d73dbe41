/** Fields of RDATA that are addresses of some network. */
import { fromHex } from "./bytes.ts";
import { decimal } from "./fields-number.ts";
import { takeName } from "./fields-bytes.ts";
import { ip4FromText, ip4ToText, ip6FromText, ip6ToText } from "./ip-text.ts";
import { nameFromText, nameToText } from "./name-text.ts";
import {
  type Field,
  type RdataBuilder,
  type RdataCursor,
  type TokenCursor,
  takeBytes,
  takeNumber,
  takeRest,
  takeTokens,
  takeWord,
  wordField,
} from "./rdata-field.ts";

/** The gateway type of IPSECKEY and AMTRELAY that stands for a name. */
const GATEWAY_NAME = 3;

export const ip4 = wordField(4, "an IPv4 address", ip4ToText, ip4FromText);
export const ip6 = wordField(16, "an IPv6 address", ip6ToText, ip6FromText);

/** Bytes as pairs of hexadecimal digits with dashes (RFC 7043 §3.2 and §4.2). */
export function eui(sizeBytes: 6 | 8): Field {
  return wordField(
    sizeBytes,
    `${sizeBytes} pairs of hexadecimal digits`,
    (bytes) => bytes.toHex().replaceAll(/..(?!$)/g, "$&-"),
    (word) => (/^[^-]{2}(-[^-]{2})*$/.test(word) ? fromHex(word.replaceAll("-", "")) : undefined),
  );
}

/** Four groups of hexadecimal digits with colons (RFC 6742 §2.1.2). */
export const groups64 = wordField(
  8,
  "four groups of hexadecimal digits",
  (bytes) => bytes.toHex().replaceAll(/.{4}(?!$)/g, "$&:"),
  (word) => {
    const groups = word.split(":");
    if (groups.length !== 4 || !groups.every((group) => group.length <= 4)) return undefined;
    return groups.includes("")
      ? undefined
      : fromHex(groups.map((g) => g.padStart(4, "0")).join(""));
  },
);

/** An NSAP address: `0x` and hexadecimal in which dots do not count (RFC 1706 §5). */
export const nsap: Field = {
  toText: (from) => {
    const bytes = takeRest(from);
    return bytes.length === 0 ? undefined : `0x${bytes.toHex().toUpperCase()}`;
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    const bytes = /^0x[0-9a-f]/i.test(word)
      ? fromHex(word.slice(2).replaceAll(".", ""))
      : undefined;
    if (bytes === undefined) return "an NSAP address as 0x and hexadecimal expected";
    to.bytes(bytes);
    return undefined;
  },
};

/** An ATM address: `+` and digits for E.164, else hexadecimal; dots do not count. */
export const atm: Field = {
  toText: (from) => {
    const format = takeNumber(from, 1);
    const bytes = takeRest(from);
    if (bytes.length === 0) return undefined;
    if (format === 0) return bytes.toHex().toUpperCase();
    const digits = String.fromCharCode(...bytes.subarray(0, 64));
    return format === 1 && bytes.length <= 64 && /^\d+$/.test(digits) ? `+${digits}` : undefined;
  },
  fromText: (from, to) => {
    const word = takeWord(from).replaceAll(".", "");
    const isNumber = /^\+\d{1,64}$/.test(word);
    const bytes = isNumber ? new TextEncoder().encode(word.slice(1)) : fromHex(word);
    if (bytes === undefined || bytes.length === 0) return "an ATM address expected";
    to.u8(isNumber ? 1 : 0);
    to.bytes(bytes);
    return undefined;
  },
};

/** Address prefixes to the end, such as `1:192.0.2.0/24` and `!2:2001:db8::/32` (RFC 3123 §5). */
export const prefixes: Field = {
  toText: (from) => {
    const items: string[] = [];
    while (from.at < from.bytes.length) {
      const item = prefixToText(from);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items.join(" ");
  },
  fromText: (from, to) => {
    for (const token of takeTokens(from)) {
      if (!putPrefix(token.text, to)) return "an address prefix such as 1:192.0.2.0/24 expected";
    }
    return undefined;
  },
};

function prefixToText(from: RdataCursor): string | undefined {
  const family = takeNumber(from, 2);
  const bits = takeNumber(from, 1);
  const sizeAndSign = takeNumber(from, 1);
  if (family === undefined || bits === undefined || sizeAndSign === undefined) return undefined;
  const part = takeBytes(from, sizeAndSign & 0x7f);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (
    size === 0 ||
    part === undefined ||
    part.length > size ||
    part.at(-1) === 0 ||
    bits > 8 * size
  ) {
    return undefined;
  }
  const address = new Uint8Array(size);
  address.set(part);
  const text = family === 1 ? ip4ToText(address) : ip6ToText(address);
  return `${sizeAndSign & 0x80 ? "!" : ""}${family}:${text}/${bits}`;
}

function putPrefix(text: string, to: RdataBuilder): boolean {
  const parts = /^(!?)([12]):([^/]+)\/(\d{1,3})$/.exec(text);
  if (parts === null) return false;
  const family = Number(parts[2]);
  const address = family === 1 ? ip4FromText(parts[3]!) : ip6FromText(parts[3]!);
  const bits = Number(parts[4]);
  if (address === undefined || bits > 8 * address.length) return false;
  let size = address.length;
  while (size > 0 && address[size - 1] === 0) size--;
  to.u16(family);
  to.u8(bits);
  to.u8(size | (parts[1] === "!" ? 0x80 : 0));
  to.bytes(address.subarray(0, size));
  return true;
}

/** The fields of A6: prefix length, as much of the address as it leaves, the prefix's name. */
export const a6: Field = {
  toText: (from) => {
    const bits = takeNumber(from, 1);
    if (bits === undefined || bits > 128) return undefined;
    const size = 16 - Math.floor(bits / 8);
    const part = takeBytes(from, size);
    if (part === undefined || (part[0] ?? 0) >> (8 - (bits % 8)) !== 0) return undefined;
    const address = new Uint8Array(16);
    address.set(part, 16 - size);
    const prefix = bits === 0 ? undefined : takeName(from);
    if (bits !== 0 && prefix === undefined) return undefined;
    const words = [String(bits)];
    if (bits < 128) words.push(ip6ToText(address));
    if (prefix !== undefined) words.push(nameToText(prefix));
    return words.join(" ");
  },
  fromText: (from, to) => {
    const bits = decimal(takeWord(from), 128);
    if (bits === undefined) return "a prefix length up to 128 expected";
    const address = bits === 128 ? new Uint8Array(16) : ip6FromText(takeWord(from));
    if (address === undefined) return "an IPv6 address expected";
    const skip = Math.floor(bits / 8);
    const part = address.slice(skip);
    if (part.length > 0) part[0]! &= 0xff >> (bits % 8);
    to.u8(bits);
    to.bytes(part);
    if (bits === 0) return undefined;
    const prefix = nameFromText(takeWord(from), from.origin);
    if (prefix === undefined) return "the name of the prefix expected";
    to.bytes(prefix);
    return undefined;
  },
};

/** IPSECKEY's precedence, gateway type, algorithm and gateway (RFC 4025 §3.1). */
export const ipsecGateway: Field = {
  toText: (from) => {
    const precedence = takeNumber(from, 1);
    const kind = takeNumber(from, 1);
    const algorithm = takeNumber(from, 1);
    if (kind === undefined || algorithm === undefined) return undefined;
    const gateway = gatewayToText(kind, from);
    return gateway && `${precedence} ${kind} ${algorithm} ${gateway}`;
  },
  fromText: (from, to) => {
    const [precedence, kind, algorithm] = [takeU8(from), takeU8(from), takeU8(from)];
    if (precedence === undefined || kind === undefined || algorithm === undefined) {
      return "precedence, gateway type and algorithm expected";
    }
    to.u8(precedence);
    to.u8(kind);
    to.u8(algorithm);
    return putGateway(kind, from, to);
  },
};

/** AMTRELAY's precedence, discovery bit, type and relay (RFC 8777 §4.2). */
export const relay: Field = {
  toText: (from) => {
    const precedence = takeNumber(from, 1);
    const kind = takeNumber(from, 1);
    const gateway = kind === undefined ? undefined : gatewayToText(kind & 0x7f, from);
    return gateway && `${precedence} ${kind! >> 7} ${kind! & 0x7f} ${gateway}`;
  },
  fromText: (from, to) => {
    const precedence = takeU8(from);
    const discovery = decimal(takeWord(from), 1);
    const kind = decimal(takeWord(from), 0x7f);
    if (precedence === undefined || discovery === undefined || kind === undefined) {
      return "precedence, discovery bit and relay type expected";
    }
    to.u8(precedence);
    to.u8((discovery << 7) | kind);
    return putGateway(kind, from, to);
  },
};

function takeU8(from: TokenCursor): number | undefined {
  return decimal(takeWord(from), 255);
}

/** No gateway, IPv4, IPv6 or a name; a kind that nobody defined has no text. */
function gatewayToText(kind: number, from: RdataCursor): string | undefined {
  if (kind === 0) return ".";
  if (kind === 1) return ip4.toText(from);
  if (kind === 2) return ip6.toText(from);
  const found = kind === GATEWAY_NAME ? takeName(from) : undefined;
  return found === undefined ? undefined : nameToText(found);
}

function putGateway(kind: number, from: TokenCursor, to: RdataBuilder): string | undefined {
  if (kind === 1) return ip4.fromText(from, to);
  if (kind === 2) return ip6.fromText(from, to);
  if (kind === 0) return takeWord(from) === "." ? undefined : "a dot for no gateway expected";
  const found = kind === GATEWAY_NAME ? nameFromText(takeWord(from), from.origin) : undefined;
  if (found === undefined) return "a gateway of a known type expected";
  to.bytes(found);
  return undefined;
}
