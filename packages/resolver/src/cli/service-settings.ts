/** From settings to what stands behind HTTP, and what of it is not as it should be. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText, ipToText } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import type { Service } from "../serve/discovery.ts";
import { isWildcard } from "../system/sockets.ts";
import type { RelayOptions } from "../transports/oblivious/relay.ts";
import type { ListenRow } from "../worker/options.ts";
import type { QuicRow } from "../worker/quic-orders.ts";
import type { ServicesTold } from "../worker/services-told.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Settings } from "./settings.ts";

const DOT_PORT = 853;
const HTTPS_PORT = 443;
const DOH_PATH = "/dns-query{?dns}";

/** What is served, and lines for the operator about what is wrong with it. */
export interface PlannedServices {
  readonly services: Omit<ServicesTold, "obliviousKeys">;
  readonly complaints: readonly string[];
}

/** The services that the settings want; the rows have the ports that are listened at. */
export function planServices(
  settings: Settings,
  rows: readonly ListenRow[],
  quic: readonly QuicRow[],
  certificate: string | undefined,
): PlannedServices | Wrong {
  const relay = relayOf(settings);
  if (relay !== undefined && "kind" in relay) return relay;
  const name = settings["discovery.name"] ?? settings["tls.names"][0];
  const complaints = relay === undefined ? [] : sameOperator(settings, rows, name, certificate);
  if (name === undefined || certificate === undefined) {
    return { services: { designation: undefined, relay }, complaints };
  }
  const uncovered = notCovered(settings, rows, name, certificate);
  if (uncovered !== undefined) complaints.push(uncovered);
  const named = nameFromText(name, ROOT);
  assert(named !== undefined, "host names are names");
  const designation = {
    name: named,
    services: servicesOf(settings, rows, quic),
    coversAddresses: uncovered === undefined,
    minimises: settings["resolve.minimise"],
    infoUrl: settings["discovery.info-url"],
  };
  return { services: { designation, relay }, complaints };
}

function relayOf(settings: Settings): RelayOptions | Wrong | undefined {
  const targets = settings["relay.targets"];
  if (targets.length === 0) return undefined;
  const file = settings["relay.authorities"];
  const allow = settings["relay.allow"];
  if (file === undefined) return { targets, allow };
  try {
    const authorities = readFileSync(file, "utf8");
    // Throws where there is no certificate.
    void new X509Certificate(authorities);
    return { targets, allow, authorities };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`relay.authorities = ${file}: expected certificates in PEM (${code})`);
  }
}

/** DNS over HTTPS first, then over TLS and QUIC; one for each port, with all spoken there. */
function servicesOf(
  settings: Settings,
  rows: readonly ListenRow[],
  quic: readonly QuicRow[],
): Service[] {
  const told = settings["discovery.addresses"];
  return (["https", "tls"] as const).flatMap((spoken) => {
    const isHttps = spoken === "https";
    const [overTls, overQuic] = isHttps ? (["h2", "h3"] as const) : (["dot", "doq"] as const);
    const streams = rows.filter((row) => row.spoken === spoken);
    const datagrams = quic
      .filter(({ speaks }) => speaks === overQuic)
      .map(({ ip, port }) => ({ ip: ipFromText(ip)!, port }));
    const ports = new Set([...streams, ...datagrams].map(({ port }) => port));
    return Array.from(ports, (port) => {
      const here = [...streams, ...datagrams].filter((row) => row.port === port);
      const ips = new Map(here.map(({ ip }) => [ipToText(ip), ip] as const)).values();
      const alpn = [
        ...(streams.some((row) => row.port === port) ? [overTls] : []),
        ...(datagrams.some((row) => row.port === port) ? [overQuic] : []),
      ];
      const addresses = told.length > 0 ? told : [...ips].filter((ip) => !isWildcard(ip));
      return isHttps
        ? { alpn, port, defaultPort: HTTPS_PORT, dohPath: DOH_PATH, addresses }
        : { alpn, port, defaultPort: DOT_PORT, addresses };
    });
  });
}

/**
 * Why clients that know an address would not believe what is told of the transports (RFC 9462
 * §4.2): the certificate has to cover it, and the name too.
 */
function notCovered(
  settings: Settings,
  rows: readonly ListenRow[],
  name: string,
  certificate: string,
): string | undefined {
  const told = settings["discovery.addresses"];
  const plain = rows.filter(({ spoken }) => spoken === "dns").map(({ ip }) => ip);
  const known = told.length > 0 ? told : plain;
  const untold = "so transports are not told by address";
  if (known.some(isWildcard)) {
    return `discovery.addresses: expected the addresses that clients know; ${untold}`;
  }
  const shown = new X509Certificate(certificate);
  const missing = [
    ...(shown.checkHost(name) === undefined ? [name] : []),
    ...known.map(ipToText).filter((ip) => shown.checkIP(ip) === undefined),
  ];
  if (missing.length === 0) return undefined;
  return `discovery: the certificate is not for ${missing.join(", ")}, ${untold}`;
}

/**
 * Which targets of the relay look like this server's own operator's: who runs both knows who asked
 * what. They may be others' all the same, so it is told and not refused.
 */
function sameOperator(
  settings: Settings,
  rows: readonly ListenRow[],
  name: string | undefined,
  certificate: string | undefined,
): string[] {
  const shown = certificate === undefined ? undefined : new X509Certificate(certificate);
  const ips = new Set([
    ...rows.map(({ ip }) => ipToText(ip)),
    ...settings["discovery.addresses"].map(ipToText),
  ]);
  return settings["relay.targets"].flatMap(({ host, port }) => {
    const bare = host.replace(/^\[|\]$/g, "");
    const check = isIP(bare) === 0 ? shown?.checkHost(bare) : shown?.checkIP(bare);
    const isHere = ips.has(bare) || check !== undefined;
    const isNear = name !== undefined && domainOf(bare) === domainOf(name);
    if (!isHere && !isNear) return [];
    const what = isHere ? "is this server" : `lies in the domain of ${name}`;
    const line = `relay.targets: ${host}:${port} ${what}; where one operator has relay and target,`;
    return [`${line} he knows who asked what`];
  });
}

/** The last two labels: what one operator has, mostly. */
function domainOf(host: string): string {
  return host.split(".").slice(-2).join(".");
}
