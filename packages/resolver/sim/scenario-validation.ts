/** On what terms a scenario validates: its trust anchors and its date. */
import type { Name } from "@lethe/wire/name.ts";
import { type TrustAnchor, readAnchors } from "../src/dnssec/anchor.ts";
import type { Demand } from "../src/dnssec/judging.ts";
import type { Validation } from "../src/recursor/options.ts";
import { Unreadable } from "./entry.ts";

/** What Unbound believed when the scenarios were written, for keys of up to 1024 bits and more. */
export const NSEC3_ITERATIONS_MAX = 150;

/**
 * Scenarios are older than RFC 9905 and RFC 9276: what they sign with SHA-1 counts, and so does
 * what they hash more often than is believed today.
 */
export function validationOf(
  anchors: readonly string[],
  insecure: readonly Name[],
  nsec3IterationsMax: number,
  demand: Demand | undefined,
): Validation | undefined {
  if (anchors.length === 0) return undefined;
  const read: readonly TrustAnchor[] | { readonly why: string } = readAnchors(anchors.join("\n"));
  if ("why" in read) throw new Unreadable(0, `trust-anchor: ${read.why}`);
  return { anchors: read, insecure, trustsSha1: true, nsec3IterationsMax, demand };
}

/**
 * The iterations that are believed of the smallest keys, of pairs of a key's size and iterations.
 *
 * Lethe has one bound for keys of every size; the keys of scenarios are small.
 */
export function iterationsOf(value: string, line: number): number {
  const found = /^\d+\s+(\d+)(\s+\d+\s+\d+)*$/.exec(value);
  if (found === null) throw new Unreadable(line, `"${value}" are no sizes and iterations`);
  return Number(found[1]);
}

/** A date as YYYYMMDDHHMMSS; -1: dates do not count. */
export function dateOf(value: string, line: number): number | undefined {
  if (value === "-1") return undefined;
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(value.replaceAll("'", ""));
  if (found === null) throw new Unreadable(line, `"${value}" is no date`);
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000;
}
