/** What is measured: one load a row, with the questions that it sends. */
import { freshNameAt, nameAt, signedNameAt, walkNameAt } from "./authority.ts";
import { Zipf } from "./zipf.ts";

/** Which servers a row is about: all alike within a fleet. */
export type Fleet =
  /** One thread each, nothing validated. */
  | "plain"
  /** One thread each, answers validated. */
  | "validating"
  /** Two threads each, on both cores. */
  | "pair";

/** What is asked. */
export type Names =
  /** The same names again and again: they are in the cache. */
  | "cached"
  /** The same signed names again and again. */
  | "cached-signed"
  /** Names that nobody asked before, in a zone that is known. */
  | "fresh"
  /** Names that nobody asked before, in zones of top-level domains that nobody asked before. */
  | "walk"
  /** Signed names that nobody asked before, in a zone whose keys are known. */
  | "fresh-signed"
  /** A few names often and many names seldom. */
  | "zipf";

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly fleet: Fleet;
  readonly names: Names;
  readonly transport: "udp" | "tcp";
  readonly edns: "none" | "opt" | "do";
  /** Questions a second; 0: as many as are answered; `half` of Unbound's at saturation. */
  readonly rate: number | "half";
  readonly sockets: number;
  /** Questions of one round. */
  readonly questions: number;
  /** Questions before the first round: what is cached is in the cache then, and compiled. */
  readonly warmUp: number;
}

/** Of how many names the cached rows ask. */
const CACHED_NAMES = 1000;
/** Signed names that there are. */
export const SIGNED_NAMES = 40_000;
/** Names that are asked once to see what each takes in memory. */
export const MEMORY_NAMES = 100_000;
/** Names of the mixed load; the first thousand get half of all questions. */
const ZIPF_NAMES = 100_000;

const cached = {
  fleet: "plain",
  names: "cached",
  transport: "udp",
  edns: "none",
  rate: 0,
  sockets: 4,
  questions: 120_000,
  warmUp: 50_000,
} as const;
const fresh = { ...cached, names: "fresh", questions: 16_000, warmUp: 40_000 } as const;

export const rows: readonly Row[] = [
  { ...cached, id: "cached", title: "in cache, at saturation" },
  { ...cached, id: "cached-opt", title: "in cache, at saturation, with OPT", edns: "opt" },
  { ...cached, id: "cached-5k", title: "in cache, 5,000 a second", rate: 5000, questions: 10_000 },
  {
    ...cached,
    id: "cached-20k",
    title: "in cache, 20,000 a second",
    rate: 20_000,
    questions: 40_000,
  },
  {
    ...cached,
    id: "half",
    title: "in cache, half of Unbound's saturation",
    rate: "half",
    questions: 60_000,
  },
  {
    ...cached,
    id: "cached-tcp",
    title: "in cache, TCP, 8 connections",
    transport: "tcp",
    sockets: 8,
  },
  { ...fresh, id: "miss", title: "one upstream question each" },
  {
    ...fresh,
    id: "walk",
    title: "cold walk: root, top-level domain, zone",
    names: "walk",
    questions: 8000,
    warmUp: 12_000,
  },
  { ...fresh, id: "mixed", title: "mixed: Zipf, with misses", names: "zipf", questions: 50_000 },
  {
    ...cached,
    id: "cached-do",
    title: "in cache, DO, unsigned, validating",
    fleet: "validating",
    edns: "do",
  },
  {
    ...cached,
    id: "cached-signed",
    title: "in cache, DO, signed, validating",
    fleet: "validating",
    names: "cached-signed",
    edns: "do",
  },
  {
    ...fresh,
    id: "validate",
    title: "a new signed name each, validated",
    fleet: "validating",
    names: "fresh-signed",
    questions: 5000,
    warmUp: 12_000,
  },
  {
    ...cached,
    id: "pair",
    title: "in cache, two workers, 64 sockets",
    fleet: "pair",
    sockets: 64,
    questions: 150_000,
  },
];

/** Gives the questions of each row, new ones each time where a row asks for new names. */
export class Questions {
  #runs = 0;
  #signed = new Map<string, number>();
  readonly #zipf = new Map<string, Zipf>();

  /** dnsperf's lines for `count` questions to a server; cached ones are gone through many times. */
  of(names: Names, count: number, server: string): { lines: string; times: number } {
    if (names === "cached" || names === "cached-signed") {
      const nameOf = names === "cached" ? nameAt : signedNameAt;
      return { lines: lines(CACHED_NAMES, nameOf), times: Math.ceil(count / CACHED_NAMES) };
    }
    if (names === "zipf") {
      const zipf = this.#zipf.get(server) ?? new Zipf(ZIPF_NAMES);
      this.#zipf.set(server, zipf);
      return { lines: lines(count, () => freshNameAt("zipf", zipf.next())), times: 1 };
    }
    if (names === "fresh-signed") {
      // The first thousand are those of the cached row.
      const from = this.#signed.get(server) ?? CACHED_NAMES;
      this.#signed.set(server, from + count);
      return { lines: lines(count, (i) => signedNameAt(from + i)), times: 1 };
    }
    const run = `r${this.#runs++}`;
    const nameOf = names === "walk" ? walkNameAt : freshNameAt;
    return { lines: lines(count, (i) => nameOf(run, i)), times: 1 };
  }
}

function lines(count: number, nameOf: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${nameOf(i)} A\n`).join("");
}
