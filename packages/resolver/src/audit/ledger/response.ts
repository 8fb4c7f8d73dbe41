/**
 * What the ledger answers to a path: tlog-tiles, the key, bodies, and the feed. It knows nothing of
 * HTTP but the words that an answer needs.
 */
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { isTileOf, parseTilePath, tileBytes } from "@lethe/tlog/tile.ts";
import { verifierKeyToText } from "@lethe/tlog/verifier-key.ts";
import { isProblem } from "./files.ts";
import { feedBytes } from "./feed.ts";
import type { Ledger } from "./ledger.ts";

export type LedgerResponse =
  | {
      readonly kind: "found";
      readonly bytes: Uint8Array;
      readonly type: string;
      /** For how long a cache may keep it; what never changes, for a year. */
      readonly maxAgeS: number;
    }
  | { readonly kind: "not-found" }
  /** There was such a body, and a leaf tells why it was withdrawn. */
  | { readonly kind: "gone" }
  /** The disk could not be read. */
  | { readonly kind: "unavailable" };

const PREFIX = "/ledger/";
const TEXT = "text/plain; charset=utf-8";
const BYTES = "application/octet-stream";
/** A year: what RFC 9111 has for content that does not change. */
const FOR_EVER_S = 31_536_000;
/** tlog-tiles: no more than a few seconds. */
const HEAD_AGE_S = 5;
const FEED_AGE_S = 300;

const NOT_FOUND: LedgerResponse = { kind: "not-found" };

/** The answer to a path that begins with `/ledger/`. */
export function ledgerResponse(ledger: Ledger, path: string): LedgerResponse {
  if (!path.startsWith(PREFIX)) return NOT_FOUND;
  const name = path.slice(PREFIX.length);
  if (name === "checkpoint") return found(ledger.checkpoint(), TEXT, HEAD_AGE_S);
  if (name === "key") {
    return found(toUtf8(`${verifierKeyToText(ledger.verifier)}\n`), TEXT, FEED_AGE_S);
  }
  if (name === "feed.atom") {
    const bytes = feedBytes(ledger);
    return isProblem(bytes) ? UNAVAILABLE : found(bytes, "application/atom+xml", FEED_AGE_S);
  }
  if (name.startsWith("body/")) return bodyResponse(ledger, name.slice("body/".length));
  return tileResponse(ledger, name);
}

const UNAVAILABLE: LedgerResponse = { kind: "unavailable" };

/** Tiles and bundles of the committed tree, and all partial ones that there ever were. */
function tileResponse(ledger: Ledger, path: string): LedgerResponse {
  const tile = parseTilePath(path);
  if (tile === undefined || !isTileOf(tile, ledger.head.size)) return NOT_FOUND;
  const from = tile.index * 256;
  const bytes =
    tile.level === "entries"
      ? ledger.bundle(from, from + tile.width)
      : tileBytes(tile, ledger.hashAt);
  if (bytes === undefined) return NOT_FOUND;
  return isProblem(bytes) ? UNAVAILABLE : found(bytes, BYTES, FOR_EVER_S);
}

function bodyResponse(ledger: Ledger, commitment: string): LedgerResponse {
  const body = ledger.publicBody(commitment);
  if (body === "withdrawn") return { kind: "gone" };
  if (body === undefined) return NOT_FOUND;
  // It may be withdrawn: nobody is asked to keep it.
  return isProblem(body) ? UNAVAILABLE : found(body, "application/json", 0);
}

function found(bytes: Uint8Array, type: string, maxAgeS: number): LedgerResponse {
  return { kind: "found", bytes, type, maxAgeS };
}
