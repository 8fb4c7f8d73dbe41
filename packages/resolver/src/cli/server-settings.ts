/**
 * Servers as settings and arguments have them: by address or by name, plain, over TLS or HTTPS.
 *
 *   192.0.2.1 · [2001:db8::1]:5300 · ns1.example
 *   tls://192.0.2.1#dns.example · tls://dns.example:8853
 *   https://192.0.2.1/dns-query#dns.example · https://dns.example/dns-query
 *
 * Behind `#` is the name that the certificate must have. Without one it is the server's own name,
 * or its address.
 */
import { domainToASCII } from "node:url";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText } from "../base/address.ts";
import type { SecureTerms } from "../base/secure-terms.ts";

/** Terms without whose word counts: that stands elsewhere in the settings. */
export type SecureForm = Pick<SecureTerms, "over" | "name" | "path">;

export interface ServerByAddress {
  readonly kind: "address";
  readonly ip: Uint8Array;
  readonly port: number;
  readonly secure?: SecureForm;
}

export interface ServerByName {
  readonly kind: "name";
  readonly name: Name;
  /** The name as a host name, in small letters. */
  readonly host: string;
  readonly port: number;
  readonly secure?: SecureForm;
}

export type ServerSetting = ServerByAddress | ServerByName;

/** The ports of servers that are named without one. */
export const defaultPorts = { plain: 53, tls: 853, https: 443 } as const;

/** Labels of letters, digits, hyphens and underscores; no number alone at the end. */
const HOST = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z_][a-z0-9_-]{0,62}$/;
/** What an HTTP path may hold, without a query and without a template. */
const PATH = /^\/[!$%&'()*+,./:;=@A-Z_a-z~0-9-]{0,255}$/;

/** The server that a text names, or undefined. */
export function serverFromText(text: string): ServerSetting | undefined {
  const scheme = /^(tls|https):\/\/(.*)$/.exec(text);
  if (scheme === null) return placeFromText(text, defaultPorts.plain);
  const over = scheme[1] as "tls" | "https";
  const [rest, told, ...more] = scheme[2]!.split("#");
  const name = told === undefined ? undefined : hostFromText(told);
  if (more.length > 0 || (told !== undefined && name === undefined)) return undefined;
  const slash = over === "https" ? rest!.indexOf("/") : rest!.length;
  if (slash < 0) return undefined;
  const path = rest!.slice(slash).replace(/\{\?dns\}$/, "");
  if (over === "https" && !PATH.test(path)) return undefined;
  const place = placeFromText(rest!.slice(0, slash), defaultPorts[over]);
  if (place === undefined) return undefined;
  const own = place.kind === "name" ? place.host : undefined;
  return { ...place, secure: { over, name: name ?? own, path } };
}

/** An address or a name, with a port behind `:` or `@`, or without. */
export function placeFromText(text: string, defaultPort: number): ServerSetting | undefined {
  const bare = ipFromText(text);
  if (bare !== undefined) return { kind: "address", ip: bare, port: defaultPort };
  const found = /^(?:\[([^\]]+)\]|([^[\]]+?))(?:[:@](\d{1,5}))?$/.exec(text);
  if (found === null) return undefined;
  const [, bracketed, open, portText] = found;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65535) return undefined;
  const ip = ipFromText(bracketed ?? open!);
  if (ip !== undefined) {
    // `2001:db8::1:53` would be an address without a port: brackets or `@` tell them apart.
    const isClear = bracketed !== undefined ? ip.length === 16 : isAlone(ip, text);
    return isClear ? { kind: "address", ip, port } : undefined;
  }
  const host = bracketed === undefined ? hostFromText(open!) : undefined;
  const name = host === undefined ? undefined : nameFromText(host, ROOT);
  return host === undefined || name === undefined ? undefined : { kind: "name", name, host, port };
}

function isAlone(ip: Uint8Array, text: string): boolean {
  return ip.length === 4 || text.includes("@");
}

/** A host name in small letters and ASCII, without a dot at its end. */
export function hostFromText(text: string): string | undefined {
  const host = domainToASCII(text.replace(/\.$/, "")).toLowerCase();
  return HOST.test(host) ? host : undefined;
}

/** SHA-256 of a key, in base64. */
export function isPin(text: string): boolean {
  return /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);
}
