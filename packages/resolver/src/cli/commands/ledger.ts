/** `lethe ledger`: what the ledger of a server says, and whether it is whole. */
import { readFileSync } from "node:fs";
import { verifierKeyToText } from "@lethe/tlog/verifier-key.ts";
import { type Finding, bodyState, examineEntries, whyNotSeen } from "../../audit/ledger/examine.ts";
import { isProblem } from "../../audit/ledger/files.ts";
import { readLeaf } from "../../audit/ledger/leaf.ts";
import type { Ledger } from "../../audit/ledger/ledger.ts";
import { leafInWords } from "../../audit/ledger/words.ts";
import { wallS } from "../../system/clock.ts";
import {
  type Arguments,
  configurationArgs,
  configurationOptions,
  readArguments,
} from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { openLedger } from "../kept-ledger.ts";
import { columns, complain, say, sayJson } from "../print.ts";

const help = `
usage: lethe ledger show [--from N] [--json] [--config FILE | --set key=value]…
       lethe ledger verify [--key KEY] [--seen FILE] [--json] [--config FILE | --set key=value]…
       lethe ledger checkpoint [--config FILE | --set key=value]…

Reads the ledger in "state.directory", also while a server writes it.

  show         each entry in words, from entry N on; --json as they stand
  verify       recomputes everything; exit code 1 and a line for each fault:
               an entry that is missing, changed, doubled or out of its place, a
               body that is not what was committed to, another key, a fork.
               Deviations, such as an hour without a heartbeat, are told too
  checkpoint   the signed head, as outsiders are served it

  --key KEY    the verifier key that the ledger should have
  --seen FILE  a checkpoint that was kept: the ledger must go on from it
`;

const OPTIONS = {
  ...configurationOptions,
  "--from": "value",
  "--key": "value",
  "--seen": "value",
  "--json": "flag",
} as const;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, OPTIONS);
  if (isWrong(read)) return read;
  const [order = "", ...more] = read.rest;
  if (more.length > 0) return wrong(`${more[0]}: expected no further argument`);
  if (!["show", "verify", "checkpoint"].includes(order)) {
    return wrong(`ledger ${order}: expected show, verify or checkpoint`);
  }
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const state = settings["state.directory"];
  if (state === undefined)
    return wrong("state.directory: expected the directory of a server's state");
  const ledger = openLedger(state, settings["ledger.name"], "read");
  if (ledger === undefined) return wrong(`state.directory = ${state}: expected a ledger in it`);
  if ("kind" in ledger) return whole(read, [faultOf(ledger.why)], undefined);
  if (order === "show") return show(read, ledger);
  if (order === "verify") return verify(read, ledger);
  say(new TextDecoder().decode(ledger.checkpoint()).trimEnd());
  return exit.done;
}

function show(read: Arguments, ledger: Ledger): ExitCode | Wrong {
  const fromText = read.values.get("--from")?.at(-1) ?? "0";
  const from = /^\d{1,15}$/.test(fromText) ? Number(fromText) : undefined;
  if (from === undefined) return wrong(`--from ${fromText}: expected the number of an entry`);
  const entries = ledger.entries(Math.min(from, ledger.head.size), ledger.head.size);
  if (isProblem(entries)) return unreadable(entries.why);
  const leaves = entries.map(readLeaf);
  if (read.flags.has("--json")) {
    sayJson(
      leaves.map((one, i) => ({ index: from + i, ...(one.kind === "leaf" ? one.leaf : one) })),
    );
    return exit.done;
  }
  const rows = leaves.map((one, i) => {
    if (one.kind === "leaf") {
      return [String(from + i), one.leaf.time, one.leaf.kind, leafInWords(one.leaf)];
    }
    const time = one.kind === "unknown-kind" ? one.time : "-";
    return [String(from + i), time, one.kind === "unknown-kind" ? one.name : "-", one.kind];
  });
  for (const line of columns(rows)) say(line);
  return exit.done;
}

function verify(read: Arguments, ledger: Ledger): ExitCode | Wrong {
  const { size } = ledger.head;
  const entries = ledger.entries(0, size);
  if (isProblem(entries)) return unreadable(entries.why);
  const examined = examineEntries(entries, (one) => bodyState(ledger.body(one)), wallS());
  const findings = [...examined.findings];
  const key = verifierKeyToText(ledger.verifier);
  const pinned = read.values.get("--key")?.at(-1);
  if (pinned !== undefined && pinned !== key) {
    findings.push(faultOf(`it is signed by another key: ${key}`));
  }
  const seen = read.values.get("--seen")?.at(-1);
  if (seen !== undefined) {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(seen);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return wrong(`--seen ${seen}: expected a file that can be read (${code})`);
    }
    const compared = {
      origin: ledger.verifier.name,
      size,
      rootOf: (old: number) => ledger.rootOf(old),
    };
    const why = whyNotSeen(bytes, compared);
    if (why !== undefined) findings.push(faultOf(`${seen}: ${why}`));
  }
  return whole(read, findings, { size, root: ledger.head.root.toBase64(), key });
}

/** Says what was found; the last line counts. */
function whole(
  read: Arguments,
  findings: readonly Finding[],
  head: { readonly size: number; readonly root: string; readonly key: string } | undefined,
): ExitCode {
  const faults = findings.filter(({ kind }) => kind === "fault").length;
  if (read.flags.has("--json")) sayJson({ ...head, findings });
  else {
    for (const { kind, index, what } of findings) {
      say(`${kind}: ${index === undefined ? "" : `entry ${index}: `}${what}`);
    }
    if (head !== undefined) say(`key ${head.key}\nroot ${head.root}`);
    const entries = head === undefined ? "" : `${head.size} entries, `;
    say(`${entries}${faults} faults, ${findings.length - faults} deviations`);
  }
  return faults > 0 ? exit.no : exit.done;
}

function faultOf(what: string): Finding {
  return { kind: "fault", index: undefined, what };
}

function unreadable(why: string): ExitCode {
  complain(`the entries of the ledger cannot be read (${why})`);
  return exit.no;
}

export const ledger: Command = { help, run };
