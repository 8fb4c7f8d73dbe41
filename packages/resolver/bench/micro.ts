/**
 * Runs every bench of this directory, each in a process of its own, and compares with the history.
 *
 * The history is a committed file of one line a record. Machines differ, so figures are compared
 * as multiples of the yardstick; the bound is generous, for what a test must find is a mistake,
 * not a busy neighbour.
 */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Figure } from "./figure.ts";

/** How many times dearer than recorded is a regress. */
const REGRESS = 3;
/** What may be allocated a question by what must allocate nothing: the compiler's own garbage. */
const NOTHING_BYTES = 2;
const RUN_MAX_MS = 60_000;

/** Figures that are measured in the same unit on each machine. */
const YARDSTICK = /^yardstick/;
/** The fast lane, and the hash that it uses: nothing above the sockets may allocate there. */
const ALLOCATES_NOTHING = /^(fast lane|SipHash|board)/;

/** Mostly system calls: what they cost beside the yardstick is the machine's, not a regress. */
const IS_THE_KERNELS = /^(UDP echo|upstream)/;

const HISTORY = join(import.meta.dirname, "micro-history.jsonl");

/** A line of the history. */
interface Recorded {
  readonly date: string;
  readonly figures: readonly Figure[];
}

/** Runs all benches, one after the other; `began` hears the name of each. */
export async function measureMicro(
  began: (file: string, done: number, total: number) => void,
): Promise<readonly Figure[]> {
  const all = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".bench.ts"));
  const files = all.toSorted((a, b) => Number(YARDSTICK.test(b)) - Number(YARDSTICK.test(a)));
  // The yardstick again at the end: a neighbour that disturbed it once would hide a regress.
  files.push(...files.filter((file) => YARDSTICK.test(file)));
  const rounds: Figure[] = [];
  for (const [i, file] of files.entries()) {
    began(file, i, files.length);
    rounds.push(...(await runBench(join(import.meta.dirname, file))));
  }
  return least(rounds);
}

/** The figures that one bench tells, round by round. */
async function runBench(file: string): Promise<Figure[]> {
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: RUN_MAX_MS,
    killSignal: "SIGKILL",
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Figure);
}

/** Of each title's rounds the least. */
export function least(rounds: readonly Figure[]): Figure[] {
  const byTitle = new Map<string, Figure>();
  for (const { title, ns, bytes } of rounds) {
    const before = byTitle.get(title);
    byTitle.set(title, {
      title,
      ns: Math.min(ns, before?.ns ?? ns),
      ...(bytes === undefined ? {} : { bytes: Math.min(bytes, before?.bytes ?? bytes) }),
    });
  }
  return [...byTitle.values()];
}

/** What was recorded last, or undefined where nothing was. */
export function lastRecorded(): readonly Figure[] | undefined {
  const lines = readFileSync(HISTORY, "utf8").trim().split("\n");
  const last = lines.at(-1);
  return last === undefined || last === "" ? undefined : (JSON.parse(last) as Recorded).figures;
}

/** Adds a line to the history. */
export function record(figures: readonly Figure[], date: string): void {
  const rounded = figures.map(({ title, ns, bytes }) => ({
    title,
    ns: Math.round(ns),
    ...(bytes === undefined ? {} : { bytes: Math.round(bytes) }),
  }));
  appendFileSync(HISTORY, `${JSON.stringify({ date, figures: rounded } satisfies Recorded)}\n`);
}

/** How many times dearer a figure is than it was, in yardsticks; undefined for what is new. */
export function ratioTo(
  recorded: readonly Figure[],
  now: readonly Figure[],
  title: string,
): number | undefined {
  const inYardsticks = (figures: readonly Figure[]): number | undefined => {
    const figure = figures.find((one) => one.title === title);
    const yardstick = figures.find((one) => YARDSTICK.test(one.title));
    return figure === undefined || yardstick === undefined ? undefined : figure.ns / yardstick.ns;
  };
  const before = inYardsticks(recorded);
  const after = inYardsticks(now);
  return before === undefined || after === undefined ? undefined : after / before;
}

/** What has become too dear, one line each; empty where all is well. */
export function regresses(recorded: readonly Figure[], now: readonly Figure[]): string[] {
  const found: string[] = [];
  for (const { title, bytes } of now) {
    const ratio = ratioTo(recorded, now, title);
    if (ratio !== undefined && ratio > REGRESS && !IS_THE_KERNELS.test(title)) {
      found.push(`${title}: ${ratio.toFixed(1)} × what is recorded, expected ${REGRESS} at most`);
    }
    if (ALLOCATES_NOTHING.test(title) && (bytes ?? 0) > NOTHING_BYTES) {
      found.push(`${title}: allocates ${bytes!.toFixed(1)} bytes, expected none`);
    }
    const kept = recorded.find((one) => one.title === title)?.bytes ?? 0;
    if (bytes !== undefined && kept > NOTHING_BYTES && bytes > REGRESS * kept) {
      found.push(`${title}: allocates ${bytes.toFixed(0)} bytes, recorded are ${kept}`);
    }
  }
  for (const { title } of recorded) {
    if (!now.some((one) => one.title === title)) found.push(`${title}: recorded, not measured`);
  }
  return found;
}
