/** `lethe sandbox`: only the miniature Internet, for any resolver to ask. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxNames } from "../../../sim/sandbox-names.ts";
import { type Sandbox, startSandbox } from "../../../sim/sandbox-server.ts";
import { readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { columns, say, styled } from "../print.ts";

const DEFAULT_PORT = 5300;

const help = `
usage: lethe sandbox [--port N] [--out DIR]

Serves a root, top-level domains, and ordinary and broken zones at loopback
addresses in 127.53.0.0/16, UDP and TCP, until SIGINT or SIGTERM.

  --port N    the port of all servers; ${DEFAULT_PORT} where absent, 0: one that is free
  --out DIR   writes DIR/root.hints and DIR/trust-anchors, and does not print them
`;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { "--port": "value", "--out": "value" });
  if ("kind" in read) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected no further argument`);
  const portText = read.values.get("--port")?.at(-1) ?? String(DEFAULT_PORT);
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= 65535)) return wrong(`--port ${portText}: expected a port from 0 to 65535`);
  const sandbox = await startSandbox({ port });
  if (sandbox.kind === "sandbox-problem") return wrong(`sandbox ${sandbox.line}`);
  const refusal = tell(sandbox, read.values.get("--out")?.at(-1));
  if (refusal === undefined) await signalled();
  await sandbox.stop();
  return refusal ?? exit.done;
}

function tell(sandbox: Sandbox, directory: string | undefined): Wrong | undefined {
  if (directory === undefined) {
    say(styled("bold", "root hints"));
    say(sandbox.hintsText);
    say(styled("bold", "trust anchor"));
    say(sandbox.trustAnchors);
  } else {
    try {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "root.hints"), sandbox.hintsText);
      writeFileSync(join(directory, "trust-anchors"), sandbox.trustAnchors);
    } catch (error) {
      const why = error instanceof Error ? error.message : "";
      return wrong(`--out ${directory}: expected a directory that can be written (${why})`);
    }
    say(`root hints and trust anchor in ${directory}`);
    say();
  }
  say(styled("bold", "names to try"));
  const rows = sandboxNames.map(({ name, type, shows }) => [`${name} ${type}`, shows]);
  for (const line of columns(rows)) say(line);
  say();
  say(`dig @127.53.0.1 -p ${sandbox.port} +norec com NS    asks a root server`);
  say(`ready: authorities at 127.53.0.0/16, port ${sandbox.port}`);
  return undefined;
}

/** Waits until somebody ends the command. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

export const sandbox: Command = { help, run };
