/** `lethe explain`: resolves a name from the root, with empty caches, and shows each step. */
import { extendedErrorToText, rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rcode as rcodes, rrType } from "@lethe/wire/codes.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { startSandbox } from "../../../sim/sandbox-server.ts";
import { limits } from "../../base/limits.ts";
import { FailureCache } from "../../cache/failure-cache.ts";
import { RrsetCache } from "../../cache/rrset-cache.ts";
import { ServerCache } from "../../cache/server-cache.ts";
import { explain as explainFailure } from "../../recursor/explain.ts";
import { Mesh } from "../../recursor/mesh.ts";
import type { RecursorOptions, RootHint, TraceStep } from "../../recursor/options.ts";
import type { Outcome } from "../../recursor/outcome.ts";
import { Driver } from "../../upstream/driver.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { type ExplainedStep, explainSteps, questionText, stepCells } from "../explain-steps.ts";
import { insideSandbox, rootHintsOf } from "../internet.ts";
import { Progress, columns, say, sayJson, styled } from "../print.ts";
import { nameFromPerson } from "../query-arguments.ts";
import type { Settings } from "../settings.ts";

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
  if (!read.flags.has("--sandbox")) {
    const hints = rootHintsOf(settings);
    if (isWrong(hints)) return hints;
    return await show(question, settings, hints, read.flags.has("--json"));
  }
  const sandbox = await startSandbox({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  const inside = insideSandbox(settings, sandbox.port);
  const code = await show(question, inside, sandbox.rootHints, read.flags.has("--json"));
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
  rootHints: readonly RootHint[],
  isJson: boolean,
): Promise<ExitCode> {
  const trace: TraceStep[] = [];
  const progress = new Progress("upstream questions");
  let asks = 0;
  const startedMs = performance.now();
  const outcome = await resolve(question, settings, {
    rootHints,
    upstreamPort: settings["resolve.upstream-port"],
    minimise: settings["resolve.minimise"],
    verifyGlue: settings["resolve.verify-glue"],
    caseRandomisation: settings["resolve.case-randomisation"],
    ipv4: settings["resolve.ipv4"],
    ipv6: settings["resolve.ipv6"],
    mayAskLoopback: settings["resolve.loopback-servers"],
    fetchAhead: false,
    negativeTtlMaxS: settings["cache.negative-ttl-ceiling"],
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

async function resolve(
  question: Question,
  settings: Settings,
  options: RecursorOptions,
): Promise<Outcome> {
  const driver = new Driver({ outgoing: settings["resolve.outgoing"], listening: [] });
  const { random } = driver;
  const mesh = new Mesh(options, driver, {
    rrsets: new RrsetCache(
      {
        sizeBytes: CACHE_BYTES,
        ttlMinS: settings["cache.ttl-floor"],
        ttlMaxS: settings["cache.ttl-ceiling"],
        negativeTtlMaxS: settings["cache.negative-ttl-ceiling"],
      },
      random,
    ),
    servers: new ServerCache({ entriesMax: CACHE_ENTRIES }, random),
    failures: new FailureCache({ entriesMax: CACHE_ENTRIES }, random),
  });
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
  say(`${status} in ${Math.round(elapsedMs)} ms, ${summary}`);
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
