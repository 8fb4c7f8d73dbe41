/**
 * Negative trust anchors as settings (RFC 7646): zones that fail to validate by a mistake of their
 * operators, and are taken as unsigned until a date.
 *
 *   [[resolve.negative-trust-anchors]]
 *   zone = "example.com"
 *   until = 2026-12-01                       a date, or a moment: 2026-12-01T12:00:00Z
 *   reason = "expired signatures, operator told"
 */
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { type NegativeAnchor, dateText } from "../dnssec/beliefs.ts";
import { wallS } from "../system/clock.ts";
import { type Kind, type Toml, text, yesOrNo } from "./setting-kinds.ts";
import { zoneName } from "./zone-settings.ts";

const ANCHORS_MAX = limits.negativeAnchorsMax.value;
const AHEAD_MAX_S = limits.negativeAnchorAheadMaxS.value;
const AHEAD_MAX_DAYS = AHEAD_MAX_S / 86400;

/** A negative trust anchor of the configuration, which has an end. */
export interface NegativeSetting extends NegativeAnchor {
  readonly untilS: number;
  /** It ends as soon as the zone is found to validate. */
  readonly isProbed: boolean;
}

const example = '{ zone = "example.com", until = 2026-12-01, reason = "why" }';

/** Zones with an end and a reason, each once, no end too far ahead. */
export const negativeAnchors: Kind<readonly NegativeSetting[]> = {
  expected: `zones like ${example}, each once, at most ${AHEAD_MAX_DAYS} days ahead`,
  unit: "",
  read: (value) => {
    const all = readAll(value);
    const isSoon = (one: NegativeSetting): boolean => one.untilS <= wallS() + AHEAD_MAX_S;
    return all?.every(isSoon) === true ? all : undefined;
  },
  refusal: (value) => {
    const late = readAll(value)?.find(({ untilS }) => untilS > wallS() + AHEAD_MAX_S);
    if (late === undefined) return undefined;
    const zone = nameToText(late.zone);
    return `expected for ${zone} an end at most ${AHEAD_MAX_DAYS} days ahead (RFC 7646 §4)`;
  },
};

function readAll(value: Toml): readonly NegativeSetting[] | undefined {
  if (!Array.isArray(value) || value.length > ANCHORS_MAX) return undefined;
  const read = (value as readonly Toml[]).map(readOne);
  if (read.some((one) => one === undefined)) return undefined;
  const all = read as readonly NegativeSetting[];
  const distinct = new Set(all.map(({ zone }) => zone.join()));
  return distinct.size === all.length ? all : undefined;
}

function readOne(value: Toml): NegativeSetting | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { zone, until, reason, probe = true, ...more } = value as Record<string, Toml>;
  if (Object.keys(more).length > 0 || zone === undefined) return undefined;
  if (until === undefined || reason === undefined) return undefined;
  const name = zoneName.read(zone);
  const untilS = momentOf(until);
  const why = text.read(reason);
  const isProbed = yesOrNo.read(probe);
  if (name === undefined || untilS === undefined || isProbed === undefined) return undefined;
  if (why === undefined || why === "") return undefined;
  return { zone: name, untilS, reason: why, isProbed };
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?$/;

/** Seconds since 1970 of a date, at its beginning, or of a moment; UTC where no zone is named. */
function momentOf(value: Toml): number | undefined {
  const ms = value instanceof Date ? value.getTime() : msOf(value);
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : undefined;
}

function msOf(value: Toml): number {
  if (typeof value !== "string" || !DATE.test(value)) return Number.NaN;
  return Date.parse(value.includes("T") && !value.endsWith("Z") ? `${value}Z` : value);
}

/** What is said of each negative trust anchor at the start: nobody should be surprised by one. */
export function negativeAnchorLines(all: readonly NegativeSetting[], nowS: number): string[] {
  return all.map(({ zone, untilS, reason }) => {
    const what = `negative trust anchor: ${nameToText(zone)}`;
    const end = dateText(untilS);
    return untilS <= nowS
      ? `${what} counts no more: it ended ${end} (${reason})`
      : `${what} is taken as unsigned until ${end} (${reason})`;
  });
}

/** What is said when one has ended before its date. */
export function negativeAnchorEnd(zone: Name): string {
  return `negative trust anchor: ${nameToText(zone)} validates again, and is validated from now on`;
}
