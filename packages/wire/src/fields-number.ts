/** Fields of RDATA that are numbers, times, or codes that have mnemonics. */
import { rcodeFromText, rcodeToText, typeFromText, typeToText } from "./codes-text.ts";
import { type Field, type RdataBuilder, takeBytes, takeNumber, takeWord } from "./rdata-field.ts";
import { ttlFromText } from "./ttl-text.ts";

/** The decimal number that a text is, or undefined where it is none or above `max`. */
export function decimal(text: string, max: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value > max ? undefined : value;
}

/** A number of one, two, four or six bytes in decimal. */
function number(sizeBytes: 1 | 2 | 4 | 6): Field {
  return coded(sizeBytes, `a number of ${8 * sizeBytes} bits`, String, () => undefined);
}

/** A number that is written by mnemonic where it has one, and may always be written in decimal. */
function coded(
  sizeBytes: 1 | 2 | 4 | 6,
  what: string,
  print: (value: number) => string,
  parse: (text: string) => number | undefined,
): Field {
  const max = 256 ** sizeBytes - 1;
  return {
    toText: (from) => {
      const value = takeNumber(from, sizeBytes);
      return value === undefined ? undefined : print(value);
    },
    fromText: (from, to) => {
      const word = takeWord(from);
      const value = decimal(word, max) ?? parse(word);
      if (value === undefined) return `${what} expected`;
      putNumber(to, value, sizeBytes);
      return undefined;
    },
  };
}

/** Appends a number of up to six bytes, big-endian. */
function putNumber(to: RdataBuilder, value: number, sizeBytes: number): void {
  if (sizeBytes === 6) to.u16(Math.floor(value / 2 ** 32));
  if (sizeBytes >= 4) to.u32(value);
  else if (sizeBytes === 2) to.u16(value);
  else to.u8(value);
}

export const u8 = number(1);
export const u16 = number(2);
export const u32 = number(4);
export const u48 = number(6);

/** A number of eight bytes in decimal. */
export const u64: Field = {
  toText: (from) => {
    const bytes = takeBytes(from, 8);
    return bytes?.reduce((value, byte) => value * 256n + BigInt(byte), 0n).toString();
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    const value = /^\d{1,20}$/.test(word) ? BigInt(word) : undefined;
    if (value === undefined || value >> 64n !== 0n) return "a number of 64 bits expected";
    to.u32(Number(value >> 32n));
    to.u32(Number(value & 0xffffffffn));
    return undefined;
  },
};

/** A span of seconds: written in decimal, read with units too, as zone files have it in SOA. */
export const ttl: Field = coded(4, "a time in seconds", String, ttlFromText);

/** A record type by mnemonic. */
export const type: Field = coded(2, "a record type", typeToText, typeFromText);

/** Numbers of DNSSEC algorithms by mnemonic (RFC 4034 §A.1 and its registry). */
const ALGORITHMS = new Map([
  ["RSAMD5", 1],
  ["DH", 2],
  ["DSA", 3],
  ["ECC", 4],
  ["RSASHA1", 5],
  ["NSEC3DSA", 6],
  ["NSEC3RSASHA1", 7],
  ["RSASHA256", 8],
  ["RSASHA512", 10],
  ["ECCGOST", 12],
  ["ECDSAP256SHA256", 13],
  ["ECDSAP384SHA384", 14],
  ["ED25519", 15],
  ["ED448", 16],
  ["SM2SM3", 17],
  ["ECC-GOST12", 23],
  ["INDIRECT", 252],
  ["PRIVATEDNS", 253],
  ["PRIVATEOID", 254],
]);

/** A DNSSEC algorithm: written as a number, read by mnemonic too. */
export const algorithm: Field = coded(1, "a DNSSEC algorithm", String, (text) =>
  ALGORITHMS.get(text.toUpperCase()),
);

/** Certificate types by mnemonic (RFC 4398 §2.1). */
const CERTIFICATES = new Map([
  ["PKIX", 1],
  ["SPKI", 2],
  ["PGP", 3],
  ["IPKIX", 4],
  ["ISPKI", 5],
  ["IPGP", 6],
  ["ACPKIX", 7],
  ["IACPKIX", 8],
  ["URI", 253],
  ["OID", 254],
]);
const CERTIFICATE_NAMES = new Map([...CERTIFICATES].map(([name, value]) => [value, name]));

/** A certificate type by mnemonic. */
export const certificateType: Field = coded(
  2,
  "a certificate type",
  (value) => CERTIFICATE_NAMES.get(value) ?? String(value),
  (text) => CERTIFICATES.get(text.toUpperCase()),
);

/** The error of TSIG and TKEY, a response code but for 16 (RFC 8945 §3). */
export const signatureError: Field = coded(
  2,
  "an error code",
  (value) =>
    value === 16
      ? "BADSIG"
      : rcodeToText(value).startsWith("RCODE")
        ? String(value)
        : rcodeToText(value),
  (text) => (text.toUpperCase() === "BADSIG" ? 16 : rcodeFromText(text)),
);

/** How a parent wants to be told (RFC 9859 §2.1), by mnemonic. */
export const notifyScheme: Field = coded(
  1,
  "a scheme",
  (value) => (value === 1 ? "NOTIFY" : String(value)),
  (text) => (text.toUpperCase() === "NOTIFY" ? 1 : undefined),
);

/** A moment as `YYYYMMDDHHmmSS`, read as plain seconds since 1970 too (RFC 4034 §3.2). */
export const time: Field = {
  toText: (from) => {
    const seconds = takeNumber(from, 4);
    if (seconds === undefined) return undefined;
    return new Date(seconds * 1000).toISOString().replaceAll(/[-:T]|\.000Z$/g, "");
  },
  fromText: (from, to) => {
    const word = takeWord(from);
    const seconds = word.length <= 10 ? decimal(word, 0xffffffff) : secondsOf(word);
    if (seconds === undefined) return "a time as YYYYMMDDHHmmSS expected";
    to.u32(seconds);
    return undefined;
  },
};

/** Seconds since 1970, modulo 2^32, of fourteen digits that are a date and a time. */
function secondsOf(word: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(word);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const ms = Date.UTC(year!, month! - 1, day, hour, minute, second);
  const isReal =
    new Date(ms).toISOString() ===
    word.replace(
      parts[0],
      `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}.000Z`,
    );
  return isReal && year! >= 1970 ? (ms / 1000) % 2 ** 32 : undefined;
}
