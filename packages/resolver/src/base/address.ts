/**
 * An address of a server: four or sixteen bytes and a port. Never a client's; that is a `Client`.
 */
import type { SecureTerms } from "./secure-terms.ts";

export interface ServerAddress {
  /** Four bytes for IPv4, sixteen for IPv6. */
  readonly ip: Uint8Array;
  readonly port: number;
  /** It is asked over TLS, and proves who it is. */
  readonly secure?: SecureTerms | undefined;
}

/** The bytes of an IPv4 or IPv6 address in text form, or undefined. No scope ids, no port. */
export function ipFromText(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6FromText(text) : ipv4FromText(text);
}

function ipv4FromText(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function ipv6FromText(text: string): Uint8Array | undefined {
  let head = text;
  let tail = "";
  const gap = text.indexOf("::");
  if (gap >= 0) {
    if (text.includes("::", gap + 1)) return undefined;
    head = text.slice(0, gap);
    tail = text.slice(gap + 2);
  }
  const before = groups(head, gap < 0);
  const after = groups(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 16 - before.length - after.length;
  if (gap < 0 ? missing !== 0 : missing < 2) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(before);
  bytes.set(after, 16 - after.length);
  return bytes;
}

/**
 * The bytes of colon-separated groups; the last may be an IPv4 address where the text ends there.
 */
function groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (atEnd && i === parts.length - 1 && part.includes(".")) {
      const v4 = ipv4FromText(part);
      if (v4 === undefined) return undefined;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      const value = Number.parseInt(part, 16);
      bytes.push(value >>> 8, value & 0xff);
    }
  }
  return bytes;
}

/** An address as text: dotted, or in the form of RFC 5952. For servers only, never for clients. */
export function ipToText(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join(".");
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push((ip[i]! << 8) | ip[i + 1]!);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && words[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
  }
  const text = (part: readonly number[]): string => part.map((w) => w.toString(16)).join(":");
  if (best < 0) return text(words);
  return `${text(words.slice(0, best))}::${text(words.slice(best + bestLength))}`;
}

/** A server's address as text, with its port: `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function serverToText(server: ServerAddress): string {
  const ip = ipToText(server.ip);
  return server.ip.length === 4 ? `${ip}:${server.port}` : `[${ip}]:${server.port}`;
}

/** A server's address as a map key. */
export function serverKey(server: ServerAddress): string {
  return String.fromCharCode(...server.ip, server.port);
}
