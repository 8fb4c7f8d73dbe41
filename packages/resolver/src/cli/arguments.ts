/**
 * Reads the options of a command line: `--flag`, `--key VALUE`, `--key=value`; the rest by order.
 */
import { type Wrong, wrong } from "./command.ts";
import type { ConfigurationArgs } from "./configuration.ts";

export interface OptionTable {
  readonly [name: string]: "flag" | "value";
}

export interface Arguments {
  readonly flags: ReadonlySet<string>;
  /** The values of each option, in order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
}

/** The arguments sorted by the table, or what is wrong with them. */
export function readArguments(args: readonly string[], table: OptionTable): Arguments | Wrong {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith("-") || arg === "-") {
      rest.push(arg);
      continue;
    }
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) return wrong(`${arg}: expected ${namesOf(table)}`);
    if (kind === "flag") {
      if (equals >= 0) return wrong(`${arg}: expected ${name} without a value`);
      flags.add(name);
      continue;
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1);
    if (value === undefined) return wrong(`${name}: expected a value behind it`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { flags, values, rest };
}

function namesOf(table: OptionTable): string {
  const names = Object.keys(table);
  return names.length === 0 ? "no option" : `one of ${names.join(", ")}`;
}

/** The options that every command with a configuration takes. */
export const configurationOptions = { "--config": "value", "--set": "value" } as const;

/** What the arguments say of the configuration. */
export function configurationArgs(args: Arguments): ConfigurationArgs {
  return { file: args.values.get("--config")?.at(-1), sets: args.values.get("--set") ?? [] };
}
