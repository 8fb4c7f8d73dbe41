/** Where copies of the root zone come from: servers that transfer it, and files. */
import { readFile, stat } from "node:fs/promises";
import { ROOT } from "@lethe/wire/name.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { type Transferred, transferZone } from "../upstream/zone-transfer.ts";
import type { RootSource } from "./root-keeper.ts";

const BYTES_MAX = limits.zoneBytesMax.value;

/** A server that allows transfers; asked from `source` where that is given. */
export function rootServer(
  text: string,
  server: ServerAddress,
  outgoing: readonly Uint8Array[],
  signal: AbortSignal,
): RootSource {
  const random = new SystemRandom();
  const source = outgoing.find((ip) => ip.length === server.ip.length);
  return {
    text,
    fetch: async (serial) =>
      await transferZone({ server, zone: ROOT, serial, source, random, signal }),
  };
}

/** A file that something else keeps fresh; it is read again each time. */
export function rootFile(path: string): RootSource {
  return { text: path, fetch: async () => await readRootFile(path) };
}

async function readRootFile(path: string): Promise<Transferred> {
  let text: string;
  try {
    if ((await stat(path)).size > BYTES_MAX) return { kind: "failed", why: "it is too large" };
    text = await readFile(path, "utf8");
  } catch (error) {
    return { kind: "failed", why: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
  const read = readZoneFile(text, { origin: ROOT });
  if ("kind" in read) return { kind: "failed", why: `line ${read.line}: ${read.why}` };
  return { kind: "zone", records: read.records };
}
