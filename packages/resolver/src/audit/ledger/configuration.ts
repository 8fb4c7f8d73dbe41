/**
 * The settings as the ledger tells them: secrets are named and left out, and what can be about
 * persons, who may ask and from where, is in a body that the leaf commits to.
 */
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { sha256 } from "@lethe/tlog/sha256.ts";
import { type Json, canonicalJson } from "../../base/canonical-json.ts";
import { limits } from "../../base/limits.ts";

/** Settings by key, as they stand in the file. */
export type Given = { readonly [key: string]: Json };

/** Which settings are not for everybody. */
export interface Discretion {
  /** What nobody may see: they are named and left out. */
  readonly secret: ReadonlySet<string>;
  /** What can be about persons. */
  readonly personal: ReadonlySet<string>;
}

export interface ToldConfiguration {
  readonly settings: { readonly [key: string]: Json };
  readonly withheld: readonly string[];
  /** What the leaf only commits to; undefined: there is nothing of the kind. */
  readonly personal: Given | undefined;
}

/** The given settings, sorted by who may see them; long values by their digest. */
export function toldConfiguration(
  given: Given,
  { secret, personal }: Discretion,
): ToldConfiguration {
  const settings: Record<string, Json> = {};
  const withheld: string[] = [];
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(given)) {
    if (secret.has(key)) withheld.push(key);
    else if (personal.has(key)) kept[key] = value;
    else settings[key] = shortened(value);
  }
  const hasPersonal = Object.keys(kept).length > 0;
  return { settings, withheld, personal: hasPersonal ? kept : undefined };
}

function shortened(value: Json): Json {
  const text = toUtf8(canonicalJson(value) ?? "");
  if (text.length <= limits.ledgerSettingBytesMax.value) return value;
  return { sha256: sha256(text).toHex() };
}
