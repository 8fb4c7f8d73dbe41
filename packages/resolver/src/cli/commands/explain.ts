/** `lethe explain`: resolves a name from the root, with empty caches, and draws its chain. */
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { rcode as rcodes, rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import { startSandbox } from "../../../sim/sandbox-server.ts";
import { limits } from "../../base/limits.ts";
import { newMemory } from "../../recursor/memory.ts";
import { Mesh } from "../../recursor/mesh.ts";
import type { RecursorMemory, RecursorOptions, TraceStep } from "../../recursor/options.ts";
import type { Outcome } from "../../recursor/outcome.ts";
import { wallS } from "../../system/clock.ts";
import { Driver } from "../../upstream/driver.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { keepCopies } from "../copy-watch.ts";
import { shownChain } from "../explain-chain.ts";
import { type Line, type Tone, drawChain, drawVerdict } from "../explain-drawing.ts";
import { type Explained, explanationJson, recordsOf, statusOf } from "../explain-json.ts";
import { explainSteps, stepCells } from "../explain-steps.ts";
import { shownVerdict } from "../explain-verdict.ts";
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
usage: lethe explain NAME [TYPE] [--sandbox] [--config FILE] [--set key=value]…
                     [--steps] [--json]

Resolves NAME from the root, in this process and with empty caches, and draws
the chain of trust: each zone from the trust anchor down with its DS records,
keys and signatures, then the answer, or what proves that there is none.

  --sandbox   from the root of the miniature Internet, which it starts
  --steps     whom it asked, what it showed, and what came back, too; shown
              by itself where nobody had an answer
  --json      all of it for a program to read (docs/specs/explain.md)

Exit code 0 where the answer is proven, 3 where it is not signed, 1 where it
is refused or nobody had one.
`;

/** One question needs little: what is kept is thrown away at once. */
const CACHE_BYTES = 4 * 2 ** 20;
const CACHE_ENTRIES = 4096;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const options = {
    ...configurationOptions,
    "--sandbox": "flag",
    "--json": "flag",
    "--steps": "flag",
  } as const;
  const read = readArguments(args, options);
  if (isWrong(read)) return read;
  const question = questionOf(read.rest);
  if (isWrong(question)) return question;
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const form = { isJson: read.flags.has("--json"), hasSteps: read.flags.has("--steps") };
  if (!read.flags.has("--sandbox")) {
    const place = placeOf(settings);
    return isWrong(place) ? place : await show(question, settings, place, form);
  }
  const sandbox = await startSandbox({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  const code = await show(question, insideSandbox(settings), placeInside(sandbox), form);
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

interface Form {
  readonly isJson: boolean;
  readonly hasSteps: boolean;
}

async function show(
  question: Question,
  settings: Settings,
  place: Place,
  { isJson, hasSteps }: Form,
): Promise<ExitCode | Wrong> {
  const trace: TraceStep[] = [];
  const progress = new Progress("upstream questions");
  let asks = 0;
  const startedMs = performance.now();
  const kept = keptAnchorsOf(place.anchors, settings, wallS());
  if (isWrong(kept)) return kept;
  if (kept.complaint !== undefined) complain(kept.complaint);
  const { anchors } = kept.keeper;
  const { outcome, nowS } = await resolve(question, settings, {
    ...recursorOptionsOf(unsignalled(settings), { ...place, anchors }),
    fetchAhead: false,
    trace: (step) => {
      trace.push(step);
      if (step.kind === "asked") progress.at(++asks, limits.asksPerClientQuestionMax.value);
    },
  });
  progress.end();
  const elapsedMs = Math.round(performance.now() - startedMs);
  const evidence = trace.flatMap((step) => (step.kind === "evidence" ? [step.evidence] : []));
  const chain = shownChain(evidence, nowS);
  const verdict = shownVerdict(chain, outcome);
  const steps = explainSteps(trace);
  const explained = { question, outcome, chain, verdict, steps, asks, elapsedMs };
  if (isJson) sayJson(explanationJson(explained));
  else sayExplained(explained, hasSteps || verdict.verdict === "failed");
  if (outcome.kind === "failed") return exit.no;
  return outcome.verdict === "secure" ? exit.done : exit.unproven;
}

/** Questions that nobody waits for would stand between the steps. */
function unsignalled(settings: Settings): Settings {
  return { ...settings, "resolve.signal-trust-anchors": false };
}

async function resolve(
  question: Question,
  settings: Settings,
  options: RecursorOptions,
): Promise<{ readonly outcome: Outcome; readonly nowS: number }> {
  const driver = new Driver({ outgoing: settings["resolve.outgoing"], listening: [] });
  const { minS: ttlMinS, maxS: ttlMaxS, negativeMaxS: negativeTtlMaxS } = ttlBoundsOf(settings);
  const rrsets = { sizeBytes: CACHE_BYTES, ttlMinS, ttlMaxS, negativeTtlMaxS };
  const entries = { servers: CACHE_ENTRIES, failures: CACHE_ENTRIES, chains: CACHE_ENTRIES };
  const memory = newMemory({ rrsets, ...entries }, driver.random);
  await getCopies(settings, options, memory);
  const mesh = new Mesh(options, driver, memory, { verifier: driver.verifier });
  const outcome = await new Promise<Outcome>((done) => {
    mesh.request(question, done);
  });
  const nowS = driver.wallS();
  mesh.close();
  driver.close();
  return { outcome, nowS };
}

/** Copies of zones are got first; the root is asked, so that this can be shown. */
async function getCopies(
  settings: Settings,
  { validation }: RecursorOptions,
  { copies }: RecursorMemory,
): Promise<void> {
  const kept = keepCopies(
    { ...settings, "resolve.local-root": [] },
    () => validation?.anchors ?? [],
    (zone, packed) => copies.use(zone, packed, Number.POSITIVE_INFINITY),
    complain,
  );
  await kept.started;
  kept.close();
}

const TONES = {
  plain: undefined,
  title: "bold",
  good: "green",
  bad: "red",
  open: "yellow",
  dim: "dim",
} as const satisfies Record<Tone, Parameters<typeof styled>[0] | undefined>;

function sayLine({ tone, text }: Line): void {
  const style = TONES[tone];
  say(style === undefined ? text : styled(style, text));
}

function sayExplained(explained: Explained, hasSteps: boolean): void {
  const { outcome, chain, verdict, steps, asks, elapsedMs } = explained;
  if (hasSteps) {
    const head = ["zone", "question", "server", "via", "time", "result"];
    const [first, ...lines] = columns([head, ...steps.map(stepCells)]);
    sayLine({ tone: "dim", text: first! });
    for (const line of lines) say(line);
    say();
  }
  for (const line of drawChain(chain)) sayLine(line);
  if (chain.parts.length > 0) say();
  for (const line of drawVerdict(verdict)) sayLine(line);
  const { rcode } = statusOf(outcome);
  const questions = `${asks} ${asks === 1 ? "question" : "questions"} upstream`;
  say(`${rcode} in ${elapsedMs} ms, ${questions}`);
  if (outcome.kind === "failed" || chain.parts.length > 0) return;
  for (const line of columns(recordsOf(outcome.answer).map((one) => one.split("\t")))) say(line);
  if (outcome.answer.length > 0) return;
  say(outcome.rcode === rcodes.NXDOMAIN ? "no such name" : "no data of this type");
}

export const explain: Command = { help, run };
