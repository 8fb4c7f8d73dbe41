/** `lethe bench attacks`: what attacks on validation cost, and how long others wait meanwhile. */
import { join } from "node:path";
import { attackTable, attacksNeed, floodTable, measureAttacks } from "../../../bench/attacks.ts";
import { readArguments } from "../arguments.ts";
import { type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong } from "../configuration.ts";
import { Progress, columns, say, sayJson } from "../print.ts";

const SECONDS_DEFAULT = "5";
const LAUNCHER = join(import.meta.dirname, "../../../../../lethe");

/** Runs it with the arguments behind `lethe bench attacks`. */
export async function benchAttacks(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { "--seconds": "value", "--flood": "flag", "--json": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected options only`);
  const seconds = Number(read.values.get("--seconds")?.at(-1) ?? SECONDS_DEFAULT);
  if (!(seconds >= 1 && seconds <= 60)) return wrong("--seconds: expected a number from 1 to 60");
  const bar = new Progress("bench: attacks");
  const report = await measureAttacks({
    launcher: LAUNCHER,
    seconds,
    isFloodOnly: read.flags.has("--flood"),
    progress: (done, total) => bar.at(done, total),
  });
  bar.end();
  if (report === undefined)
    return wrong(`bench: expected ${attacksNeed.join(", ")} on this machine`);
  if (read.flags.has("--json")) {
    sayJson(report);
    return exit.done;
  }
  if (report.costs.length > 0) {
    for (const line of columns(attackTable(report))) say(line);
    say("");
  }
  for (const line of columns(floodTable(report))) say(line);
  say("");
  say(
    `load average before: ${report.loadBefore.toFixed(1)}; figures of a busy machine mean nothing`,
  );
  return exit.done;
}
