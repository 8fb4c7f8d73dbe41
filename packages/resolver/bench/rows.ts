/** What is measured: one load a row, with the questions that it sends. */
import { freshNameAt, nameAt } from "./authority.ts";

export interface Row {
  readonly id: string;
  readonly title: string;
  /** Questions a second; 0: as many as are answered. */
  readonly rate: number;
  readonly outstanding: number;
  /** Send an OPT record with DO set. */
  readonly dnssec: boolean;
  /** Names that were never asked: each takes one upstream question. */
  readonly fresh: boolean;
}

/** Of how many names the cached rows ask. */
const CACHED_NAMES = 1000;
/** Questions a second that no server here is beyond; so a round does not run out of fresh names. */
const FRESH_PER_SECOND = 40_000;
/** Names that are asked once to see what each takes in memory. */
export const MEMORY_NAMES = 100_000;

const saturating = { rate: 0, outstanding: 200, dnssec: false, fresh: false };

export const rows: readonly Row[] = [
  { id: "cached", title: "UDP, in cache, at saturation", ...saturating },
  {
    id: "cached-opt",
    title: "UDP, in cache, at saturation, OPT with DO",
    ...saturating,
    dnssec: true,
  },
  { id: "cached-5k", title: "UDP, in cache, 5,000 a second", ...saturating, rate: 5000 },
  { id: "cached-20k", title: "UDP, in cache, 20,000 a second", ...saturating, rate: 20_000 },
  { id: "miss", title: "UDP, one upstream question each", ...saturating, fresh: true },
];

/** dnsperf's questions for a row; `run` makes the fresh names of this measurement its own. */
export function questionsOf(row: Row, run: string, seconds: number): string {
  const count = row.fresh ? FRESH_PER_SECOND * seconds : CACHED_NAMES;
  return lines(count, (i) => (row.fresh ? freshNameAt(run, i) : nameAt(i)));
}

/** The questions that fill a cache. */
export function fillingQuestions(run: string): string {
  return lines(MEMORY_NAMES, (i) => freshNameAt(run, i));
}

function lines(count: number, nameOf: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${nameOf(i)} A\n`).join("");
}
