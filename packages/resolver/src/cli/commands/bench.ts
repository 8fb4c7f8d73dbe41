/** `lethe bench`: this machine's figures, as ratios in one run. */
import { join } from "node:path";
import { measureCachedUdp } from "../../../bench/cached-udp.ts";
import { isWrong } from "../configuration.ts";
import { readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { columns, say, sayJson } from "../print.ts";

const help = `
usage: lethe bench [peers] [--seconds N] [--json]

UDP answers from the cache at saturation, beside Unbound: CPU time a question.
The server has one core, the load another. Needs nsd, unbound, dnsperf, taskset.
`;

const SECONDS_DEFAULT = "5";

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { "--seconds": "value", "--json": "flag" });
  if (isWrong(read)) return read;
  const [what = "peers", ...further] = read.rest;
  if (what !== "peers" || further.length > 0) return wrong(`${what}: expected "peers"`);
  const seconds = Number(read.values.get("--seconds")?.at(-1) ?? SECONDS_DEFAULT);
  if (!(seconds >= 1 && seconds <= 60)) return wrong("--seconds: expected a number from 1 to 60");
  const launcher = join(import.meta.dirname, "../../../../../lethe");
  const measured = await measureCachedUdp(launcher, seconds, false);
  if (measured === undefined) return wrong("bench: expected nsd, unbound, dnsperf and taskset");
  if (read.flags.has("--json")) {
    sayJson(measured);
    return exit.done;
  }
  const base = measured.find(({ name }) => name === "unbound")?.cpuUs ?? Number.NaN;
  const rows = measured.map(({ name, cpuUs, perSecond, meanMs }) => [
    name,
    `${cpuUs.toFixed(2)} µs`,
    `${(cpuUs / base).toFixed(2)} ×`,
    perSecond.toFixed(0),
    `${meanMs.toFixed(2)} ms`,
  ]);
  const head = ["server", "CPU a question", "to Unbound", "a second", "mean latency"];
  for (const line of columns([head, ...rows])) say(line);
  return exit.done;
}

export const bench: Command = { help, run };
