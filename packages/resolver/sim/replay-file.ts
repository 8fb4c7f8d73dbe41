/** One scenario file from its text to its verdict: understood, playable at all, played. */
import { isAtOrUnder } from "@lethe/wire/name.ts";
import { type Played, play } from "./replay.ts";
import { type Dialect, type Scenario, readScenario } from "./scenario.ts";

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
  const hasServers = scenario.ranges.length > 0;
  if (hasServers && needsRoot(scenario)) {
    return { kind: "skip", reason: "needs a root: the file names no root server" };
  }
  return play(scenario, tell);
}

/** Says whether clients ask for names that only a root server leads to, and there is none. */
function needsRoot({ config, steps }: Scenario): boolean {
  if (config.rootIps.length > 0) return false;
  const { configuredZones, localZones, views } = config;
  const own = [...configuredZones, ...localZones, ...views.flatMap((view) => view.localZones)];
  return steps.some(({ kind, entry }) => {
    const name = kind === "QUERY" ? entry?.question?.name : undefined;
    if (name === undefined) return false;
    return !own.some(({ zone }) => isAtOrUnder(name, zone));
  });
}

/** Unbound's configuration has clauses; Deckard's has none. */
export function dialectOf(text: string): Dialect {
  const config = text.slice(0, Math.max(0, text.search(/^\s*CONFIG_END/m)));
  return /^\s*(server|stub-zone|forward-zone|auth-zone):/m.test(config) ? "unbound" : "deckard";
}
