/** Fields of RDATA that are names, strings, or bytes in hexadecimal, base64 and base32. */
import { fromBase32Hex, fromBase64, toBase32Hex } from "./base-text.ts";
import { fromHex } from "./bytes.ts";
import { wireLimits } from "./limits.ts";
import { nameFromText, nameToText } from "./name-text.ts";
import { type Name, uncompressedNameBytes } from "./name.ts";
import {
  type Field,
  type RdataCursor,
  takeBytes,
  takeNumber,
  takeRest,
  takeToken,
  takeTokens,
  takeWord,
} from "./rdata-field.ts";
import { type Token, escapeBytes, quotedText, unescapeText } from "./text-token.ts";

const STRING_MAX = wireLimits.characterStringBytesMax.value;

/** A name, uncompressed. */
export const name: Field = {
  toText: (from) => {
    const found = takeName(from);
    return found === undefined ? undefined : nameToText(found);
  },
  fromText: (from, to) => {
    const found = nameFromText(takeWord(from), from.origin);
    if (found === undefined) return "a name expected";
    to.bytes(found);
    return undefined;
  },
};

/** The uncompressed name at the cursor. */
export function takeName(from: RdataCursor): Name | undefined {
  const size = uncompressedNameBytes(from.bytes, from.at, from.bytes.length);
  return size === 0 ? undefined : (takeBytes(from, size) as Name | undefined);
}

/** Names to the end; there may be none. */
export const names: Field = {
  toText: (from) => {
    const texts: string[] = [];
    while (from.at < from.bytes.length) {
      const text = name.toText(from);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return texts.join(" ");
  },
  fromText: (from, to) => {
    while (from.at < from.tokens.length) {
      const why = name.fromText(from, to);
      if (why !== undefined) return why;
    }
    return undefined;
  },
};

/** A character string of RFC 1035 §3.3: a length octet and up to 255 bytes. */
export const string: Field = {
  toText: (from) => {
    const bytes = takeString(from);
    return bytes === undefined ? undefined : quotedText(bytes);
  },
  fromText: (from, to) => {
    const bytes = stringOf(takeToken(from));
    if (bytes === undefined) return `a string of up to ${STRING_MAX} bytes expected`;
    to.u8(bytes.length);
    to.bytes(bytes);
    return undefined;
  },
};

function takeString(from: RdataCursor): Uint8Array | undefined {
  const size = takeNumber(from, 1);
  return size === undefined ? undefined : takeBytes(from, size);
}

function stringOf(token: Token | undefined): Uint8Array | undefined {
  const bytes = token === undefined ? undefined : unescapeText(token.text);
  return bytes === undefined || bytes.length > STRING_MAX ? undefined : bytes;
}

/** A character string that may be absent at the end (ISDN, RFC 1183 §3.2). */
export const optionalString: Field = {
  toText: (from) => (from.at === from.bytes.length ? "" : string.toText(from)),
  fromText: (from, to) => (from.at === from.tokens.length ? undefined : string.fromText(from, to)),
};

/** Character strings to the end, one at least. */
export const strings: Field = {
  toText: (from) => {
    const texts: string[] = [];
    do {
      const text = string.toText(from);
      if (text === undefined) return undefined;
      texts.push(text);
    } while (from.at < from.bytes.length);
    return texts.join(" ");
  },
  fromText: (from, to) => {
    do {
      const why = string.fromText(from, to);
      if (why !== undefined) return why;
    } while (from.at < from.tokens.length);
    return undefined;
  },
};

/** Bytes to the end as one quoted string, without a length octet (RFC 7553 §4.4, RFC 8659 §4.1). */
export const quotedRest: Field = {
  toText: (from) => quotedText(takeRest(from)),
  fromText: (from, to) => {
    const token = takeToken(from);
    const bytes = token === undefined ? undefined : unescapeText(token.text);
    if (bytes === undefined) return "a quoted text expected";
    to.bytes(bytes);
    return undefined;
  },
};

/** The tag of a CAA record: letters and digits behind a length octet (RFC 8659 §4.1). */
export const tag: Field = {
  toText: (from) => {
    const bytes = takeString(from);
    const text = bytes === undefined ? "" : escapeBytes(bytes, "");
    return /^[0-9a-zA-Z]+$/.test(text) ? text : undefined;
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    if (!/^[0-9a-zA-Z]+$/.test(word) || word.length > STRING_MAX) return "a tag expected";
    to.u8(word.length);
    to.bytes(new TextEncoder().encode(word));
    return undefined;
  },
};

/** Bytes to the end in hexadecimal, which may be split by blanks. */
export function hexRest(bytesMin: number): Field {
  return rest(bytesMin, "hexadecimal", (bytes) => bytes.toHex().toUpperCase(), fromHex);
}

/** Bytes to the end in base64, which may be split by blanks. */
export function base64Rest(bytesMin: number): Field {
  return rest(bytesMin, "base64", (bytes) => bytes.toBase64(), fromBase64);
}

function rest(
  bytesMin: number,
  what: string,
  print: (bytes: Uint8Array) => string,
  parse: (text: string) => Uint8Array | undefined,
): Field {
  return {
    toText: (from) => {
      const bytes = takeRest(from);
      return bytes.length < bytesMin ? undefined : print(bytes);
    },
    fromText: (from, to) => {
      const words = takeTokens(from).map((token) => token.text);
      const bytes = parse(words.join(""));
      if (bytes === undefined || bytes.length < bytesMin) return `${what} expected`;
      to.bytes(bytes);
      return undefined;
    },
  };
}

/** Base64 to the end where `-` or `""` stands for no bytes (DOA). */
export const base64OrDash: Field = {
  toText: (from) => (from.at === from.bytes.length ? "-" : base64Rest(1).toText(from)),
  fromText: (from, to) => {
    if (from.at === from.tokens.length - 1 && from.tokens[from.at]!.text === "-") {
      from.at++;
      return undefined;
    }
    return base64Rest(1).fromText(from, to);
  },
};

/** The salt of NSEC3: hexadecimal behind a length octet, `-` where empty (RFC 5155 §3.3). */
export const salt: Field = {
  toText: (from) => {
    const bytes = takeString(from);
    if (bytes === undefined) return undefined;
    return bytes.length === 0 ? "-" : bytes.toHex().toUpperCase();
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    const bytes = word === "-" ? new Uint8Array(0) : word === "" ? undefined : fromHex(word);
    if (bytes === undefined || bytes.length > STRING_MAX) return "a salt expected";
    to.u8(bytes.length);
    to.bytes(bytes);
    return undefined;
  },
};

/** The next hashed owner of NSEC3: base32 with extended hex alphabet behind a length octet. */
export const hash: Field = {
  toText: (from) => {
    const bytes = takeString(from);
    return bytes === undefined || bytes.length === 0 ? undefined : toBase32Hex(bytes);
  },
  fromText: (from, to) => {
    const bytes = fromBase32Hex(takeWord(from));
    if (bytes === undefined || bytes.length === 0 || bytes.length > STRING_MAX) {
      return "a hash in base32 expected";
    }
    to.u8(bytes.length);
    to.bytes(bytes);
    return undefined;
  },
};

/** Base64 behind its length of two bytes, both written out (TSIG and TKEY). */
export const sizedBase64: Field = {
  toText: (from) => {
    const size = takeNumber(from, 2);
    const bytes = size === undefined ? undefined : takeBytes(from, size);
    if (bytes === undefined) return undefined;
    return bytes.length === 0 ? "0" : `${bytes.length} ${bytes.toBase64()}`;
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    const size = /^\d{1,5}$/.test(word) ? Number(word) : 0x10000;
    if (size > 0xffff) return "a length expected";
    const bytes = size === 0 ? new Uint8Array(0) : fromBase64(takeWord(from));
    if (bytes?.length !== size) return `base64 of ${size} bytes expected`;
    to.u16(size);
    to.bytes(bytes);
    return undefined;
  },
};
