/**
 * Kinds of settings: each reads a TOML value, or says what it expected.
 *
 * What a kind gives is ready to use: bytes, seconds, addresses as bytes.
 */
import { fromHex } from "@lethe/wire/bytes.ts";
import type { Limit } from "@lethe/wire/limits.ts";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";

/** A value as the TOML reader gives it. */
export type Toml = string | number | boolean | readonly Toml[] | object;

export interface Kind<T> {
  /** What a value of this kind looks like, for people: "a port from 1 to 65535". */
  readonly expected: string;
  readonly unit: string;
  /** The value, or undefined where it is not of this kind. */
  read(value: Toml): T | undefined;
  /** Says more exactly than `expected` what is wrong with some values. */
  refusal?(value: Toml): string | undefined;
}

/** An address to listen at. */
export interface Endpoint {
  readonly ip: Uint8Array;
  readonly port: number;
  readonly text: string;
}

/** Addresses that begin with the same bits. */
export interface NetworkText {
  readonly ip: Uint8Array;
  readonly bits: number;
}

export const yesOrNo: Kind<boolean> = {
  expected: "true or false",
  unit: "",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

/** Text of one line without control characters, at most as long as a DNS character string. */
export const text: Kind<string> = {
  expected: `text of at most ${limits.settingTextBytesMax.value} bytes`,
  unit: "",
  read: (value) =>
    typeof value === "string" &&
    !/[\p{Cc}]/u.test(value) &&
    Buffer.byteLength(value) <= limits.settingTextBytesMax.value
      ? value
      : undefined,
};

export const path: Kind<string> = {
  expected: "a path",
  unit: "path",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** Bytes of a UNIX socket's address that the kernel takes: 108 with the closing zero. */
const UNIX_PATH_BYTES_MAX = 107;

/** Where a UNIX socket is. Gives the path. */
export const unixSocket: Kind<string> = {
  expected: `"unix:" and a path of at most ${UNIX_PATH_BYTES_MAX} bytes`,
  unit: "path",
  read: (value) => {
    const found = typeof value === "string" ? /^unix:([^\0]+)$/.exec(value)?.[1] : undefined;
    const fits = found !== undefined && Buffer.byteLength(found) <= UNIX_PATH_BYTES_MAX;
    return fits ? found : undefined;
  },
};

/** Sixteen bytes that nobody else knows. */
export const secret: Kind<Uint8Array> = {
  expected: "32 hex digits",
  unit: "",
  read: (value) =>
    typeof value === "string" && /^[\da-f]{32}$/i.test(value) ? fromHex(value) : undefined,
};

/** Bytes as text, or as hex digits behind 0x. */
export const octets: Kind<Uint8Array> = {
  expected: `text of at most ${limits.settingTextBytesMax.value} bytes, or hex digits like "0x1f"`,
  unit: "",
  read: (value) => {
    const read = text.read(value);
    if (read === undefined) return undefined;
    if (!read.startsWith("0x")) return new TextEncoder().encode(read);
    return /^(?:[\da-f]{2})+$/i.test(read.slice(2)) ? fromHex(read.slice(2)) : undefined;
  },
};

/** One word of a few. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<W> {
  return {
    expected: words.map((word) => `"${word}"`).join(" or "),
    unit: "",
    read: (value) => words.find((word) => word === value),
  };
}

/** A whole number from `min` to a row of the limits table. */
export function count(min: number, max: Limit): Kind<number> {
  return {
    expected: `a whole number from ${min} to ${max.value}`,
    unit: max.unit,
    read: (value) => (isWhole(value) && value >= min && value <= max.value ? value : undefined),
  };
}

const UNITS_S = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Seconds as a number, or with a unit: `90`, `"90s"`, `"15m"`, `"24h"`, `"1d"`. */
export function duration(max: Limit): Kind<number> {
  return {
    expected: `seconds from 0 to ${max.value}, or a time like "90s", "15m", "24h", "1d"`,
    unit: "s",
    read: (value) => {
      const seconds = isWhole(value) ? value : secondsOf(value);
      return seconds !== undefined && seconds >= 0 && seconds <= max.value ? seconds : undefined;
    },
  };
}

function secondsOf(value: Toml): number | undefined {
  const match = typeof value === "string" ? /^(\d{1,9}) ?([smhd])$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]) * UNITS_S[match[2] as keyof typeof UNITS_S];
}

/** A short time, as a number of milliseconds or with a unit: `1800`, `"1800ms"`, `"2s"`. */
export function milliseconds(max: Limit): Kind<number> {
  return {
    expected: `milliseconds from 0 to ${max.value}, or a time like "1800ms", "2s"`,
    unit: "ms",
    read: (value) => {
      const match = typeof value === "string" ? /^(\d{1,6}) ?(m?s)$/.exec(value) : null;
      const ms = match === null ? value : Number(match[1]) * (match[2] === "s" ? 1000 : 1);
      return isWhole(ms) && ms >= 0 && ms <= max.value ? ms : undefined;
    },
  };
}

const UNITS_BYTES = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** A size with its unit: `"256 MiB"`. Gives bytes. */
export function size(min: Limit, max: Limit): Kind<number> {
  return {
    expected:
      `a size like "256 MiB", from ${min.value / UNITS_BYTES.MiB} MiB ` +
      `to ${max.value / UNITS_BYTES.GiB} GiB`,
    unit: "bytes",
    read: (value) => {
      const match = typeof value === "string" ? /^(\d{1,9}) ?(KiB|MiB|GiB)$/.exec(value) : null;
      if (match === null) return undefined;
      const bytes = Number(match[1]) * UNITS_BYTES[match[2] as keyof typeof UNITS_BYTES];
      return bytes >= min.value && bytes <= max.value ? bytes : undefined;
    },
  };
}

/** A port, not 0. */
export const port: Kind<number> = {
  expected: "a port from 1 to 65535",
  unit: "port",
  read: (value) => (isWhole(value) && value >= 1 && value <= 65535 ? value : undefined),
};

/** A list, each item of one kind. */
function listOf<T>(item: Kind<T>, expected: string, max: Limit): Kind<readonly T[]> {
  return {
    expected,
    unit: item.unit,
    read: (value) => {
      if (!Array.isArray(value) || value.length > max.value) return undefined;
      const items = (value as readonly Toml[]).map((one) => item.read(one));
      return items.some((one) => one === undefined) ? undefined : (items as T[]);
    },
  };
}

/** An address with its port: `192.0.2.1:53`, `[2001:db8::1]:53`. Port 0: the kernel chooses. */
const endpoint: Kind<Endpoint> = {
  expected: 'an address with its port like "192.0.2.1:53" or "[2001:db8::1]:53"',
  unit: "address",
  read: (value) => (typeof value === "string" ? endpointOf(value) : undefined),
};

/** The address and port of a text, or undefined. */
function endpointOf(value: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value);
  if (match === null) return undefined;
  const ip = ipFromText(match[1] ?? match[2]!);
  const number = Number(match[3]);
  if (ip === undefined || number > 65535 || (ip.length === 16) !== (match[1] !== undefined)) {
    return undefined;
  }
  return { ip, port: number, text: value };
}

const address: Kind<Uint8Array> = {
  expected: "an IP address",
  unit: "address",
  read: (value) => (typeof value === "string" ? ipFromText(value) : undefined),
};

/**
 * A network like `192.0.2.0/24`; one address stands for itself. No bits may stand behind its end.
 */
const network: Kind<NetworkText> = {
  expected: 'a network like "192.0.2.0/24" or "2001:db8::/32"',
  unit: "network",
  read: (value) => {
    const match = typeof value === "string" ? /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) : null;
    const ip = match === null ? undefined : ipFromText(match[1]!);
    if (match === null || ip === undefined) return undefined;
    const bits = match[2] === undefined ? ip.length * 8 : Number(match[2]);
    return bits <= ip.length * 8 && endsAt(ip, bits) ? { ip, bits } : undefined;
  },
};

function endsAt(ip: Uint8Array, bits: number): boolean {
  for (let bit = bits; bit < ip.length * 8; bit++) {
    if (ip[bit >>> 3]! & (0x80 >>> (bit & 7))) return false;
  }
  return true;
}

export const endpoints = listOf(
  endpoint,
  'a list of addresses with ports like ["127.0.0.1:5335", "[::1]:5335"]',
  limits.listenersMax,
);

export const addresses = listOf(
  address,
  'a list of addresses like ["192.0.2.1", "2001:db8::1"]',
  limits.outgoingAddressesMax,
);

export const networks = listOf(
  network,
  'a list of networks like ["192.0.2.0/24", "2001:db8::/32"]',
  limits.clientNetworksMax,
);

/** Labels of letters, digits and hyphens, as certificates have them; small letters. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/;

const hostName: Kind<string> = {
  expected: "a host name",
  unit: "",
  read: (value) => {
    const name = typeof value === "string" ? value.toLowerCase().replace(/\.$/, "") : "";
    return HOST_NAME.test(name) && ipFromText(name) === undefined ? name : undefined;
  },
};

export const hostNames = listOf(
  hostName,
  'a list of host names like ["dns.example"]',
  limits.certificateNamesMax,
);

function isWhole(value: Toml): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
