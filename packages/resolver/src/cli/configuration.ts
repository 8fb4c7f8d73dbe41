/**
 * From a file and `--set key=value` to settings, or to one plain line that says what is wrong.
 *
 * Later wins: defaults, the file, then each `--set` in order. Unknown keys are refused, so a
 * misspelt one cannot go unnoticed.
 */
import { readFileSync } from "node:fs";
import { nameEqual } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type TomlTable, parse } from "smol-toml";
import { type Wrong, wrong } from "./command.ts";
import { refuseShared } from "./listen-rows.ts";
import type { Kind, Toml } from "./setting-kinds.ts";
import { type Key, type Settings, notBuiltYet, settingsTable } from "./settings.ts";

/** What the command line says of the configuration. */
export interface ConfigurationArgs {
  readonly file: string | undefined;
  /** `key=value`, the value in TOML; a bare word is a string. */
  readonly sets: readonly string[];
}

/** Every setting with its value, or the line that says why there is none. */
export function readConfiguration(args: ConfigurationArgs): Settings | Wrong {
  const given = readGiven(args);
  return given instanceof Map ? settle(given) : given;
}

/** The settings that are given at all, as they stand in the file. */
export function readGiven(args: ConfigurationArgs): Map<Key, Toml> | Wrong {
  const given = new Map<Key, Toml>();
  if (args.file !== undefined) {
    const table = readFile(args.file);
    const refusal = isWrong(table) ? table : takeTable(table, "", given);
    if (refusal !== undefined) return refusal;
  }
  for (const assignment of args.sets) {
    const refusal = takeAssignment(assignment, given);
    if (refusal !== undefined) return refusal;
  }
  return given;
}

/** Settings with defaults where nothing is given. */
function settle(given: ReadonlyMap<Key, Toml>): Settings | Wrong {
  const settings: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(settingsTable)) {
    const kind: Kind<unknown> = row.kind;
    const value: Toml | undefined = given.get(key as Key) ?? row.default;
    const read = value === undefined ? undefined : kind.read(value);
    if (value !== undefined && read === undefined) {
      const refusal = kind.refusal?.(value) ?? `expected ${kind.expected}`;
      return wrong(`${key} = ${JSON.stringify(value)}: ${refusal}`);
    }
    settings[key] = read;
  }
  return consistent(settings as unknown as Settings);
}

/** Refuses settings that contradict each other. */
function consistent(settings: Settings): Settings | Wrong {
  const floor = settings["cache.ttl-floor"];
  const ceiling = settings["cache.ttl-ceiling"];
  if (floor > ceiling) {
    return wrong(`cache.ttl-floor = ${floor}: expected at most cache.ttl-ceiling, ${ceiling}`);
  }
  if (!settings["resolve.ipv4"] && !settings["resolve.ipv6"]) {
    return wrong("resolve.ipv6 = false: expected true where resolve.ipv4 is false");
  }
  const twice = configuredTwice(settings);
  if (twice !== undefined) return twice;
  if (settings["listen.dns"].length === 0) {
    return wrong("listen.dns = []: expected an address at least");
  }
  if ((settings["tls.certificate"] === undefined) !== (settings["tls.key"] === undefined)) {
    const absent = settings["tls.key"] === undefined ? "tls.key" : "tls.certificate";
    return wrong(`${absent}: expected a file beside that of the other, or neither`);
  }
  return refuseShared(settings) ?? settings;
}

/** A zone that has servers of one kind has none of another. */
function configuredTwice(settings: Settings): Wrong | undefined {
  const kinds = ["resolve.stub", "resolve.copy", "resolve.forward"] as const;
  for (const [i, kind] of kinds.entries()) {
    for (const other of kinds.slice(0, i)) {
      const twice = settings[kind].find(({ zone }) =>
        settings[other].some((one) => nameEqual(one.zone, zone)),
      );
      if (twice === undefined) continue;
      return wrong(`${kind} = ${nameToText(twice.zone)}: expected a zone that is no ${other}`);
    }
  }
  return undefined;
}

function readFile(file: string): TomlTable | Wrong {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`--config ${file}: expected a file that can be read (${code})`);
  }
  return parseToml(content, `--config ${file}`);
}

/** The table of a TOML text; the first line of the parser's complaint where there is none. */
function parseToml(content: string, where: string): TomlTable | Wrong {
  try {
    return parse(content);
  } catch (error) {
    const { message, line } = error as Error & { line?: number };
    const why = message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    return wrong(`${where}: expected TOML${line === undefined ? "" : `, line ${line}`}: ${why}`);
  }
}

/** Takes the keys of a table and of the tables in it. */
function takeTable(table: object, prefix: string, into: Map<Key, Toml>): Wrong | undefined {
  for (const [name, value] of Object.entries(table) as [string, Toml][]) {
    const key = prefix + name;
    const isTable = typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
    const refusal =
      isTable && !isKnown(key) ? takeTable(value, `${key}.`, into) : takeValue(key, value, into);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Takes one `key=value` of the command line. */
function takeAssignment(assignment: string, into: Map<Key, Toml>): Wrong | undefined {
  const equals = assignment.indexOf("=");
  if (equals < 1) return wrong(`--set ${assignment}: expected key=value`);
  const key = assignment.slice(0, equals).trim();
  const value = assignment.slice(equals + 1).trim();
  return takeValue(key, tomlValue(value), into);
}

/** A value in TOML, or the text itself where it is not. */
function tomlValue(value: string): Toml {
  const table = parseToml(`value = ${value}`, "");
  return isWrong(table) || Object.keys(table).length !== 1 ? value : (table["value"] as Toml);
}

function takeValue(key: string, value: Toml, into: Map<Key, Toml>): Wrong | undefined {
  if (Object.hasOwn(settingsTable, key)) {
    into.set(key as Key, value);
    return undefined;
  }
  const text = `${key} = ${JSON.stringify(value)}`;
  if (!notBuiltYet.includes(key)) {
    return wrong(`${text}: expected a key that "lethe config" lists`);
  }
  if (Array.isArray(value) && value.length === 0) return undefined;
  return wrong(`${text}: not built yet, expected no such key`);
}

function isKnown(key: string): boolean {
  return Object.hasOwn(settingsTable, key) || notBuiltYet.includes(key);
}

export function isWrong(value: object): value is Wrong {
  return "kind" in value && value.kind === "wrong";
}
