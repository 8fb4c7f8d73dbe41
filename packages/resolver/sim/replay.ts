/**
 * Plays a scenario against the whole resolver: the canned replies of its file, in its order.
 *
 * After each event, the first of these that applies happens next:
 *
 *   1  the current step is CHECK_OUT_QUERY, and an upstream question matches it
 *   2  the current step is CHECK_ANSWER, and a client's answer has come
 *   3  a range that is open now has an entry for an upstream question
 *   4  the step needs what only further replies can bring: an upstream question that no entry
 *      matches is answered like a part of a name (replay-part.ts), or, counted, from the glue in
 *      the file, or SERVFAIL
 *   5  the current step runs
 */
import { flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import { ipFromText } from "../src/base/address.ts";
import type { TraceStep } from "../src/recursor/options.ts";
import { differences } from "./answer-check.ts";
import { matchesEntry, queryOf, replyOf } from "./entry-match.ts";
import type { Entry } from "./entry.ts";
import { Glue } from "./glue.ts";
import { partEntry } from "./replay-part.ts";
import { type Pending, ReplayWorld } from "./replay-world.ts";
import { Rollover } from "./replay-rollover.ts";
import { Subject } from "./replay-subject.ts";
import { hintsOf } from "./scenario-hints.ts";
import type { Range, Scenario, Step } from "./scenario.ts";

/** Clients without an address of their own. */
const CLIENT = "127.0.0.1";

/** Unbound allows as many rounds; a scenario that needs more goes round in circles. */
const ROUNDS_MAX = 20_000;

export type Played =
  | { readonly kind: "pass"; readonly asks: number; readonly unmatched: number }
  | {
      readonly kind: "fail";
      /** The step that was not as expected; undefined where the file was not understood. */
      readonly step: number | undefined;
      readonly why: string;
      /** Lines of a diff: `-` what was expected, `+` what came. */
      readonly difference: readonly string[];
      readonly unmatched: number;
    };

interface ClientAnswer {
  readonly client: string;
  readonly transport: "udp" | "tcp";
  readonly query: Uint8Array;
  readonly answer: Message | undefined;
}

/** A step that did not go as its file says. */
class Deviation extends Error {
  readonly difference: readonly string[];

  constructor(why: string, difference: readonly string[] = []) {
    super(why);
    this.difference = difference;
  }
}

/** Plays a scenario; `tell` hears each event as a line. */
export function play(scenario: Scenario, tell: (line: string) => void = () => {}): Played {
  const player = new Player(scenario, tell);
  try {
    player.run();
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    const { unmatched } = player;
    const step = player.step?.at;
    return { kind: "fail", step, why: error.message, difference: error.difference, unmatched };
  }
  return { kind: "pass", asks: player.asks, unmatched: player.unmatched };
}

class Player {
  readonly #scenario: Scenario;
  readonly #tell: (line: string) => void;
  readonly #world: ReplayWorld;
  readonly #subject: Subject;
  readonly #rollover: Rollover;
  readonly #glue: Glue;
  readonly #answers: ClientAnswer[] = [];
  /** REPLY steps of the Deckard dialect that have answered a question already. */
  readonly #spent = new Set<Step>();
  #at = 0;
  #unmatched = 0;

  constructor(scenario: Scenario, tell: (line: string) => void) {
    this.#scenario = scenario;
    this.#tell = tell;
    this.#glue = new Glue(scenario);
    const { config } = scenario;
    const { anchorFile } = scenario;
    const isRollover = anchorFile !== undefined;
    this.#world = new ReplayWorld(config.wallS ?? (isRollover ? "moves" : undefined));
    const others = config.validation?.anchors ?? [];
    this.#rollover = new Rollover(anchorFile ?? [], others, () => this.#world.wallS() ?? 0);
    const { anchors } = this.#rollover;
    const options = {
      ...config,
      validation: isRollover
        ? { insecure: [], ...config.validation, anchors, trustsSha1: true }
        : config.validation,
      rootHints: hintsOf(scenario),
      caseRandomisation: false,
      fetchAhead: false,
      trace: (step: TraceStep) => {
        if (step.kind !== "judged") return;
        tell(`judged ${nameToText(step.name)} ${step.what}: ${step.result}`);
      },
    };
    this.#subject = new Subject(this.#world, options, (zone, keySet) => {
      this.#rollover.saw(zone, keySet, this.#subject);
    });
  }

  get step(): Step | undefined {
    return this.#scenario.steps[this.#at];
  }

  get asks(): number {
    return this.#world.asks;
  }

  /** Upstream questions that no entry of the file answered. */
  get unmatched(): number {
    return this.#unmatched;
  }

  run(): void {
    for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
      this.#world.settle();
      const { step } = this;
      if (step === undefined) return;
      if (this.#checkOut(step) || this.#checkAnswer(step) || this.#answerFromRange()) continue;
      if (this.#waitsFor(step) && this.#answerUnmatched()) continue;
      this.#run(step);
    }
    throw new Deviation(`no end after ${ROUNDS_MAX} rounds`);
  }

  #checkOut(step: Step): boolean {
    if (step.kind !== "CHECK_OUT_QUERY") return false;
    const entry = step.entry!;
    const pending = this.#world.pending.findLast(
      (one) => isAt(one, step) && matchesEntry(one.query, one.transport, entry),
    );
    if (pending === undefined) return false;
    this.#tell(`step ${step.at}: ${askText(pending)} is the question that must be asked`);
    this.#at++;
    if (entry.adjust.has("copy_id")) this.#reply(pending, entry);
    return true;
  }

  #checkAnswer(step: Step): boolean {
    if (step.kind !== "CHECK_ANSWER" || this.#answers.length === 0) return false;
    let first: string[] | undefined;
    for (const [i, one] of this.#answers.entries()) {
      if (step.address !== undefined && step.address !== one.client) continue;
      const found =
        one.answer === undefined ? ["+no answer"] : differences(one.answer, step.entry!);
      if (found.length === 0) {
        this.#answers.splice(i, 1);
        this.#tell(`step ${step.at}: the answer is right`);
        this.#at++;
        return true;
      }
      first ??= found;
      if (this.#asksAgain(i, one, step.entry!)) return true;
    }
    if (first === undefined) return false;
    throw new Deviation("the answer differs", first);
  }

  /** A truncated answer that should not be: the client asks again over TCP, as clients do. */
  #asksAgain(at: number, one: ClientAnswer, entry: Entry): boolean {
    const isTruncated = ((one.answer?.header.flags ?? 0) & flag.tc) !== 0;
    if (!isTruncated || one.transport === "tcp" || (entry.flags & flag.tc) !== 0) return false;
    this.#answers.splice(at, 1);
    this.#ask(one.query, one.client, "tcp");
    return true;
  }

  #answerFromRange(): boolean {
    for (const pending of this.#world.pending) {
      const entry = this.#entryFor(pending);
      if (entry === undefined) continue;
      this.#reply(pending, entry);
      return true;
    }
    return false;
  }

  #entryFor(pending: Pending): Entry | undefined {
    const now = this.#stepNumber();
    const isDeckard = this.#scenario.dialect === "deckard";
    const isOpen = (range: Range): boolean => range.from <= now && now <= range.to;
    const open = this.#scenario.ranges.filter(isOpen);
    // Unbound puts each range that it reads before the others, and so finds the last one first.
    for (const range of isDeckard ? open : open.toReversed()) {
      if (range.addresses.size > 0 && !range.addresses.has(pending.server)) continue;
      const found = range.entries.find((one) =>
        matchesEntry(pending.query, pending.transport, one),
      );
      if (found !== undefined) return found;
    }
    return isDeckard ? this.#scriptedReply(pending) : undefined;
  }

  /** In Deckard's files a REPLY step serves the first question that it matches, once. */
  #scriptedReply(pending: Pending): Entry | undefined {
    const step = this.#scenario.steps.find(
      (one, i) =>
        i >= this.#at - 1 &&
        one.kind === "REPLY" &&
        !this.#spent.has(one) &&
        matchesEntry(pending.query, pending.transport, one.entry!),
    );
    if (step === undefined) return undefined;
    this.#spent.add(step);
    return step.entry;
  }

  /** The number that ranges are compared with while a question is on its way. */
  #stepNumber(): number {
    const { steps, dialect } = this.#scenario;
    // Unbound goes on to the next step before a question is worked on; Deckard stays at QUERY.
    const at = dialect === "deckard" ? Math.max(0, this.#at - 1) : this.#at;
    return steps[Math.min(at, steps.length - 1)]!.at;
  }

  /** Says whether a step goes on only when questions are answered that nothing matches. */
  #waitsFor(step: Step): boolean {
    if (step.kind === "CHECK_ANSWER" || step.kind === "CHECK_OUT_QUERY") return true;
    if (step.kind === "REPLY" || step.kind === "TIMEOUT" || step.kind === "ERROR") {
      return this.#scenario.dialect === "deckard";
    }
    const later = this.#scenario.steps.slice(this.#at);
    return !later.some((one) => /^(REPLY|TIMEOUT|ERROR|CHECK_OUT_QUERY)$/.test(one.kind));
  }

  #answerUnmatched(): boolean {
    const pending = this.#world.pending[0];
    if (pending === undefined) return false;
    const part = partEntry(pending.query, (query) => this.#entryFor({ ...pending, query }));
    if (part !== undefined && this.#scenario.config.minimise) {
      this.#reply(pending, part);
      return true;
    }
    this.#unmatched++;
    this.#tell(`unmatched: ${askText(pending)}`);
    this.#world.deliver(pending, this.#glue.replyTo(pending.query, pending.server));
    return true;
  }

  #reply(pending: Pending, entry: Entry): void {
    this.#tell(`${askText(pending)}: the entry of line ${entry.line}`);
    if (entry.adjust.has("do_not_answer")) {
      this.#world.end(pending, { kind: "timeout" });
      return;
    }
    this.#world.deliver(pending, replyOf(entry, pending.query, this.#scenario.dialect));
  }

  #run(step: Step): void {
    switch (step.kind) {
      case "QUERY":
        this.#tell(`step ${step.at}: a client asks ${entryText(step.entry!)}`);
        // Deckard's clients wait for each answer; what they do not look at is gone.
        if (this.#scenario.dialect === "deckard") this.#answers.length = 0;
        this.#at++; // before the question is asked, so that what it causes belongs to the next step
        this.#ask(
          queryOf(step.entry!, step.at & 0xffff),
          step.address ?? CLIENT,
          step.entry!.match.has("TCP") ? "tcp" : "udp",
        );
        return;
      case "TIME_PASSES":
        this.#pass(step.formula === "" ? step.elapseMs : 1000 * this.#numberOf(step.formula), step);
        return;
      case "ASSIGN":
        this.#numberOf(step.formula.replace(/^[^=]*=/, ""));
        this.#rollover.assign(step.formula);
        this.#at++;
        return;
      case "CHECK_AUTOTRUST":
        this.#checkState(step);
        return;
      case "TRAFFIC":
      case "NOTHING":
        this.#at++;
        return;
      case "REPLY":
      case "TIMEOUT":
      case "ERROR":
        this.#answerNewest(step);
        return;
      case "CHECK_ANSWER":
        this.#waitOrFail("no answer came");
        return;
      case "CHECK_OUT_QUERY":
        this.#waitOrFail(`nobody was asked ${entryText(step.entry!)}`);
    }
  }

  #pass(elapseMs: number, step: Step): void {
    this.#tell(`step ${step.at}: ${elapseMs / 1000} seconds pass`);
    this.#at++;
    this.#world.time.runUntil(this.#world.nowMs() + elapseMs);
    this.#rollover.lookAtDue(this.#subject);
  }

  #numberOf(formula: string): number {
    const value = this.#rollover.numberOf(formula);
    if (typeof value === "object") throw new Deviation(value.why);
    return value;
  }

  #checkState(step: Step): void {
    const found = this.#rollover.differences(step.file);
    if (found.length > 0) throw new Deviation("the state of the trust anchors differs", found);
    this.#tell(`step ${step.at}: the state of the trust anchors is right`);
    this.#at++;
  }

  #answerNewest(step: Step): void {
    const { entry } = step;
    if (this.#scenario.dialect === "deckard") {
      this.#at++;
      return;
    }
    const here = this.#world.pending.filter((one) => isAt(one, step));
    const matching = here.findLast(
      (one) => entry === undefined || matchesEntry(one.query, one.transport, entry),
    );
    const pending = matching ?? here.at(-1);
    if (pending === undefined && step.kind === "REPLY") {
      throw new Deviation("no upstream question waits for this reply");
    }
    if (pending === undefined) {
      this.#at++; // how often somebody is asked again is each resolver's own choice
      return;
    }
    this.#tell(`step ${step.at}: ${step.kind} for ${askText(pending)}`);
    this.#at++;
    if (step.kind === "REPLY") this.#reply(pending, entry!);
    else this.#world.end(pending, { kind: step.kind === "ERROR" ? "unreachable" : "timeout" });
  }

  /** Nothing else can happen at this moment: lets the next timer ring, or gives up. */
  #waitOrFail(why: string): void {
    if (!this.#world.time.step()) throw new Deviation(why);
  }

  #ask(query: Uint8Array, client: string, transport: "udp" | "tcp"): void {
    const ip = ipFromText(client)!;
    this.#subject.ask({ message: query, transport, ip }, (bytes) => {
      const answer = bytes === undefined ? undefined : readMessage(bytes);
      if (answer?.kind === "malformed")
        throw new Deviation(`the answer is malformed: ${answer.why}`);
      if (answer === undefined) return; // the question was dropped
      this.#answers.push({ client, transport, query, answer });
    });
  }
}

function isAt(pending: Pending, step: Step): boolean {
  return step.address === undefined || step.address === pending.server;
}

function askText(pending: Pending): string {
  const { name, type } = pending.query.questions[0]!;
  return `${pending.server} is asked ${nameToText(name)} ${typeToText(type)}`;
}

function entryText(entry: Entry): string {
  if (entry.question === undefined) return "bytes";
  return `${nameToText(entry.question.name)} ${typeToText(entry.question.type)}`;
}
