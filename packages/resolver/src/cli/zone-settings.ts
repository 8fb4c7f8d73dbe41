/**
 * Settings that speak of zones: stub, forward and local ones, and names that are not validated.
 *
 * In a file each zone is a table of an array: `[[resolve.stub]]` with `zone` and `servers`.
 */
import { rrClass } from "@lethe/wire/codes.ts";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { type ServerAddress, ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { LocalZone } from "../serve/local-zones.ts";
import { nameFromPerson } from "./query-arguments.ts";
import { type Kind, type Toml, oneOf } from "./setting-kinds.ts";

/** A zone whose servers the operator names. */
export interface ZoneSetting {
  readonly zone: Name;
  readonly servers: readonly ServerAddress[];
  /** Where all of them fail, whoever has the zone otherwise is asked. */
  readonly orOthers: boolean;
  /** They are asked over TCP only. */
  readonly overTcp: boolean;
  /** Nothing that they tell is kept. */
  readonly isUncached: boolean;
}

const ZONES_MAX = limits.configuredZonesMax.value;
const SERVERS_MAX = limits.serversPerConfiguredZoneMax.value;
const RECORDS_MAX = limits.localRecordsMax.value;
const NAMES_MAX = limits.insecureZonesMax.value;
/** The port of a server that is named without one. */
const DNS_PORT = 53;

const example = '{ zone = "corp.example", servers = ["192.0.2.1", "[2001:db8::1]:5300"] }';

/** Zones, each once, with one server at least. */
export const zones: Kind<readonly ZoneSetting[]> = {
  expected: `zones like ${example}, each once`,
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > ZONES_MAX) return undefined;
    const read = (value as readonly Toml[]).map(zoneOf);
    if (read.some((one) => one === undefined)) return undefined;
    const all = read as readonly ZoneSetting[];
    const distinct = new Set(all.map(({ zone }) => zone.join()));
    return distinct.size === all.length ? all : undefined;
  },
  refusal: (value) =>
    /"(tls|https|quic):/.test(JSON.stringify(value))
      ? "not built yet, expected servers without tls://"
      : undefined,
};

function zoneOf(value: Toml): ZoneSetting | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const {
    zone = "",
    servers,
    "or-others": orOthers = false,
    "over-tcp": overTcp = false,
    cached = true,
    ...more
  } = value as Record<string, Toml>;
  if (Object.keys(more).length > 0) return undefined;
  if (typeof orOthers !== "boolean" || typeof overTcp !== "boolean") return undefined;
  if (typeof cached !== "boolean") return undefined;
  const name = zoneName.read(zone);
  if (name === undefined || zone === "" || !Array.isArray(servers)) return undefined;
  if (servers.length === 0 || servers.length > SERVERS_MAX) return undefined;
  const addresses = (servers as readonly Toml[]).map(serverOf);
  return addresses.some((one) => one === undefined)
    ? undefined
    : { zone: name, servers: addresses as ServerAddress[], orOthers, overTcp, isUncached: !cached };
}

/** `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1`, `[2001:db8::1]:5300`. */
function serverOf(value: Toml): ServerAddress | undefined {
  if (typeof value !== "string") return undefined;
  const alone = ipFromText(value);
  if (alone !== undefined) return { ip: alone, port: DNS_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value);
  const ip = match === null ? undefined : ipFromText(match[1] ?? match[2]!);
  if (match === null || ip === undefined) return undefined;
  const port = Number(match[3]);
  const isBracketed = match[1] !== undefined;
  return port >= 1 && port <= 65535 && isBracketed === (ip.length === 16)
    ? { ip, port }
    : undefined;
}

/** A server that transfers a zone, or a file that holds it. */
export type ZoneSource =
  | { readonly kind: "server"; readonly text: string; readonly server: ServerAddress }
  | { readonly kind: "file"; readonly path: string };

/** Where a whole zone can be had: addresses as those of servers, paths with a slash in them. */
export const zoneSources: Kind<readonly ZoneSource[]> = {
  expected: 'a list of servers and files like ["192.0.2.1", "[2001:db8::1]:53", "/var/root.zone"]',
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > SERVERS_MAX) return undefined;
    const read = (value as readonly Toml[]).map(zoneSourceOf);
    return read.some((one) => one === undefined) ? undefined : (read as ZoneSource[]);
  },
};

function zoneSourceOf(value: Toml): ZoneSource | undefined {
  if (typeof value !== "string") return undefined;
  const server = serverOf(value);
  if (server !== undefined) return { kind: "server", text: value, server };
  return value.includes("/") ? { kind: "file", path: value } : undefined;
}

const localExample = '{ zone = "home.example", records = ["host A 192.0.2.1"] }';

/** Zones answered from here, each once; `others` says what names without records get. */
export const localZones: Kind<readonly LocalZone[]> = {
  expected: `local zones like ${localExample}, each once`,
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > ZONES_MAX) return undefined;
    const read = (value as readonly Toml[]).map(localZoneOf);
    if (read.some((one) => one === undefined)) return undefined;
    const all = read as readonly LocalZone[];
    const distinct = new Set(all.map(({ zone }) => zone.join()));
    const records = all.reduce((sum, one) => sum + one.records.length, 0);
    return distinct.size === all.length && records <= RECORDS_MAX ? all : undefined;
  },
};

/** What a local zone may say beside its name. */
const others = oneOf("no-name", "no-data", "refuse", "drop", "apex", "resolve", "resolve-types");
/** The TTL of records that name none, in seconds. */
const LOCAL_TTL_S = 3600;

function localZoneOf(value: Toml): LocalZone | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const {
    zone,
    records = [],
    others: rest = "no-name",
    "no-types": without = [],
    ...more
  } = value as Record<string, Toml>;
  if (Object.keys(more).length > 0 || zone === undefined || !Array.isArray(records)) {
    return undefined;
  }
  const noTypes = types.read(without);
  if (noTypes === undefined) return undefined;
  const name = zoneName.read(zone);
  const what = others.read(rest);
  if (name === undefined || what === undefined) return undefined;
  if (records.some((record) => typeof record !== "string")) return undefined;
  const read = readZoneFile((records as string[]).join("\n"), { origin: name, ttlS: LOCAL_TTL_S });
  if ("kind" in read) return undefined;
  const isOwn = read.records.every((record) => {
    return isAtOrUnder(record.name, name) && record.class === rrClass.IN;
  });
  return isOwn ? { zone: name, records: read.records, others: what, noTypes } : undefined;
}

/** A domain name, absolute with or without its last dot; small letters are what is compared. */
export const zoneName: Kind<Name> = {
  expected: "a domain name",
  unit: "",
  read: (value) => (typeof value === "string" ? nameFromPerson(value.toLowerCase()) : undefined),
};

/** Types by their names, as `AAAA` or `TYPE65`. */
const types: Kind<readonly number[]> = {
  expected: 'a list of types like ["AAAA"]',
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > NAMES_MAX) return undefined;
    const read = (value as readonly Toml[]).map((one) =>
      typeof one === "string" ? typeFromText(one) : undefined,
    );
    return read.includes(undefined) ? undefined : (read as number[]);
  },
};

export const names: Kind<readonly Name[]> = {
  expected: 'a list of domain names like ["corp.example"]',
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > NAMES_MAX) return undefined;
    const read = (value as readonly Toml[]).map((one) => zoneName.read(one));
    return read.some((one) => one === undefined) ? undefined : (read as Name[]);
  },
};
