/** `lethe bench peers`: runs the measurement, prints its table and writes its report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measurePeers, needed } from "../../../bench/beside.ts";
import { markdown, svg, tableRows } from "../../../bench/report.ts";
import { readArguments } from "../arguments.ts";
import { type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong } from "../configuration.ts";
import { Progress, columns, say, sayJson } from "../print.ts";

const SECONDS_DEFAULT = "3";
const ROUNDS_DEFAULT = "3";
const LAUNCHER = join(import.meta.dirname, "../../../../../lethe");
const RESULTS = join(import.meta.dirname, "../../../bench/results");

const OPTIONS = {
  "--seconds": "value",
  "--rounds": "value",
  "--out": "value",
  "--json": "flag",
} as const;

/** Runs it with the arguments behind `lethe bench peers`. */
export async function benchPeers(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, OPTIONS);
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected options only`);
  const value = (option: keyof typeof OPTIONS, without: string): string =>
    read.values.get(option)?.at(-1) ?? without;
  const seconds = Number(value("--seconds", SECONDS_DEFAULT));
  const rounds = Number(value("--rounds", ROUNDS_DEFAULT));
  if (!(seconds >= 1 && seconds <= 60)) return wrong("--seconds: expected a number from 1 to 60");
  if (!(rounds >= 1 && rounds <= 9)) return wrong("--rounds: expected a number from 1 to 9");
  const bar = new Progress("bench: rounds");
  const report = await measurePeers({
    launcher: LAUNCHER,
    seconds,
    rounds,
    progress: (done, total) => bar.at(done, total),
  });
  bar.end();
  if (report === undefined) return wrong(`bench: expected ${needed.join(", ")} on this machine`);
  const out = value("--out", RESULTS);
  mkdirSync(out, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(out, "peers.md"), markdown(report, date));
  writeFileSync(join(out, "peers.svg"), svg(report));
  writeFileSync(join(out, "peers.json"), `${JSON.stringify({ date, ...report }, null, 1)}\n`);
  if (read.flags.has("--json")) {
    sayJson(report);
    return exit.done;
  }
  for (const line of columns(tableRows(report))) say(line);
  say(`written: ${join(out, "peers.md")}, peers.svg, peers.json`);
  return exit.done;
}
