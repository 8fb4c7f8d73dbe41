/** Fields of RDATA that are sets: of record types, or of a host's services. */
import { typeFromText, typeToText } from "./codes-text.ts";
import { decimal } from "./fields-number.ts";
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
} from "./rdata-field.ts";

const WINDOW_BYTES_MAX = 32;

/** Record types to the end, in windows of 256 (RFC 4034 §4.1.2). */
export const typeBitmap: Field = {
  toText: (from) => {
    const types: number[] = [];
    let windowMin = 0;
    while (from.at < from.bytes.length) {
      const window = takeNumber(from, 1)!;
      const size = takeNumber(from, 1) ?? 0;
      const bits = size > WINDOW_BYTES_MAX ? undefined : takeBytes(from, size);
      if (window < windowMin || bits === undefined || !endsInBit(bits)) return undefined;
      windowMin = window + 1;
      for (const bit of bitsOf(bits)) types.push(256 * window + bit);
    }
    return types.map(typeToText).join(" ");
  },
  fromText: (from, to) => {
    const types = typesOf(from);
    if (types === undefined) return "record types expected";
    for (let window = 0; window < 256; window++) {
      const inside = types.filter((type) => type >> 8 === window).map((type) => type & 0xff);
      if (inside.length === 0) continue;
      const bits = bitmapOf(inside);
      to.u8(window);
      to.u8(bits.length);
      to.bytes(bits);
    }
    return undefined;
  },
};

/** Record types below 128 to the end, as one bitmap (RFC 2535 §5.2). */
export const oldTypeBitmap: Field = {
  toText: (from) => {
    const bits = takeRest(from);
    if (bits.length > 16 || bits.length === 0 || !endsInBit(bits) || bits[0]! & 0x80) {
      return undefined;
    }
    return bitsOf(bits).map(typeToText).join(" ");
  },
  fromText: (from, to) => {
    const types = typesOf(from);
    if (types === undefined || types.length === 0 || types.some((type) => type > 127 || type < 1)) {
      return "record types below 128 expected";
    }
    to.bytes(bitmapOf(types));
    return undefined;
  },
};

function typesOf(from: TokenCursor): number[] | undefined {
  const types: number[] = [];
  for (const token of takeTokens(from)) {
    const type = typeFromText(token.text);
    if (type === undefined) return undefined;
    types.push(type);
  }
  return types;
}

/** Protocols of WKS by name; others are written in decimal. */
const PROTOCOLS = new Map([
  ["icmp", 1],
  ["tcp", 6],
  ["udp", 17],
]);

/** Ports of the services that RFC 1035-era zones name in WKS records. */
const SERVICES = new Map([
  ["ftp-data", 20],
  ["ftp", 21],
  ["ssh", 22],
  ["telnet", 23],
  ["smtp", 25],
  ["time", 37],
  ["nameserver", 42],
  ["whois", 43],
  ["domain", 53],
  ["tftp", 69],
  ["gopher", 70],
  ["finger", 79],
  ["http", 80],
  ["pop2", 109],
  ["pop3", 110],
  ["sunrpc", 111],
  ["auth", 113],
  ["nntp", 119],
  ["ntp", 123],
  ["imap", 143],
  ["snmp", 161],
  ["https", 443],
]);

/** A protocol and its ports to the end (RFC 1035 §3.4.2), written in decimal. */
export const services: Field = {
  toText: (from: RdataCursor) => {
    const protocol = takeNumber(from, 1);
    const bits = takeRest(from);
    if (protocol === undefined || bits.length > 8192 || (bits.length > 0 && !endsInBit(bits))) {
      return undefined;
    }
    return [protocol, ...bitsOf(bits)].join(" ");
  },
  fromText: (from: TokenCursor, to: RdataBuilder) => {
    const word = takeWord(from).toLowerCase();
    const protocol = PROTOCOLS.get(word) ?? decimal(word, 255);
    if (protocol === undefined) return "a protocol expected";
    const ports: number[] = [];
    for (const token of takeTokens(from)) {
      const port = SERVICES.get(token.text.toLowerCase()) ?? decimal(token.text, 0xffff);
      if (port === undefined) return "ports expected";
      ports.push(port);
    }
    to.u8(protocol);
    to.bytes(bitmapOf(ports));
    return undefined;
  },
};

/** A bitmap must not end in zero octets, nor be empty. */
function endsInBit(bits: Uint8Array): boolean {
  return bits.length > 0 && bits.at(-1) !== 0;
}

/** The numbers of the bits that are set; the highest bit of the first octet is number 0. */
function bitsOf(bits: Uint8Array): number[] {
  const found: number[] = [];
  for (let i = 0; i < 8 * bits.length; i++) {
    if (bits[i >> 3]! & (0x80 >> (i & 7))) found.push(i);
  }
  return found;
}

function bitmapOf(numbers: readonly number[]): Uint8Array {
  let top = -1;
  for (const one of numbers) top = Math.max(top, one);
  const bits = new Uint8Array(Math.floor(top / 8) + 1);
  for (const one of numbers) bits[one >> 3]! |= 0x80 >> (one & 7);
  return bits;
}
