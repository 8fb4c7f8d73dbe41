/** `lethe bench differ`: the same questions to Lethe and its peers, and where they disagree. */
import { join } from "node:path";
import {
  agreementRows,
  differenceLines,
  isAlone,
  isDifferent,
  reasonRows,
  unexplained,
} from "../../../bench/differ-report.ts";
import { differ, differNeeds, differValidators } from "../../../bench/differ.ts";
import { isInstalled } from "../../../bench/processes.ts";
import { readArguments } from "../arguments.ts";
import { type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong } from "../configuration.ts";
import { Progress, columns, say, sayJson } from "../print.ts";

const ZONES_DEFAULT = "100";
const SEED_DEFAULT = "1";
const LAUNCHER = join(import.meta.dirname, "../../../../../lethe");

/** Runs it with the arguments behind `lethe bench differ`. */
export async function benchDiffer(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { "--zones": "value", "--seed": "value", "--json": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected options only`);
  const zones = Number(read.values.get("--zones")?.at(-1) ?? ZONES_DEFAULT);
  const seed = Number(read.values.get("--seed")?.at(-1) ?? SEED_DEFAULT);
  if (!(Number.isInteger(zones) && zones >= 1)) return wrong("--zones: expected a whole number");
  if (!(Number.isSafeInteger(seed) && seed >= 0)) return wrong("--seed: expected a whole number");
  const names = differValidators();
  if (!differNeeds.every(isInstalled) || names.length < 2) {
    return wrong("bench: expected nsd, taskset, and one of unbound, named and kresd");
  }
  const bar = new Progress("differ: zones");
  const told = await differ({
    launcher: LAUNCHER,
    zones,
    seed,
    progress: (done, total) => bar.at(done, total),
  });
  bar.end();
  const different = told.filter(isDifferent);
  if (read.flags.has("--json")) {
    sayJson({
      questions: told.length,
      different: different.map(({ zone, ...one }) => {
        const { seed: at, recipe } = zone;
        return { seed: at, recipe, ...one };
      }),
    });
    return different.some((one) => unexplained(one).length > 0) ? exit.no : exit.done;
  }
  for (const one of different) for (const line of differenceLines(one)) say(line);
  for (const line of columns(agreementRows(told))) say(line);
  for (const line of columns(reasonRows(told))) say(line);
  const alone = different.filter(isAlone).length;
  const open = different.filter((one) => unexplained(one).length > 0).length;
  say(
    `${told.length} questions, ${different.length} with a difference; ` +
      `in ${alone} Lethe is alone, ${open} are not explained`,
  );
  return open === 0 ? exit.done : exit.no;
}
