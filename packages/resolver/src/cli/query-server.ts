/** Whom `lethe query` asks, over what, and what that server has to prove. */
import { ipToText, serverToText } from "../base/address.ts";
import type { SecureTerms, Trust } from "../base/secure-terms.ts";
import { type Wrong, wrong } from "./command.ts";
import {
  type ServerSetting,
  defaultPorts,
  hostFromText,
  isPin,
  placeFromText,
  serverFromText,
} from "./server-settings.ts";
import { trustOf } from "./tls-roots.ts";

/**
 * "udp" alone shows a truncated answer; "any" asks again over TCP. "https" sends POST, "https-get"
 * GET, "json" asks for DNS in JSON, and "odoh" seals the question.
 */
export type QueryTransport =
  | "any"
  | "udp"
  | "tcp"
  | "tls"
  | "https"
  | "https-get"
  | "json"
  | "odoh";

/** What the options say of a server over TLS. */
export interface TlsWishes {
  /** What its certificate is to name, instead of what the server is called. */
  readonly host?: string;
  /** A file with the authorities that count. */
  readonly caFile?: string;
  /** Its key is this one, whoever signed it. */
  readonly pin?: string;
  /** Nothing is checked. */
  readonly isUnchecked?: boolean;
}

export interface QueryServer {
  /** An address, or a name that the system's resolver knows. */
  readonly place: ServerSetting;
  readonly transport: QueryTransport;
  /** For what goes over TLS. */
  readonly secure: SecureTerms | undefined;
}

/** A server that arguments name. */
interface QueryWhom {
  readonly kind: "whom";
  readonly server: QueryServer;
}

/** Where Lethe listens by default. */
const LETHE = { plain: 5335, tls: 8853, https: 8443 } as const;
const PATH = "/dns-query";

const OVER_HTTPS: ReadonlySet<QueryTransport> = new Set(["https", "https-get", "json", "odoh"]);

/** Whether a transport is plain, or what is spoken inside TLS. */
function layerOf(transport: QueryTransport): "plain" | SecureTerms["over"] {
  if (transport === "tls") return "tls";
  return OVER_HTTPS.has(transport) ? "https" : "plain";
}

/** The server that `@` names, or Lethe on this machine where it is absent. */
export function queryServerOf(
  text: string | undefined,
  asked: QueryTransport,
  wishes: TlsWishes,
): QueryWhom | Wrong {
  const named = text?.includes("://") === true ? serverFromText(text) : undefined;
  const implied = named?.secure?.over;
  const transport = asked === "any" && implied !== undefined ? implied : asked;
  const layer = layerOf(transport);
  if (implied !== undefined && implied !== layer) {
    return wrong(
      `@${text}: expected ${implied === "tls" ? "+tls" : "+https, +https-get, +json or +odoh"}`,
    );
  }
  const place =
    text === undefined
      ? ({ kind: "address", ip: Uint8Array.of(127, 0, 0, 1), port: LETHE[layer] } as const)
      : (named ?? placeFromText(text, defaultPorts[layer]));
  if (place === undefined || (text?.includes("://") === true && named === undefined)) {
    return wrong(
      `@${text}: expected an address or a name, as @127.0.0.1, @[::1]:5335, @dns.example, ` +
        "@tls://192.0.2.1#dns.example or @https://dns.example/dns-query",
    );
  }
  const isPlain = layer === "plain";
  if (isPlain) {
    return Object.keys(wishes).length === 0
      ? { kind: "whom", server: { place, transport, secure: undefined } }
      : wrong("+tls-…: expected +tls, +https, +https-get, +json or +odoh with it");
  }
  const trust = trustWished(wishes);
  if (trust.kind === "wrong") return trust;
  const own = place.kind === "name" ? place.host : undefined;
  const { name = own, path = layer === "https" ? PATH : "" } = named?.secure ?? {};
  const secure = { over: layer, name: wishes.host ?? name, path, trust };
  return { kind: "whom", server: { place, transport, secure } };
}

/**
 * The relay of a URL. It is believed by the same authorities; a name or key that was given is the
 * target's.
 */
export function relayOf(
  url: string,
  transport: QueryTransport,
  { caFile, isUnchecked }: TlsWishes,
): QueryWhom | Wrong {
  if (transport !== "odoh") return wrong(`+relay=${url}: expected +odoh with it`);
  if (!url.startsWith("https://")) {
    return wrong(`+relay=${url}: expected a URL like https://relay.example/proxy`);
  }
  return queryServerOf(url, "https", {
    ...(caFile === undefined ? {} : { caFile }),
    ...(isUnchecked === undefined ? {} : { isUnchecked }),
  });
}

function trustWished({ caFile, pin, isUnchecked }: TlsWishes): Trust | Wrong {
  if (isUnchecked === true) return { kind: "anyone" };
  if (pin !== undefined) return { kind: "keys", pins: [pin] };
  return trustOf(caFile, "+tls-ca=");
}

/** What an option says of TLS; undefined where it says nothing of it. */
export function tlsWish(option: string): TlsWishes | Wrong | undefined {
  if (option === "+tls-unchecked") return { isUnchecked: true };
  const [key, ...rest] = option.split("=");
  const value = rest.join("=");
  if (key === "+tls-host") {
    const host = hostFromText(value);
    return host === undefined ? wrong(`${option}: expected a host name`) : { host };
  }
  if (key === "+tls-ca") {
    return value === "" ? wrong(`${option}: expected a file`) : { caFile: value };
  }
  if (key !== "+tls-pin") return undefined;
  return isPin(value) ? { pin: value } : wrong(`${option}: expected a SHA-256 in base64`);
}

/** A server as people write it. */
export function placeToText(place: ServerSetting): string {
  if (place.kind === "name") return `${place.host}:${place.port}`;
  return serverToText({ ip: place.ip, port: place.port });
}

/** The host of an HTTP request, with the port where it is not that of HTTPS. */
export function authorityOf(place: ServerSetting): string {
  const host = place.kind === "name" ? place.host : hostOf(place.ip);
  return place.port === defaultPorts.https ? host : `${host}:${place.port}`;
}

function hostOf(ip: Uint8Array): string {
  return ip.length === 4 ? ipToText(ip) : `[${ipToText(ip)}]`;
}
