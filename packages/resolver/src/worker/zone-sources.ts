/** Where copies of zones come from: servers that transfer them, and files. */
import { readFile, stat } from "node:fs/promises";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { type Transferred, transferZone } from "../upstream/zone-transfer.ts";
import type { ZoneSource } from "./zone-keeper.ts";

const BYTES_MAX = limits.zoneBytesMax.value;

/** A server that allows transfers; asked from `source` where that is given. */
export function zoneServer(
  zone: Name,
  text: string,
  server: ServerAddress,
  outgoing: readonly Uint8Array[],
  signal: AbortSignal,
): ZoneSource {
  const random = new SystemRandom();
  const source = outgoing.find((ip) => ip.length === server.ip.length);
  return {
    text,
    fetch: async (serial) => await transferZone({ server, zone, serial, source, random, signal }),
  };
}

/** A file that something else keeps fresh; it is read again each time. */
export function zoneFile(zone: Name, path: string): ZoneSource {
  return { text: path, fetch: async () => await readZoneAt(zone, path) };
}

async function readZoneAt(zone: Name, path: string): Promise<Transferred> {
  let text: string;
  try {
    if ((await stat(path)).size > BYTES_MAX) return { kind: "failed", why: "it is too large" };
    text = await readFile(path, "utf8");
  } catch (error) {
    return { kind: "failed", why: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
  const read = readZoneFile(text, { origin: zone });
  if ("kind" in read) return { kind: "failed", why: `line ${read.line}: ${read.why}` };
  // What a file has of other zones is nobody's business here, and stands in nobody's way.
  return { kind: "zone", records: read.records.filter(({ name }) => isAtOrUnder(name, zone)) };
}
