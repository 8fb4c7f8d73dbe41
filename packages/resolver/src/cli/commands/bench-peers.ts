/** `lethe bench peers`: runs the measurement, prints its table and writes its report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PeersReport, measurePeers, needed } from "../../../bench/beside.ts";
import { barRows, markdown, svg, tableRows } from "../../../bench/report.ts";
import { rows } from "../../../bench/rows.ts";
import { readArguments } from "../arguments.ts";
import { type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong } from "../configuration.ts";
import { Progress, columns, say, sayJson } from "../print.ts";

const ROUNDS_DEFAULT = "3";
const LAUNCHER = join(import.meta.dirname, "../../../../../lethe");
const RESULTS = join(import.meta.dirname, "../../../bench/results");

const OPTIONS = {
  "--rounds": "value",
  "--rows": "value",
  "--out": "value",
  "--write": "flag",
  "--quick": "flag",
  "--json": "flag",
} as const;

/** Runs it with the arguments behind `lethe bench peers`. */
export async function benchPeers(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, OPTIONS);
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected options only`);
  const value = (option: keyof typeof OPTIONS, without: string): string =>
    read.values.get(option)?.at(-1) ?? without;
  const rounds = Number(value("--rounds", ROUNDS_DEFAULT));
  if (!(rounds >= 1 && rounds <= 9)) return wrong("--rounds: expected a number from 1 to 9");
  const wanted = value("--rows", "")
    .split(",")
    .filter((id) => id !== "");
  const unknown = wanted.find((id) => id !== "memory" && !rows.some((row) => row.id === id));
  if (unknown !== undefined) {
    return wrong(`--rows: ${unknown}: expected ${rows.map(({ id }) => id).join(", ")} or memory`);
  }
  const bar = new Progress("bench: rounds");
  const report = await measurePeers({
    launcher: LAUNCHER,
    rounds,
    isQuick: read.flags.has("--quick"),
    rows: wanted,
    progress: (done, total) => bar.at(done, total),
  });
  bar.end();
  if (report === undefined) return wrong(`bench: expected ${needed.join(", ")} on this machine`);
  if (read.flags.has("--json")) {
    sayJson(report);
  } else {
    for (const line of columns(tableRows(report))) say(line);
    say("");
    for (const line of columns(barRows(report))) say(line);
  }
  if (read.flags.has("--write") || read.values.has("--out")) {
    const out = value("--out", RESULTS);
    write(report, out);
    if (!read.flags.has("--json")) say(`written: ${out}/peers.md, peers.svg, peers.json`);
  }
  return exit.done;
}

function write(report: PeersReport, out: string): void {
  mkdirSync(out, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(out, "peers.md"), markdown(report, date));
  writeFileSync(join(out, "peers.svg"), svg(report));
  writeFileSync(join(out, "peers.json"), `${JSON.stringify({ date, ...report }, null, 1)}\n`);
}
