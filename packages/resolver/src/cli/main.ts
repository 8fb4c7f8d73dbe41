/** The table of commands; `lethe COMMAND ARGS` runs one of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "./command.ts";
import { columns, complain, say, surviveClosedPipes } from "./print.ts";

interface Row {
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: Readonly<Record<string, Row>> = {
  serve: {
    summary: "the resolver",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  sandbox: {
    summary: "only the miniature Internet, on loopback addresses",
    load: async () => (await import("./commands/sandbox.ts")).sandbox,
  },
  control: {
    summary: "an operator's orders to a running server",
    load: async () => (await import("./commands/control.ts")).control,
  },
  query: {
    summary: "asks a server and prints its answer",
    load: async () => (await import("./commands/query.ts")).query,
  },
  explain: {
    summary: "how an answer comes about, step by step from the root",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  replay: {
    summary: "plays .rpl scenarios in the virtual world",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  ledger: {
    summary: "what a server wrote down of its own acts, and whether that is whole",
    load: async () => (await import("./commands/ledger.ts")).ledger,
  },
  config: {
    summary: "the settings: key, default, unit, meaning",
    load: async () => (await import("./commands/config.ts")).config,
  },
  bench: {
    summary: "this machine's figures, beside other resolvers",
    load: async () => (await import("./commands/bench.ts")).bench,
  },
};

function version(): string {
  const file = join(import.meta.dirname, "../../package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, row]) => [`  ${name}`, row.summary]);
  return [
    "Lethe: a DNS resolver that forgets who asked.",
    "",
    "usage: lethe COMMAND [ARGS]",
    "",
    ...columns(rows),
    "",
    "lethe COMMAND --help tells more; lethe --version names the version.",
  ].join("\n");
}

/** Runs the command that the arguments name. */
async function main(args: readonly string[]): Promise<ExitCode | Wrong> {
  const [name, ...rest] = args;
  if (name === "--version") {
    say(`lethe ${version()}`);
    return exit.done;
  }
  if (name === undefined || name === "--help" || (name === "help" && rest.length === 0)) {
    say(overview());
    return name === undefined ? exit.wrong : exit.done;
  }
  const wanted = name === "help" ? rest[0]! : name;
  const row = Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
  if (row === undefined) {
    const names = Object.keys(commands).join(", ");
    return wrong(`command ${JSON.stringify(wanted)}: expected one of ${names}`);
  }
  const command = await row.load();
  if (name === "help" || rest.includes("--help")) {
    say(command.help.trim());
    return exit.done;
  }
  return await command.run(rest);
}

surviveClosedPipes();
const result = await main(process.argv.slice(2));
if (typeof result !== "number") complain(result.line);
process.exitCode = typeof result === "number" ? result : exit.wrong;
