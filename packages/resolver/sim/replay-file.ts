/** One scenario file from its text to its verdict: understood, playable at all, played. */
import { isAtOrUnder } from "@lethe/wire/name.ts";
import { opcodeOf } from "@lethe/wire/header.ts";
import { flag } from "@lethe/wire/header.ts";
import { rcode } from "@lethe/wire/codes.ts";
import type { Entry } from "./entry.ts";
import { type Played, play } from "./replay.ts";
import { type Dialect, type Scenario, readScenario } from "./scenario.ts";

/** Set where answers are validated: files whose checks need it are played from then on. */
const VALIDATES = false;

const PENDING_VALIDATION = "pending: validation";

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
  const features = lacking.filter((feature) => !feature.startsWith("pending:"));
  if (features.length > 0) return { kind: "skip", reason: `needs ${features.join(", ")}` };
  if (lacking.length > 0) return { kind: "skip", reason: lacking[0]! };
  if (!VALIDATES && needsValidation(scenario)) return { kind: "skip", reason: PENDING_VALIDATION };
  if (needsRoot(scenario)) {
    return { kind: "skip", reason: "needs a root: the file names no root server" };
  }
  return play(scenario, tell);
}

/** Says whether clients ask for names that only a root server leads to, and there is none. */
function needsRoot({ config, steps }: Scenario): boolean {
  if (config.rootIps.length > 0) return false;
  return steps.some(({ kind, entry }) => {
    const name = kind === "QUERY" ? entry?.question?.name : undefined;
    if (name === undefined) return false;
    return !config.configuredZones.some(({ zone }) => isAtOrUnder(name, zone));
  });
}

/** Unbound's configuration has clauses; Deckard's has none. */
export function dialectOf(text: string): Dialect {
  const config = text.slice(0, Math.max(0, text.search(/^\s*CONFIG_END/m)));
  return /^\s*(server|stub-zone|forward-zone|auth-zone):/m.test(config) ? "unbound" : "deckard";
}

/**
 * Says whether the answers that a scenario checks can only be given by who validates.
 *
 * With a trust anchor these are AD, SERVFAIL (it may stand for a signature), the absence of what
 * would have been there without, which only playing shows, and Extended DNS Errors of DNSSEC.
 */
function needsValidation(scenario: Scenario): boolean {
  return scenario.steps.some((step) => {
    if (step.kind === "CHECK_OUT_QUERY") return isAboutKeys(step.entry!);
    if (step.kind !== "CHECK_ANSWER") return false;
    const entry = step.entry!;
    const asks = (word: string): boolean => entry.match.has("all") || entry.match.has(word);
    if (asks("flags") && (entry.flags & flag.ad) !== 0) return true;
    if (typeof entry.extendedError === "number" && DNSSEC_ERRORS.has(entry.extendedError)) {
      return true;
    }
    return scenario.config.validates && asks("rcode") && entry.rcode === rcode.SERVFAIL;
  });
}

/** INFO-CODEs that only a validator gives (RFC 8914 §4). */
const DNSSEC_ERRORS: ReadonlySet<number> = new Set([1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 25, 27]);

/** Questions that a validator asks and nobody else. */
function isAboutKeys(entry: Entry): boolean {
  const type = entry.question?.type;
  return opcodeOf(entry.flags) === 0 && (type === 43 || type === 48);
}
