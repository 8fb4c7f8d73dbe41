/** Stub and forward zones of a scenario's configuration. */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { ConfiguredZone } from "../src/recursor/options.ts";

/** Where stub zones' servers and forward zones' resolvers are asked. */
const DNS_PORT = 53;

/** Adds a server to a stub zone, or a resolver to a forward zone. */
export function addServer(
  zones: ConfiguredZone[],
  zone: Name,
  ip: Uint8Array,
  recursive: boolean,
): void {
  const server = { ip, port: DNS_PORT };
  const before = zones.find((one) => nameEqual(one.zone, zone));
  if (before === undefined) zones.push({ zone, servers: [server], recursive });
  else amendZone(zones, zone, { servers: [...before.servers, server] });
}

/** Says more of a stub or forward zone whose servers are known. */
export function amendZone(
  zones: ConfiguredZone[],
  zone: Name | undefined,
  more: Partial<ConfiguredZone>,
): void {
  const at = zones.findIndex((one) => zone && nameEqual(one.zone, zone));
  const before = zones[at];
  if (before !== undefined) zones[at] = { ...before, ...more };
}
