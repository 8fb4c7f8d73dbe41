/** From settings to where certificates come from. */
import { networkInterfaces } from "node:os";
import { ipFromText, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { isWildcard } from "../system/sockets.ts";
import type { CertificateSource } from "../worker/certificate-keeper.ts";
import { isByDefault, listenRowsOf } from "./listen-rows.ts";
import type { Settings } from "./settings.ts";

const NAMES_MAX = limits.certificateNamesMax.value;

/** Where the certificate comes from; undefined where nothing is encrypted. */
export function certificateSourceOf(settings: Settings): CertificateSource | undefined {
  const names = certificateNames(settings, machineAddresses());
  if (names === undefined) return undefined;
  const certificate = settings["tls.certificate"];
  const key = settings["tls.key"];
  const files = certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
  return { files, names, directory: settings["state.directory"] };
}

/**
 * What a self-signed certificate is for: the names that the operator gives, then the addresses that
 * are listened at; a wildcard stands for those of this machine. Undefined where there are none.
 */
export function certificateNames(
  settings: Settings,
  machine: readonly Uint8Array[],
): readonly string[] | undefined {
  const streams = listenRowsOf(settings).filter(({ spoken }) => spoken !== "dns");
  const quic = settings["listen.quic"];
  // What is listened at by default alone does not make a server one that encrypts.
  const rows = isByDefault("listen.quic", quic) ? streams : [...streams, ...quic];
  if (rows.length === 0) return undefined;
  const ips = rows.flatMap(({ ip }) =>
    isWildcard(ip) ? machine.filter((one) => one.length === ip.length) : [ip],
  );
  const local = ips.some(isLoopback) ? ["localhost"] : [];
  const all = new Set([...settings["tls.names"], ...local, ...ips.map(ipToText)]);
  // A wildcard on a machine without addresses of its family: nobody can come to see it.
  if (all.size === 0) all.add("localhost");
  return [...all].slice(0, NAMES_MAX);
}

function isLoopback(ip: Uint8Array): boolean {
  return ip.length === 4 ? ip[0] === 127 : ip.every((octet, i) => octet === (i === 15 ? 1 : 0));
}

/** The addresses of this machine that others can use: no link-local ones of IPv6. */
function machineAddresses(): Uint8Array[] {
  const all = Object.values(networkInterfaces()).flatMap((rows) => rows ?? []);
  return all.flatMap(({ address, scopeid }) => {
    const ip = (scopeid ?? 0) === 0 ? ipFromText(address) : undefined;
    return ip ?? [];
  });
}
