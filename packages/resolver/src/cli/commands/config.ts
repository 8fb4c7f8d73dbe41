/**
 * `lethe config`: the settings table, with the values in force where a file or `--set` is given.
 */
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { columns, say, sayJson, styled } from "../print.ts";
import { settingsTable } from "../settings.ts";

const help = `
usage: lethe config [--config FILE] [--set key=value]… [--json]

Prints every setting: key, default, unit, meaning. With --config or --set the
settings are checked first: exit code 2 and one line where one is wrong.
`;

/** A default as it stands in a file. */
function toToml(value: unknown): string {
  if (value === undefined) return "-";
  return Array.isArray(value) ? `[${value.map(toToml).join(", ")}]` : JSON.stringify(value);
}

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { ...configurationOptions, "--json": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected no further argument`);
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const table = Object.entries(settingsTable).map(([key, row]) => ({
    key,
    default: row.default as unknown,
    unit: row.kind.unit,
    expected: row.kind.expected,
    meaning: row.meaning,
  }));
  if (read.flags.has("--json")) {
    sayJson(table);
    return exit.done;
  }
  const head = ["key", "default", "unit", "meaning"];
  const rows = table.map((row) => [row.key, toToml(row.default), row.unit || "-", row.meaning]);
  const [first, ...lines] = columns([head, ...rows]);
  say(styled("bold", first!));
  for (const line of lines) say(line);
  return exit.done;
}

export const config: Command = { help, run };
