/** `lethe control`: an operator's orders to a running server. */
import { connect } from "node:net";
import type { ControlAnswer, KnownEntry } from "../../serve/control.ts";
import { type AdminReply, type AdminRequest, orderOf } from "../../worker/admin-request.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { columns, complain, say, sayJson } from "../print.ts";

const help = `
usage: lethe control [--config FILE | --socket PATH] [--json] ORDER

Has a running server do something, over the socket that "listen.admin" names.

  stats               its numbers, summed over all workers
  flush NAME [TYPE]   forgets what it knows of NAME, or of one of its types
  flush-below NAME    forgets what it knows of NAME and of all names below it
  flush-all           forgets all names
  dump NAME           what each worker knows of NAME: for how long yet, how far
                      it is believed, and what validation says of it

  --socket PATH       the socket; else the one that the configuration names
  --json              the reply as JSON
`;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const table = { ...configurationOptions, "--socket": "value", "--json": "flag" } as const;
  const read = readArguments(args, table);
  if (isWrong(read)) return read;
  const [order = "", name, type, ...more] = read.rest;
  if (more.length > 0) return wrong(`${more[0]}: expected no further argument`);
  const request = { order, name, type };
  const checked = orderOf(request);
  if (typeof checked === "string") return wrong(checked);
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const path = read.values.get("--socket")?.at(-1) ?? settings["listen.admin"];
  if (path === undefined) return wrong("--socket: expected a path, or listen.admin in --config");
  const reply = await send(path, request);
  if (typeof reply === "string") {
    complain(`${path}: ${reply}`);
    return exit.no;
  }
  if ("wrong" in reply) return wrong(reply.wrong);
  if (read.flags.has("--json")) sayJson(reply.answers);
  else sayAnswers(reply.answers);
  const missing = reply.workers - reply.answers.length;
  if (missing === 0) return exit.done;
  complain(`${missing} of ${reply.workers} workers did not answer in time`);
  return exit.no;
}

/** Sends an order; gives why there is no reply where there is none. */
function send(path: string, request: AdminRequest): Promise<AdminReply | string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ path });
    socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "no connection"));
    socket.on("close", () => {
      resolve(text === "" ? "no reply: another user's server" : (JSON.parse(text) as AdminReply));
    });
  });
}

function sayAnswers(answers: readonly ControlAnswer[]): void {
  const stats = answers.filter((answer) => answer.kind === "stats");
  if (stats.length > 0) {
    const sums = new Map<string, number>();
    for (const one of stats) addNumbers(one.stats, "", sums);
    for (const line of columns([...sums].map(([key, value]) => [key, String(value)]))) say(line);
  }
  const flushed = answers.filter((answer) => answer.kind === "flushed");
  const entries = flushed.reduce((sum, answer) => sum + answer.entries, 0);
  if (flushed.length > 0) say(`forgot ${entries} ${entries === 1 ? "entry" : "entries"}`);
  for (const [worker, answer] of answers.entries()) {
    if (answer.kind === "dumped") sayKnown(worker, answer.known);
  }
}

/** Adds all numbers of an object to those of the same name. */
function addNumbers(from: object, prefix: string, sums: Map<string, number>): void {
  for (const [key, value] of Object.entries(from) as [string, unknown][]) {
    const name = prefix + key;
    if (typeof value === "number") sums.set(name, (sums.get(name) ?? 0) + value);
    else if (typeof value === "object" && value !== null) addNumbers(value, `${name}.`, sums);
  }
}

function sayKnown(worker: number, known: readonly KnownEntry[]): void {
  say(`; worker ${worker}: ${known.length === 0 ? "nothing" : `${known.length} known`}`);
  for (const { kind, type, leftS, rank, verdict, records } of known) {
    const left = leftS > 0 ? `${leftS} s left` : `expired for ${-leftS} s`;
    const rest = [rank, verdict].filter((word) => word !== "-");
    say(`; ${[kind, type, left, ...rest].join(", ")}`);
    for (const record of records) say(record);
  }
}

export const control: Command = { help, run };
