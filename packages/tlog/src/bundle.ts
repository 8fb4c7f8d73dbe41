/** Entry bundles: up to 256 entries end to end, each behind its length (tlog-tiles). */
import { tlogLimits } from "./limits.ts";

/** The bytes of a bundle; undefined where an entry is too long for one. */
export function bundleBytes(entries: readonly Uint8Array[]): Uint8Array | undefined {
  if (entries.length > tlogLimits.tileHashesMax.value) return undefined;
  if (entries.some((entry) => entry.length > tlogLimits.entryBytesMax.value)) return undefined;
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The entries of a bundle; undefined where it holds not exactly as many as it should. */
export function parseBundle(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  if (width > tlogLimits.tileHashesMax.value) return undefined;
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && entries.length < width) {
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) return undefined;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return at === bytes.length && entries.length === width ? entries : undefined;
}
