/** `lethe replay`: plays scenario files and hostile worlds in virtual time. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../../../sim/replay-file.ts";
import { type Arguments, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { Progress, columns, say, sayJson, styled } from "../print.ts";

const help = `
usage: lethe replay PATH… [--json] [--trace]
       lethe replay --seed N [--json] [--trace]
       lethe replay --seeds A..B [--json]

Plays .rpl scenarios against the whole resolver in a virtual world: a line per
file, directories are walked. With --seed or --seeds it makes a hostile world
from each seed instead, lets clients ask in it, and checks what they are told.
The last line is "N passed, N failed, N skipped"; exit code 1 where any failed.
A file that Lethe plays differently by decision fails too, and its line says so.

  --json      one object on standard output in place of the lines
  --trace     each step, and the first difference as a diff
`;

const OPTIONS = {
  "--json": "flag",
  "--trace": "flag",
  "--seed": "value",
  "--seeds": "value",
} as const;

/** What one file or one seed came to. */
interface Row {
  readonly name: string;
  readonly verdict: Verdict;
  /** The decision by which a failing file fails. */
  readonly decision: string | undefined;
}

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, OPTIONS);
  if ("kind" in read) return read;
  const seeds = seedsOf(read);
  if ("kind" in seeds) return seeds;
  if (seeds.length === 0 && read.rest.length === 0) return wrong("replay: expected a path");
  if (seeds.length > 0 && read.rest.length > 0) {
    return wrong(`${read.rest[0]}: expected no path beside a seed`);
  }
  const isJson = read.flags.has("--json");
  const tell = read.flags.has("--trace") && !isJson ? say : undefined;
  const rows = seeds.length > 0 ? await playSeeds(seeds, tell) : await playPaths(read.rest, tell);
  if ("kind" in rows) return rows;
  if (isJson) sayJson(toJson(rows));
  else sayRows(rows);
  return rows.some((row) => row.verdict.kind === "fail") ? exit.no : exit.done;
}

/** The seeds that the arguments name; none where they name files. */
function seedsOf(read: Arguments): number[] | Wrong {
  const seeds: number[] = [];
  for (const text of read.values.get("--seed") ?? []) {
    if (!/^\d{1,15}$/.test(text)) return wrong(`--seed ${text}: expected a whole number`);
    seeds.push(Number(text));
  }
  for (const text of read.values.get("--seeds") ?? []) {
    const found = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text);
    const [first, last] = [Number(found?.[1]), Number(found?.[2])];
    if (!(first <= last)) return wrong(`--seeds ${text}: expected two whole numbers, as 1..1000`);
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return seeds;
}

type Tell = ((line: string) => void) | undefined;

async function playPaths(paths: readonly string[], tell: Tell): Promise<Row[] | Wrong> {
  const { replay } = await import("../../../sim/replay-file.ts");
  const files: string[] = [];
  for (const path of paths) {
    const found = filesAt(path);
    if (found === undefined) return wrong(`${path}: expected a file or a directory`);
    if (found.length === 0) return wrong(`${path}: expected .rpl files in it`);
    files.push(...found);
  }
  const rows = playEach(files, "scenarios", tell, (file) =>
    replay(readFileSync(file, "utf8"), tell),
  );
  const { readDecisions } = await import("../../../sim/scenario-decisions.ts");
  const decisionFor = readDecisions();
  return rows.map((row) =>
    row.verdict.kind === "fail" ? { ...row, decision: decisionFor(row.name) } : row,
  );
}

async function playSeeds(seeds: readonly number[], tell: Tell): Promise<Row[]> {
  const { playHostile } = await import("../../../sim/hostile.ts");
  const names = seeds.map((seed) => `seed ${seed}`);
  return playEach(names, "worlds", tell, (_name, i) => playHostile(seeds[i]!, tell));
}

function playEach(
  names: readonly string[],
  what: string,
  tell: Tell,
  play: (name: string, i: number) => Verdict,
): Row[] {
  const progress = new Progress(what);
  const rows = names.map((name, i) => {
    progress.at(i, names.length);
    tell?.(styled("bold", name));
    return { name, verdict: play(name, i), decision: undefined };
  });
  progress.end();
  return rows;
}

/** The scenario files at a path, directories walked; undefined where there is nothing. */
function filesAt(path: string): string[] | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.c?rpl$/.test(name))
    .toSorted()
    .map((name) => join(path, name));
}

function sayRows(rows: readonly Row[]): void {
  const lines = columns(rows.map((row) => [row.verdict.kind, row.name, remark(row)]));
  for (const [i, line] of lines.entries()) {
    const { verdict } = rows[i]!;
    const style = { pass: "green", fail: "red", skip: "yellow" } as const;
    say(styled(style[verdict.kind], line));
    if (verdict.kind !== "fail") continue;
    for (const difference of verdict.difference) say(`      ${difference}`);
  }
  const count = (kind: Verdict["kind"]): number =>
    rows.filter((row) => row.verdict.kind === kind).length;
  say(`${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped`);
}

function remark({ verdict, decision }: Row): string {
  if (verdict.kind === "skip") return verdict.reason;
  if (verdict.kind === "pass") {
    return verdict.unmatched === 0 ? "" : `${verdict.unmatched} unmatched`;
  }
  const why = verdict.step === undefined ? verdict.why : `step ${verdict.step}: ${verdict.why}`;
  return decision === undefined ? why : `${why}; by decision: ${decision}`;
}

function toJson(rows: readonly Row[]): unknown {
  const count = (kind: Verdict["kind"]): number =>
    rows.filter((row) => row.verdict.kind === kind).length;
  return {
    passed: count("pass"),
    failed: count("fail"),
    skipped: count("skip"),
    files: rows.map(({ name, verdict, decision }) => ({ name, ...verdict, decision })),
  };
}

export const replay: Command = { help, run };
