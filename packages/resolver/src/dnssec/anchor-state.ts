/**
 * The state of trust points as text: what outlives the server (RFC 5011).
 *
 *   lethe trust anchors 1
 *   zone . configured 5b21… looked 1784000000 proven 1784000000 next 1784086400 ttl 172800
 *   unseen DS 38696 8 2 683D2D0A…
 *   valid 1780000000 0 257 3 8 AwEAAa…          state, since when, sightings, the DNSKEY
 *   check e3b0c442…                              SHA-256 of all lines before it
 *
 * Times are seconds since 1970. A text that is not whole, word for word, is not believed at all:
 * half a state could bring a revoked key back.
 */
import { toHex } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { nameEqual } from "@lethe/wire/name.ts";
import { nameFromText, nameToText } from "@lethe/wire/name-text.ts";
import { rdataFromText, rdataToText } from "@lethe/wire/rdata-text.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { digestType } from "./algorithm.ts";
import type { TrustAnchor } from "./anchor.ts";
import {
  type AnchorKey,
  type AnchorState,
  type TrustPoint,
  newTrustPoint,
} from "./anchor-rollover.ts";
import { digest } from "./crypto.ts";
import { type Ds, parseDs } from "./ds.ts";
import type { Trust } from "./judge-keys.ts";
import { isRevoked, parseKey } from "./key.ts";

const HEAD = "lethe trust anchors 1";
const LOOK_MAX_S = limits.anchorQueryMaxS.value;
const STATES: ReadonlySet<string> = new Set<AnchorState>([
  "add-pending",
  "valid",
  "missing",
  "revoked",
]);

/** A trust point as it was kept: without its configured anchor, which is known by its digest. */
export interface KeptPoint extends Omit<TrustPoint, "start"> {
  readonly configured: string;
}

/** Why a text is no state of trust anchors. */
export interface AnchorStateError {
  readonly kind: "anchor-state-error";
  /** Counted from 1. */
  readonly line: number;
  readonly why: string;
}

/** The state of trust points, to be kept. */
export function anchorStateToText(points: readonly TrustPoint[]): string {
  const lines = [HEAD];
  for (const point of points) {
    const { zone, start, unseen, keys, lookedS, provenS, nextLookS, ttlS } = point;
    const times = `looked ${lookedS} proven ${provenS} next ${nextLookS} ttl ${ttlS}`;
    lines.push(`zone ${nameToText(zone)} configured ${trustDigest(start)} ${times}`);
    for (const line of trustLines(unseen)) lines.push(`unseen ${line}`);
    for (const { key, state, changedS, sightings } of keys) {
      lines.push(`${state} ${changedS} ${sightings} ${rdataToText(rrType.DNSKEY, key.rdata)}`);
    }
  }
  const text = `${lines.join("\n")}\n`;
  return `${text}check ${digestOf(text)}\n`;
}

/** Trust points as they would be kept. */
export function keptPoints(points: readonly TrustPoint[]): KeptPoint[] {
  return points.map(({ start, ...left }) => ({ ...left, configured: trustDigest(start) }));
}

/** The trust points in a text that was kept. */
export function readAnchorState(text: string): readonly KeptPoint[] | AnchorStateError {
  const lines = text.split("\n");
  const checkAt = text.lastIndexOf("check ");
  const last = lines.length - 1;
  if (lines[0] !== HEAD) return stateError(1, `expected "${HEAD}"`);
  if (lines[last] !== "" || checkAt < 0 || lines[last - 1] !== text.slice(checkAt, -1)) {
    return stateError(last, "the end is missing");
  }
  if (text.slice(checkAt, -1) !== `check ${digestOf(text.slice(0, checkAt))}`) {
    return stateError(last, "it is not what was written: the digest differs");
  }
  const points: Draft[] = [];
  for (const [i, line] of lines.slice(1, -2).entries()) {
    const why = takeLine(line, points);
    if (why !== undefined) return stateError(i + 2, why);
  }
  return points;
}

/**
 * The trust points of configured anchors, each where it was left.
 *
 * A zone whose configured anchor is another one than that of the state begins anew: what the
 * operator says now counts.
 */
export function resumePoints(
  anchors: readonly TrustAnchor[],
  kept: readonly KeptPoint[],
  nowS: number,
): TrustPoint[] {
  return anchors.map(({ zone, ds, keys }) => {
    const start = { ds, keys };
    const known = kept.find((one) => nameEqual(one.zone, zone));
    if (known === undefined || known.configured !== trustDigest(start)) {
      return newTrustPoint(zone, start, nowS);
    }
    const { configured: _, ...left } = known;
    // A clock that was wrong once must not put off the next look.
    return { ...left, start, nextLookS: Math.min(left.nextLookS, nowS + LOOK_MAX_S) };
  });
}

type Draft = { -readonly [K in keyof KeptPoint]: KeptPoint[K] };

/** Takes one line; says why it cannot be one. */
function takeLine(line: string, points: Draft[]): string | undefined {
  const [word = "", ...rest] = line.split(" ");
  if (word === "zone") {
    const point = pointOf(rest);
    if (point === undefined) return "a zone is malformed";
    points.push(point);
    return undefined;
  }
  const point = points.at(-1);
  if (point === undefined) return "a key stands before its zone";
  if (word === "unseen") {
    const [type, ...rdata] = rest;
    const trust = trustFromText(type, rdata.join(" "));
    if (trust === undefined) return "what was not seen is malformed";
    const { ds, keys } = point.unseen;
    point.unseen = { ds: [...ds, ...trust.ds], keys: [...keys, ...trust.keys] };
    return undefined;
  }
  const key = keyOf(word, rest);
  if (key === undefined) return "a key is malformed";
  point.keys = [...point.keys, key];
  return undefined;
}

const ZONE_WORDS = "configured looked proven next ttl".split(" ");

function pointOf([zoneText = "", ...rest]: readonly string[]): Draft | undefined {
  const zone = nameFromText(zoneText);
  const isInOrder = ZONE_WORDS.every((word, i) => rest[2 * i] === word);
  const values = ZONE_WORDS.map((_, i) => rest[2 * i + 1] ?? "");
  const [configured = "", ...times] = values;
  const [lookedS, provenS, nextLookS, ttlS] = times.map(wholeNumber);
  if (zone === undefined || !isInOrder || rest.length !== 2 * ZONE_WORDS.length) return undefined;
  if (lookedS === undefined || provenS === undefined) return undefined;
  if (nextLookS === undefined || ttlS === undefined) return undefined;
  const none: Trust = { ds: [], keys: [] };
  return { zone, configured, unseen: none, keys: [], lookedS, provenS, nextLookS, ttlS };
}

function keyOf(state: string, words: readonly string[]): AnchorKey | undefined {
  const [since = "", sightings = "", ...rdata] = words;
  const changedS = wholeNumber(since);
  const count = wholeNumber(sightings);
  const [key] = trustFromText("DNSKEY", rdata.join(" "))?.keys ?? [];
  if (changedS === undefined || count === undefined || key === undefined) return undefined;
  if (!isState(state) || isRevoked(key)) return undefined;
  return { key, state, changedS, sightings: count };
}

function isState(word: string): word is AnchorState {
  return STATES.has(word);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function trustFromText(type: string | undefined, text: string): Trust | undefined {
  if (type !== "DS" && type !== "DNSKEY") return undefined;
  const rdata = rdataFromText(rrType[type], text);
  if (!(rdata instanceof Uint8Array)) return undefined;
  const ds = type === "DS" ? parseDs(rdata) : undefined;
  const key = type === "DNSKEY" ? parseKey(rdata) : undefined;
  if (ds === undefined && key === undefined) return undefined;
  return { ds: ds === undefined ? [] : [ds], keys: key === undefined ? [] : [key] };
}

function trustLines({ ds, keys }: Trust): string[] {
  return [
    ...ds.map((one) => `DS ${dsText(one)}`),
    ...keys.map(({ rdata }) => `DNSKEY ${rdataToText(rrType.DNSKEY, rdata)}`),
  ];
}

function dsText({ keyTag, algorithm, digestType: type, digest: bytes }: Ds): string {
  return `${keyTag} ${algorithm} ${type} ${toHex(bytes)}`;
}

/** Tells one configured anchor from another, whatever the order of its records. */
function trustDigest(trust: Trust): string {
  return digestOf(trustLines(trust).toSorted().join("\n"));
}

function digestOf(text: string): string {
  const bytes = digest(digestType.SHA256, new TextEncoder().encode(text));
  assert(bytes !== undefined, "SHA-256 is there");
  return toHex(bytes);
}

function stateError(line: number, why: string): AnchorStateError {
  return { kind: "anchor-state-error", line, why };
}
