/** One scenario file from its text to its verdict: understood, playable at all, played. */
import { type Played, play } from "./replay.ts";
import { type Dialect, readScenario } from "./scenario.ts";

export type Verdict =
  | Played
  /** Not played, and why: a feature that Lethe lacks. */
  | { readonly kind: "skip"; readonly reason: string };

/** Plays the scenario in `text`; `tell` hears each event as a line. */
export function replay(text: string, tell?: (line: string) => void): Verdict {
  const scenario = readScenario(text, dialectOf(text));
  if (scenario.kind === "not-understood") {
    return { kind: "fail", step: undefined, why: scenario.why, difference: [], unmatched: 0 };
  }
  const { lacking } = scenario;
  if (lacking.length > 0) return { kind: "skip", reason: `needs ${lacking.join(", ")}` };
  const { rootIps, configuredZones } = scenario.config;
  const hasServers = scenario.ranges.length > 0;
  if (hasServers && rootIps.length === 0 && configuredZones.length === 0) {
    return { kind: "skip", reason: "needs a root: the file names no root server" };
  }
  return play(scenario, tell);
}

/** Unbound's configuration has clauses; Deckard's has none. */
export function dialectOf(text: string): Dialect {
  const config = text.slice(0, Math.max(0, text.search(/^\s*CONFIG_END/m)));
  return /^\s*(server|stub-zone|forward-zone|auth-zone):/m.test(config) ? "unbound" : "deckard";
}
