/**
 * Reads scenario files (`.rpl`) of both dialects.
 *
 *   configuration … CONFIG_END
 *   SCENARIO_BEGIN title
 *   RANGE_BEGIN 0 100 / ADDRESS ip / entries / RANGE_END     what servers say, and when
 *   STEP 1 QUERY / entry                                     what happens, in this order
 *   SCENARIO_END
 *
 * The dialects differ in what the steps of one file assume of the order in which ranges are
 * searched and of the step that is current while a question is on its way (sim/replay.ts).
 */
import { ipFromText, ipToText } from "../src/base/address.ts";
import { type Entry, type Line, Lines, Unreadable, meaningfulLines, readEntry } from "./entry.ts";
import { type ScenarioConfig, readConfig } from "./scenario-config.ts";
import { filesIn } from "./scenario-copies.ts";

export type Dialect = "unbound" | "deckard";

/** What some servers say while the current step lies between two numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Texts of addresses in one form; none: any server. */
  readonly addresses: ReadonlySet<string>;
  readonly entries: readonly Entry[];
}

export type StepKind =
  | "QUERY"
  | "CHECK_ANSWER"
  | "REPLY"
  | "CHECK_OUT_QUERY"
  | "TIMEOUT"
  | "ERROR"
  | "TIME_PASSES"
  | "TRAFFIC"
  | "ASSIGN"
  | "CHECK_AUTOTRUST"
  | "NOTHING";

export interface Step {
  readonly at: number;
  readonly line: number;
  readonly kind: StepKind;
  /** Of the client or, for REPLY, TIMEOUT and CHECK_OUT_QUERY, of the server; none: any. */
  readonly address: string | undefined;
  readonly entry: Entry | undefined;
  readonly elapseMs: number;
  /** Of ASSIGN, `name = formula`; of TIME_PASSES, the seconds as a formula; else empty. */
  readonly formula: string;
  /** What must stand in the state of the trust anchors. */
  readonly file: readonly string[];
}

export interface Scenario {
  readonly kind: "scenario";
  readonly title: string;
  readonly dialect: Dialect;
  readonly config: ScenarioConfig;
  /** The state of the trust anchors at the beginning; undefined: they do not roll over. */
  readonly anchorFile: readonly string[] | undefined;
  readonly ranges: readonly Range[];
  readonly steps: readonly Step[];
  /** Features that the file needs and Lethe lacks, each once. */
  readonly lacking: readonly string[];
}

/** A file that is not wholly understood. */
export interface NotUnderstood {
  readonly kind: "not-understood";
  /** Begins with the number of the line. */
  readonly why: string;
}

/** Reads a scenario, or says at which line it stops making sense. */
export function readScenario(text: string, dialect: Dialect): Scenario | NotUnderstood {
  try {
    return readWhole(new Lines(meaningfulLines(text)), filesIn(text), dialect);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: "not-understood", why: error.message };
  }
}

function readWhole(lines: Lines, files: ReadonlyMap<string, string>, dialect: Dialect): Scenario {
  const lacking = new Set<string>();
  const anchorFile: string[] = [];
  const config = readConfig(configLines(lines, anchorFile), files);
  const begin = lines.take();
  const title = /^SCENARIO_BEGIN\s*(.*)$/.exec(begin.text)?.[1];
  if (title === undefined) throw new Unreadable(begin.number, "SCENARIO_BEGIN was expected");
  const ranges: Range[] = [];
  const steps: Step[] = [];
  for (;;) {
    const line = lines.take();
    if (lines.takeControl(line)) continue;
    const words = line.text.split(/\s+/);
    if (words[0] === "SCENARIO_END") break;
    // Two files close a range twice, one with a record between; their own reader passes over it.
    if (/^(RANGE_END|ENTRY_END|.*\.)$/.test(words[0]!)) continue;
    if (words[0] === "RANGE_BEGIN") ranges.push(readRange(lines, words, line.number));
    else if (words[0] === "STEP" && words[2] === "CHECK_TEMPFILE") {
      lacking.add("the files that Unbound writes");
      skipTo(lines, "FILE_END");
    } else if (words[0] === "STEP" && words[2] === "ASSIGN") steps.push(assignment(line));
    else if (words[0] === "STEP") steps.push(readStep(lines, words, line.number));
    else throw new Unreadable(line.number, `${words[0]} is unknown`);
  }
  if (lines.next !== undefined) {
    throw new Unreadable(lines.next.number, "something stands behind SCENARIO_END");
  }
  for (const feature of config.lacking) lacking.add(feature);
  for (const { entries } of ranges) for (const entry of entries) addLacking(lacking, entry);
  for (const { entry } of steps) if (entry !== undefined) addLacking(lacking, entry);
  return {
    kind: "scenario",
    title,
    dialect,
    config,
    anchorFile: anchorFile.length === 0 ? undefined : anchorFile,
    ranges,
    steps,
    lacking: [...lacking],
  };
}

function addLacking(lacking: Set<string>, entry: Entry): void {
  for (const feature of entry.lacking) lacking.add(feature);
}

/** The lines of the configuration, without the files between them; those of the anchors apart. */
function configLines(lines: Lines, anchorFile: string[]): Line[] {
  const found: Line[] = [];
  for (;;) {
    const line = lines.take();
    const first = line.text.split(/\s+/)[0]!;
    if (first === "CONFIG_END") return found;
    const before = found.at(-1);
    if (first === "TEMPFILE_NAME") {
      // The value of the setting before it.
      const name = line.text.split(/\s+/)[1] ?? "";
      if (before !== undefined)
        found[found.length - 1] = { ...before, text: `${before.text} ${name}` };
    } else if (first === "TEMPFILE_CONTENTS") skipTo(lines, "TEMPFILE_END");
    else if (first === "AUTOTRUST_FILE") anchorFile.push(...linesTo(lines, "AUTOTRUST_END"));
    else found.push(line);
  }
}

function linesTo(lines: Lines, end: string): string[] {
  const found: string[] = [];
  for (;;) {
    const { text } = lines.take();
    if (text === end) return found;
    found.push(text);
  }
}

/** `STEP 7 ASSIGN t0 = ${time}` */
function assignment({ text, number }: Line): Step {
  const found = /^STEP\s+(\d+)\s+ASSIGN\s+(\w+\s*=.+)$/.exec(text);
  if (found === null) throw new Unreadable(number, "ASSIGN needs a name and a formula");
  return {
    at: Number(found[1]),
    line: number,
    kind: "ASSIGN",
    address: undefined,
    entry: undefined,
    elapseMs: 0,
    formula: found[2]!,
    file: [],
  };
}

function skipTo(lines: Lines, end: string): void {
  while (lines.take().text !== end);
}

function readRange(lines: Lines, words: readonly string[], line: number): Range {
  const from = Number(words[1]);
  const to = Number(words[2]);
  if (!(from <= to)) throw new Unreadable(line, "RANGE_BEGIN has no two steps");
  // Some files write the address on the same line; it is what counts only where no other stands.
  const addresses = new Set<string>();
  if (words[3] !== undefined) addresses.add(addressText(words[3], line));
  const entries: Entry[] = [];
  for (;;) {
    const next = lines.take();
    if (lines.takeControl(next)) continue;
    const [first, ...rest] = next.text.split(/\s+/);
    if (first === "RANGE_END") return { from, to, addresses, entries };
    if (first === "ADDRESS") addresses.add(addressText(rest[0] ?? "", next.number));
    else if (first === "ENTRY_BEGIN") entries.push(readEntry(lines, next.number));
    else throw new Unreadable(next.number, `${first} is unknown`);
  }
}

/** An address in the one form that is compared; a port behind it is left away. */
function addressText(text: string, line: number): string {
  const ip = ipFromText(text.replace(/@\d+$/, ""));
  if (ip === undefined) throw new Unreadable(line, `"${text}" is no address`);
  return ipToText(ip);
}

/** Kinds of steps, and whether an entry stands behind them. */
const STEP_ENTRIES: Readonly<Record<StepKind, "always" | "never" | "maybe">> = {
  QUERY: "always",
  CHECK_ANSWER: "always",
  REPLY: "always",
  CHECK_OUT_QUERY: "always",
  TIMEOUT: "maybe",
  ERROR: "maybe",
  TIME_PASSES: "never",
  TRAFFIC: "never",
  ASSIGN: "never",
  CHECK_AUTOTRUST: "never",
  NOTHING: "never",
};

function isStepKind(word: string): word is StepKind {
  return Object.hasOwn(STEP_ENTRIES, word);
}

function readStep(lines: Lines, words: readonly string[], line: number): Step {
  const at = Number(words[1]);
  const kind = words[2] ?? "";
  if (!Number.isInteger(at)) throw new Unreadable(line, "STEP has no number");
  if (!isStepKind(kind)) throw new Unreadable(line, `STEP ${kind} is unknown`);
  const entries = STEP_ENTRIES[kind];
  const rest = words.slice(3);
  let elapseMs = 0;
  let formula = "";
  let file: string[] = [];
  if (kind === "TIME_PASSES" && rest[0] === "EVAL") formula = rest.splice(0).slice(1).join(" ");
  else if (kind === "TIME_PASSES") elapseMs = 1000 * elapseOf(rest.splice(0, 2), line);
  if (kind === "CHECK_AUTOTRUST") {
    rest.splice(0, 1);
    if (lines.takeIf("FILE_BEGIN") === undefined) throw new Unreadable(line, "no file to check");
    file = linesTo(lines, "FILE_END");
  }
  let address: string | undefined;
  if (rest[0] === "ADDRESS") address = addressText(rest.splice(0, 2)[1] ?? "", line);
  if (rest.length > 0) throw new Unreadable(line, `${rest.join(" ")} is unknown here`);
  const below = lines.takeIf("ADDRESS");
  if (below !== undefined) address = addressText(below[1] ?? "", line);
  let entry: Entry | undefined;
  const begin = lines.next;
  if (begin?.text === "ENTRY_BEGIN" && entries !== "never") {
    lines.take();
    entry = readEntry(lines, begin.number);
  }
  if (entries === "always" && entry === undefined)
    throw new Unreadable(line, `${kind} needs an entry`);
  return { at, line, kind, address, entry, elapseMs, formula, file };
}

function elapseOf(words: readonly string[], line: number): number {
  const elapsed = Number(words[1]);
  if (words[0] !== "ELAPSE" || words[1] === undefined || !(elapsed >= 0)) {
    throw new Unreadable(line, "TIME_PASSES needs ELAPSE and a number of seconds");
  }
  return elapsed;
}
