/**
 * The mesh: one task per question, however many wait for it.
 *
 *   client ──► task ──join──► task ──join──► task ──ask──► world
 *   client ──►   ▲
 *   client ──────┘
 *
 * A question that is asked while its task runs joins it. A join that would make a task wait for
 * itself is refused. What a task spends is counted for all who wait for it (budget.ts).
 *
 * A task either judges what it finds or gives it as it was told, and the two kinds never meet:
 * clients have their answers judged unless they set CD; what a task joins, keys and DS records
 * among it, is never judged by the joined task, but by the one that joins it. So nothing that was
 * not judged answers a client without CD, and validation cannot wait for itself.
 */
import { lowerCase } from "@lethe/wire/name.ts";
import { type Question, questionKey } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import { Roster } from "../base/roster.ts";
import { Budget } from "./budget.ts";
import type { Ask, Cancel, Effect, Race, Sleep, Task, Verifier, Verify, World } from "./effect.ts";
import type { RecursorMemory, RecursorOptions } from "./options.ts";
import { ReportChannels } from "../cache/report-channels.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { Beliefs, KeyWatcher } from "../dnssec/beliefs.ts";
import type { Terms } from "../dnssec/judging.ts";
import { beliefsOf } from "./beliefs-of.ts";
import { type Answered, type Outcome, kept, passing, resultText } from "./outcome.ts";
import { reportOf } from "./report.ts";
import { resolve } from "./resolve.ts";
import { type StaleTerms, recallStale } from "./stale.ts";
import {
  type TaskState,
  type Waiter,
  isSpent,
  isWanted,
  mayBranch,
  reaches,
  withAncestors,
} from "./task-state.ts";
import { type Trail, trace } from "./trail.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";

const DEPTH_MAX = limits.taskDepthMax.value;
const TASKS_MAX = limits.tasksMax.value;
const WAITERS_MAX = limits.waitersPerTaskMax.value;

/** What a mesh may be given beside a world. */
export interface MeshParts {
  /** The steps of a task; the resolver's algorithm where absent. */
  readonly program?: (trail: Trail) => Task<Outcome>;
  /** Checks signatures; without one none is found good. */
  readonly verifier?: Verifier;
  /** Hears the keys of zones that have a trust anchor. */
  readonly onKeys?: KeyWatcher;
}

export class Mesh {
  #options: RecursorOptions;
  readonly #world: World;
  readonly #memory: RecursorMemory;
  readonly #program: (trail: Trail) => Task<Outcome>;
  readonly #verifier: Verifier | undefined;
  readonly #onKeys: KeyWatcher | undefined;
  #beliefs: Beliefs | undefined;
  readonly #tasks = new Roster<TaskState>();
  #reports: ReportChannels | undefined;
  #asks = 0;

  constructor(
    options: RecursorOptions,
    world: World,
    memory: RecursorMemory,
    parts: MeshParts = {},
  ) {
    this.#options = options;
    this.#world = world;
    this.#memory = memory;
    this.#program = parts.program ?? resolve;
    this.#verifier = parts.verifier;
    if (options.reportErrors === true) this.#reports = new ReportChannels(world.random);
    this.#onKeys = parts.onKeys;
    this.#beliefs = beliefsOf(options.validation, parts.onKeys);
  }

  /** What is believed beforehand; undefined: nothing is judged. */
  get beliefs(): Beliefs | undefined {
    return this.#beliefs;
  }

  /** Questions being resolved now. */
  get tasksRunning(): number {
    return this.#tasks.size;
  }

  /** Upstream questions asked since the start. */
  get asksTotal(): number {
    return this.#asks;
  }

  /**
   * Resolves a question; `done` is called once, never before this call has returned.
   *
   * `checkingDisabled`: the answer is given as it was told (RFC 4035 §3.2.2). `renewS`: what the
   * caches know and will have forgotten in so many seconds is asked for anew.
   *
   * The returned function takes the wish back; the task goes on for the caches' sake.
   */
  request(
    question: Question,
    done: (outcome: Outcome) => void,
    checkingDisabled = false,
    renewS = 0,
  ): Cancel {
    const isJudged = this.#isJudged(checkingDisabled);
    const key = keyOf(question, isJudged, renewS);
    const running = this.#tasks.get(key);
    if (running === undefined && this.#tasks.size >= TASKS_MAX) return this.#refuse(done);
    if (running !== undefined && running.waiters.length >= WAITERS_MAX) return this.#refuse(done);
    const task = running ?? this.#create(question, key, 0, isJudged, renewS);
    const waiter: Waiter = { done, asksBefore: task.trail.budget.asks };
    task.waiters.push(waiter);
    if (running === undefined) this.#resumeSoon(task);
    return () => {
      const at = task.waiters.indexOf(waiter);
      if (at >= 0) task.waiters.splice(at, 1);
    };
  }

  /** What the caches knew of a question before it expired; nobody is asked. */
  recallStale(
    question: Question,
    terms: StaleTerms,
    checkingDisabled = false,
  ): Answered | undefined {
    return recallStale(this.#newTrail(question, 0, this.#isJudged(checkingDisabled)), terms);
  }

  /** Has the tasks that begin from now on go by other options. */
  reconfigure(options: RecursorOptions): void {
    this.#options = options;
    if (options.reportErrors === true) this.#reports ??= new ReportChannels(this.#world.random);
    this.#beliefs = beliefsOf(options.validation, this.#onKeys);
  }

  /** Believes these trust anchors from now on; what was proven by others is proven anew. */
  believe(anchors: readonly TrustAnchor[]): void {
    this.#beliefs?.believe(anchors);
    this.#memory.chains.clear();
    this.#memory.bogus.clear();
  }

  /** Ends all tasks without outcomes: the worker stops. */
  close(): void {
    for (const task of this.#tasks.values()) {
      task.isEnded = true;
      task.cancel?.();
      task.steps.return(undefined as never);
    }
    this.#tasks.clear();
  }

  #refuse(done: (outcome: Outcome) => void): Cancel {
    return this.#world.after(0, () => done(passing("too-busy")));
  }

  /** Starts a task. Letter case does not matter to it; small letters are what the caches keep. */
  #create(asked: Question, key: string, depth: number, isJudged = false, renewS = 0): TaskState {
    const trail = this.#newTrail(asked, depth, isJudged, renewS);
    const { question } = trail;
    const task: TaskState = {
      key,
      trail,
      steps: this.#program(trail),
      waiters: [],
      parents: new Set(),
      child: undefined,
      cancel: undefined,
      isEnded: false,
    };
    this.#tasks.set(task.key, task);
    trace(trail, { kind: "start", question, depth });
    return task;
  }

  #newTrail(asked: Question, depth: number, isJudged: boolean, renewS = 0): Trail {
    const nowMs = this.#world.nowMs();
    return {
      question: { ...asked, name: lowerCase(asked.name) },
      options: this.#options,
      memory: this.#memory,
      random: this.#world.random,
      nowMs,
      depth,
      budget: new Budget(nowMs),
      renewS,
      isHampered: false,
      terms: isJudged ? this.#terms() : undefined,
      beliefs: this.#beliefs,
      reports: this.#options.reportErrors === true ? this.#reports : undefined,
      source: undefined,
      errors: [],
    };
  }

  #isJudged(checkingDisabled: boolean): boolean {
    return !checkingDisabled && this.#options.validation !== undefined;
  }

  #terms(): Terms {
    const { trustsSha1 = false, nsec3IterationsMax, demand } = this.#options.validation ?? {};
    const nowS = this.#world.wallS();
    return { nowS, trustsSha1, nsec3IterationsMax, demand, work: new WorkBudget() };
  }

  #resumeSoon(task: TaskState): void {
    task.cancel = this.#world.after(0, () => this.#resume(task, undefined));
  }

  /** Runs a task from where it waits to where it waits next, or to its end. */
  #resume(task: TaskState, value: unknown): void {
    if (task.isEnded) return;
    task.cancel = undefined;
    task.trail.nowMs = this.#world.nowMs();
    if (task.trail.budget.isOutOfTime(task.trail.nowMs)) {
      this.#end(task, kept("time-out"));
      return;
    }
    const step = task.steps.next(value);
    if (step.done === true) this.#end(task, step.value);
    else this.#perform(task, step.value);
  }

  #perform(task: TaskState, effect: Effect): void {
    switch (effect.kind) {
      case "ask":
      case "sleep":
      case "verify":
        if (effect.kind === "ask" && !this.#charge(task)) return;
        task.cancel = this.#start(effect, (result) => this.#resume(task, result));
        return;
      case "race":
        this.#race(task, effect);
        return;
      case "join":
        this.#join(task, effect.question, effect.patienceMs);
        return;
      case "spawn":
        this.#spawn(effect.question, task.trail.depth + 1);
        this.#resume(task, undefined);
        return;
    }
  }

  /** Hands an effect to the world. */
  #start(effect: Ask | Sleep | Verify, done: (result: unknown) => void): Cancel {
    if (effect.kind === "sleep") return this.#world.after(effect.ms, () => done(undefined));
    if (effect.kind === "verify") {
      return this.#verifier?.verify(effect, done) ?? this.#world.after(0, () => done(false));
    }
    this.#asks++;
    return this.#world.ask(effect, done);
  }

  /** Starts several effects; the first to end wins, and the others are stopped. */
  #race(task: TaskState, effect: Race): void {
    const cancels: Cancel[] = [];
    task.cancel = () => {
      for (const cancel of cancels) cancel();
    };
    for (const [index, runner] of effect.runners.entries()) {
      if (runner.kind === "ask" && !this.#charge(task)) return;
      const done = (value: unknown): void => {
        task.cancel?.();
        this.#resume(task, { index, value });
      };
      cancels.push(this.#start(runner, done));
    }
  }

  #join(task: TaskState, question: Question, patienceMs = Number.POSITIVE_INFINITY): void {
    const key = questionKey(question);
    const running = this.#tasks.get(key);
    if (running !== undefined && reaches(running, task)) {
      // A task that needs itself always will; a longer circle depends on where it was entered.
      this.#resume(task, running === task ? kept("cycle") : passing("cycle"));
      return;
    }
    const depth = task.trail.depth + 1;
    if (depth > DEPTH_MAX) {
      this.#resume(task, passing("too-deep"));
      return;
    }
    if (running === undefined && !mayBranch(task)) {
      this.#resume(task, passing("budget-spent"));
      return;
    }
    const child = running ?? this.#create(question, key, depth);
    child.parents.add(task);
    task.child = child;
    const leftMs = task.trail.budget.timeLeftMs(this.#world.nowMs());
    task.cancel =
      patienceMs < leftMs
        ? this.#world.after(patienceMs, () => this.#leave(task, child))
        : this.#world.after(leftMs, () => this.#end(task, kept("time-out")));
    if (running === undefined) this.#resume(child, undefined);
  }

  /** Goes on without what a task waits for; that goes on where others want it. */
  #leave(task: TaskState, child: TaskState): void {
    child.parents.delete(task);
    task.child = undefined;
    if (!isWanted(child)) this.#end(child, passing("budget-spent"));
    this.#resume(task, passing("time-out"));
  }

  #spawn(question: Question, depth: number): void {
    if (depth > DEPTH_MAX || this.#tasks.size >= TASKS_MAX) return;
    const key = questionKey(question);
    if (this.#tasks.has(key)) return;
    this.#resumeSoon(this.#create(question, key, depth));
  }

  /**
   * Counts one upstream question against a task and all that wait for it.
   *
   * Says whether the task may go on: somebody must still be there who wants it and can pay.
   */
  #charge(task: TaskState): boolean {
    for (const payer of withAncestors(task)) {
      if (payer.isEnded) continue;
      payer.trail.budget.countAsk();
      const hadWaiters = payer.waiters.length > 0;
      while (isSpent(payer)) payer.waiters.shift()!.done(passing("budget-spent"));
      if (payer.trail.budget.isSpent) this.#end(payer, passing("budget-spent"));
      else if (hadWaiters && !isWanted(payer)) this.#end(payer, passing("budget-spent"));
    }
    return !task.isEnded;
  }

  /** Tells the zone's agent of a fault that was found by judging, where that is wanted. */
  #report({ trail }: TaskState, outcome: Outcome): void {
    const report = reportOf(trail, outcome);
    if (report === undefined || this.#tasks.size >= TASKS_MAX) return;
    const key = keyOf(report, true, 0);
    if (!this.#tasks.has(key)) this.#resumeSoon(this.#create(report, key, 0, true));
  }

  /** Ends a task: those who wait for it have its outcome. */
  #end(task: TaskState, outcome: Outcome): void {
    if (task.isEnded) return;
    task.isEnded = true;
    this.#tasks.delete(task.key);
    task.cancel?.();
    task.steps.return(outcome);
    const { child } = task;
    if (child !== undefined) {
      child.parents.delete(task);
      if (!isWanted(child)) this.#end(child, passing("budget-spent"));
    }
    const { question } = task.trail;
    if (outcome.kind === "failed" && outcome.ttlS > 0 && outcome.why !== "cached-failure") {
      const { bogus, failures } = this.#memory;
      const cache = outcome.why === "bogus" ? bogus : failures;
      // What is good for a while yet is told to its end, though its successor was refused.
      const isGoodYet = task.trail.renewS > 0 && outcome.why === "bogus";
      if (!isGoodYet) cache.note(question, outcome, task.trail.nowMs);
    }
    if (this.#options.trace !== undefined) {
      trace(task.trail, { kind: "end", question, result: resultText(outcome) });
    }
    this.#report(task, outcome);
    // Taken out first: a waiter that is told takes its wish back, which would move the others up.
    for (const waiter of task.waiters.splice(0)) waiter.done(outcome);
    for (const parent of task.parents) {
      parent.child = undefined;
      parent.cancel?.();
      this.#resume(parent, outcome);
    }
  }
}

/** Under which a task runs: what is judged, or renewed, is shared with its like only. */
function keyOf(question: Question, isJudged: boolean, renewS: number): string {
  const key = questionKey(question);
  return `${isJudged ? "judged " : ""}${renewS > 0 ? "renewed " : ""}${key}`;
}
