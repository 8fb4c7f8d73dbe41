/** `lethe bench`: this machine's figures, as ratios in one run. */
import type { Figure } from "../../../bench/figure.ts";
import { lastRecorded, measureMicro, ratioTo, record, regresses } from "../../../bench/micro.ts";
import { readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong } from "../configuration.ts";
import { Progress, columns, complain, say, sayJson } from "../print.ts";
import { benchAttacks } from "./bench-attacks.ts";
import { benchDiffer } from "./bench-differ.ts";
import { benchPeers } from "./bench-peers.ts";

const help = `
usage: lethe bench peers [--quick] [--rounds N] [--rows ROW,…] [--json] [--write | --out DIRECTORY]
       lethe bench micro [--json] [--check | --record]
       lethe bench attacks [--seconds N] [--flood] [--json]
       lethe bench differ [--zones N] [--seed N] [--json]

peers  Lethe beside whichever of Unbound, Knot Resolver, PowerDNS Recursor and BIND are installed:
       CPU time a question, as ratios to Unbound in the same run, and the bars that Lethe means to
       pass. Each server has one core, the load another. Takes about ten minutes.
       Needs nsd, unbound, dnsperf, taskset, and the right to listen at port 53 of 127.0.1.53;
       dnssec-signzone for the rows that validate.
       --quick  a twentieth of the questions: shows that all of it works
       --rows   only these: cached, cached-opt, cached-5k, cached-20k, half, cached-tcp, miss, walk,
                mixed, cached-do, cached-signed, validate, pair, memory
       --write  writes peers.md, peers.svg and peers.json into bench/results (--out: elsewhere)
attacks  what questions into the attacking zones of the sandbox cost Lethe and Unbound, and how
       long others wait for cached answers in a flood of them. Needs unbound, dnsperf, taskset, and
       the right to listen at port 53 of 127.53.0.0/16.
       --flood   only how long others wait
micro  the hot functions: CPU time and bytes allocated for each question.
       --check   ends with 1 where something is 3 times as dear as the history says
       --record  adds a line to the history
differ asks Lethe, Unbound, BIND and Knot Resolver, as far as they are installed, the same of N
       signed zones, good and broken, made from the seeds that begin with the one given: RCODE and
       AD of each answer, every difference with the command that repeats it, and a table.
       Needs nsd, and the right to listen at port 53 of 127.0.2.53 to .56.
`;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const [what, ...rest] = args;
  if (what === "micro") return await benchMicro(rest);
  if (what === "peers") return await benchPeers(rest);
  if (what === "attacks") return await benchAttacks(rest);
  if (what === "differ") return await benchDiffer(rest);
  return wrong(`bench ${what ?? ""}: expected "peers", "attacks", "differ" or "micro"`);
}

export const bench: Command = { help, run };

async function benchMicro(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { "--json": "flag", "--check": "flag", "--record": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected options only`);
  const progress = new Progress("bench");
  const figures = await measureMicro((_, done, total) => progress.at(done, total));
  progress.end();
  const recorded = lastRecorded() ?? [];
  if (read.flags.has("--json")) sayJson(figures);
  else for (const line of columns(microRows(recorded, figures))) say(line);
  if (read.flags.has("--record")) record(figures, new Date().toISOString().slice(0, 10));
  if (!read.flags.has("--check")) return exit.done;
  const found = regresses(recorded, figures);
  for (const line of found) complain(line);
  return found.length === 0 ? exit.done : exit.no;
}

function microRows(recorded: readonly Figure[], figures: readonly Figure[]): string[][] {
  const rows = figures.map(({ title, ns, bytes }) => {
    const ratio = ratioTo(recorded, figures, title);
    return [
      title,
      ns < 1000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(1)} µs`,
      bytes === undefined ? "" : `${bytes.toFixed(0)} bytes`,
      ratio === undefined ? "" : `${ratio.toFixed(2)} ×`,
    ];
  });
  return [["what", "CPU each", "allocated each", "to the last record"], ...rows];
}
