/** On what terms a scenario validates: its trust anchors and its date. */
import type { Name } from "@lethe/wire/name.ts";
import { type TrustAnchor, readAnchors } from "../src/dnssec/anchor.ts";
import type { Validation } from "../src/recursor/options.ts";
import { Unreadable } from "./entry.ts";

/** Scenarios are older than RFC 9905: what they sign with SHA-1 counts. */
export function validationOf(
  anchors: readonly string[],
  insecure: readonly Name[],
): Validation | undefined {
  if (anchors.length === 0) return undefined;
  const read: readonly TrustAnchor[] | { readonly why: string } = readAnchors(anchors.join("\n"));
  if ("why" in read) throw new Unreadable(0, `trust-anchor: ${read.why}`);
  return { anchors: read, insecure, trustsSha1: true };
}

/** A date as YYYYMMDDHHMMSS; -1: dates do not count. */
export function dateOf(value: string, line: number): number | undefined {
  if (value === "-1") return undefined;
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(value.replaceAll("'", ""));
  if (found === null) throw new Unreadable(line, `"${value}" is no date`);
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000;
}
