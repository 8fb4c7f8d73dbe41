/** `lethe explain`: resolves a name from the root, with empty caches, and shows each step. */
import { extendedErrorToText, rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rcode as rcodes, rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { startSandbox } from "../../../sim/sandbox-server.ts";
import { limits } from "../../base/limits.ts";
import { explain as explainFailure } from "../../recursor/explain.ts";
import { newMemory } from "../../recursor/memory.ts";
import { Mesh } from "../../recursor/mesh.ts";
import type { RecursorOptions, TraceStep } from "../../recursor/options.ts";
import type { Outcome } from "../../recursor/outcome.ts";
import { wallS } from "../../system/clock.ts";
import { Driver } from "../../upstream/driver.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { type ExplainedStep, explainSteps, questionText, stepCells } from "../explain-steps.ts";
import { Progress, columns, complain, say, sayJson, styled } from "../print.ts";
import { nameFromPerson } from "../query-arguments.ts";
import {
  type Place,
  insideSandbox,
  placeInside,
  placeOf,
  recursorOptionsOf,
  ttlBoundsOf,
} from "../resolver-options.ts";
import type { Settings } from "../settings.ts";
import { keptAnchorsOf } from "../trust-anchors.ts";

const help = `
usage: lethe explain NAME [TYPE] [--sandbox] [--config FILE] [--set key=value]… [--json]

Resolves NAME from the root, in this process and with empty caches, and shows
each step: whom it asked, what it showed, what came back, and the answer.
Questions that had to be answered first are indented. Exit code 1 where there
is no answer.

  --sandbox   from the root of the miniature Internet, which it starts
  --json      the steps and the answer for a program to read
`;

/** One question needs little: what is kept is thrown away at once. */
const CACHE_BYTES = 4 * 2 ** 20;
const CACHE_ENTRIES = 4096;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const options = { ...configurationOptions, "--sandbox": "flag", "--json": "flag" } as const;
  const read = readArguments(args, options);
  if (isWrong(read)) return read;
  const question = questionOf(read.rest);
  if (isWrong(question)) return question;
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const isJson = read.flags.has("--json");
  if (!read.flags.has("--sandbox")) {
    const place = placeOf(settings);
    return isWrong(place) ? place : await show(question, settings, place, isJson);
  }
  const sandbox = await startSandbox({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  const code = await show(question, insideSandbox(settings), placeInside(sandbox), isJson);
  await sandbox.stop();
  return code;
}

function questionOf(words: readonly string[]): Question | Wrong {
  const [nameText, typeText, more] = words;
  if (nameText === undefined) return wrong("explain: expected a name");
  if (more !== undefined) return wrong(`${more}: expected no further argument`);
  const name = nameFromPerson(nameText);
  if (name === undefined) return wrong(`${nameText}: expected a domain name`);
  const type = typeText === undefined ? rrType.A : typeFromText(typeText);
  if (type === undefined) return wrong(`${typeText}: expected a type, as AAAA, MX or TYPE65`);
  return { name, type, class: 1 };
}

async function show(
  question: Question,
  settings: Settings,
  place: Place,
  isJson: boolean,
): Promise<ExitCode | Wrong> {
  const trace: TraceStep[] = [];
  const progress = new Progress("upstream questions");
  let asks = 0;
  const startedMs = performance.now();
  const kept = keptAnchorsOf(place.anchors, settings, wallS());
  if (isWrong(kept)) return kept;
  if (kept.complaint !== undefined) complain(kept.complaint);
  const { anchors } = kept.keeper;
  const outcome = await resolve(question, settings, {
    ...recursorOptionsOf(unsignalled(settings), { ...place, anchors }),
    fetchAhead: false,
    trace: (step) => {
      trace.push(step);
      if (step.kind === "asked") progress.at(++asks, limits.asksPerClientQuestionMax.value);
    },
  });
  progress.end();
  const elapsedMs = performance.now() - startedMs;
  const steps = explainSteps(trace);
  if (isJson) sayJson(toJson(question, steps, outcome, elapsedMs));
  else sayExplained(question, steps, outcome, elapsedMs);
  return outcome.kind === "failed" ? exit.no : exit.done;
}

/** Questions that nobody waits for would stand between the steps. */
function unsignalled(settings: Settings): Settings {
  return { ...settings, "resolve.signal-trust-anchors": false };
}

async function resolve(
  question: Question,
  settings: Settings,
  options: RecursorOptions,
): Promise<Outcome> {
  const driver = new Driver({ outgoing: settings["resolve.outgoing"], listening: [] });
  const { minS: ttlMinS, maxS: ttlMaxS, negativeMaxS: negativeTtlMaxS } = ttlBoundsOf(settings);
  const rrsets = { sizeBytes: CACHE_BYTES, ttlMinS, ttlMaxS, negativeTtlMaxS };
  const entries = { servers: CACHE_ENTRIES, failures: CACHE_ENTRIES, chains: CACHE_ENTRIES };
  const memory = newMemory({ rrsets, ...entries }, driver.random);
  const mesh = new Mesh(options, driver, memory, { verifier: driver.verifier });
  const outcome = await new Promise<Outcome>((done) => {
    mesh.request(question, done);
  });
  mesh.close();
  driver.close();
  return outcome;
}

/** What the outcome amounts to: an RCODE, its records, and what went wrong. */
function statusOf(outcome: Outcome): { readonly rcode: string; readonly errors: string[] } {
  const { rcode, errors } = outcome.kind === "failed" ? explainFailure(outcome) : outcome;
  return {
    rcode: rcodeToText(rcode),
    errors: errors.map(({ code, text }) => {
      return `EDE ${code} (${extendedErrorToText(code)})${text === "" ? "" : `: ${text}`}`;
    }),
  };
}

/** What validation says of an answer; of a failure its errors say it. */
function verdictText(outcome: Outcome): string {
  return outcome.kind === "failed" ? "" : `, ${outcome.verdict},`;
}

function recordsOf(sets: readonly RecordSet[]): string[] {
  return sets.flatMap((set) => set.rdatas.map((rdata) => recordToText({ ...set, rdata })));
}

function sayExplained(
  question: Question,
  steps: readonly ExplainedStep[],
  outcome: Outcome,
  elapsedMs: number,
): void {
  const head = ["zone", "question", "server", "via", "time", "result"];
  say(styled("bold", questionText(question)));
  say();
  const [first, ...lines] = columns([head, ...steps.map(stepCells)]);
  say(styled("dim", first!));
  for (const line of lines) say(line);
  say();
  const { rcode, errors } = statusOf(outcome);
  const asks = steps.filter((step) => step.kind === "asked").length;
  const summary = `${asks} ${asks === 1 ? "question" : "questions"} upstream`;
  const status = styled(outcome.kind === "failed" ? "red" : "green", rcode);
  say(`${status}${verdictText(outcome)} in ${Math.round(elapsedMs)} ms, ${summary}`);
  for (const error of errors) say(error);
  if (outcome.kind === "failed") return;
  for (const line of columns(recordsOf(outcome.answer).map((one) => one.split("\t")))) say(line);
  if (outcome.answer.length > 0) return;
  say(outcome.rcode === rcodes.NXDOMAIN ? "no such name" : "no data of this type");
}

function toJson(
  question: Question,
  steps: readonly ExplainedStep[],
  outcome: Outcome,
  elapsedMs: number,
): unknown {
  const isFailed = outcome.kind === "failed";
  return {
    question: questionText(question),
    steps,
    ...statusOf(outcome),
    failure: isFailed ? outcome.why : undefined,
    verdict: isFailed ? undefined : outcome.verdict,
    answer: isFailed ? [] : recordsOf(outcome.answer),
    authority: isFailed ? [] : recordsOf(outcome.authority),
    elapsedMs: Math.round(elapsedMs),
  };
}

export const explain: Command = { help, run };
