/**
 * The whole vocabulary of waiting: what a resolver task may yield, and what it is resumed with.
 *
 * The recursor has no socket, no clock and no dice. A task is a generator that yields an effect;
 * the mesh performs `join` and `spawn` itself and hands the others to a `World`: the real one
 * (`upstream/driver.ts`) or the simulator's. There is no other source of surprise.
 */
import type { Question } from "@lethe/wire/question.ts";
import type { ServerAddress } from "../base/address.ts";
import type { Random } from "../base/random.ts";
import type { Outcome } from "./outcome.ts";

export type UpstreamTransport = "udp" | "tcp";

/** One question to one server. The performer picks the source port; id and letter case are set. */
export interface Ask {
  readonly kind: "ask";
  readonly server: ServerAddress;
  readonly transport: UpstreamTransport;
  /** The whole query. A reply must have its id, and its question letter for letter. */
  readonly query: Uint8Array;
  readonly timeoutMs: number;
}

/** How one question to one server ended. */
export type AskResult =
  /** A reply with the right source, id and question; what it says is not looked at yet. */
  | { readonly kind: "reply"; readonly message: Uint8Array; readonly rttMs: number }
  /** Nothing that matched came in time. */
  | { readonly kind: "timeout" }
  /** A reply that matched but for letter case: spoofed, or the server folds it. */
  | { readonly kind: "case-mismatch"; readonly rttMs: number }
  /** The kernel said that the server cannot be reached: refused port, closed stream. */
  | { readonly kind: "unreachable" }
  /** No route to this address family from here; nothing was sent. */
  | { readonly kind: "no-route" }
  /** No socket was left for it here; nothing was sent, and it says nothing of the server. */
  | { readonly kind: "busy" };

/** The outcome of another question, from whichever task answers it. */
export interface Join extends JoinTerms {
  readonly kind: "join";
  readonly question: Question;
}

/** On what terms another question is waited for. */
export interface JoinTerms {
  /** After so long it is waited for no more; absent: to the end of the task's time. */
  readonly patienceMs?: number;
}

/** A signature to check; the task is resumed with whether it is good, or that nobody looked. */
export interface Verify {
  readonly kind: "verify";
  readonly algorithm: number;
  readonly key: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Another signature of the same question was wrong: this one is in less of a hurry. */
  readonly isSuspect: boolean;
}

export interface Sleep {
  readonly kind: "sleep";
  readonly ms: number;
}

/** A question that goes on by itself after the asker was answered; nobody waits for it. */
export interface Spawn {
  readonly kind: "spawn";
  readonly question: Question;
}

/** Several things at once, of which the first to end counts and stops the others. */
export interface Race {
  readonly kind: "race";
  readonly runners: readonly (Ask | Sleep | Verify)[];
}

/** Which runner of a race came first, and what it ended with. */
export interface RaceResult {
  readonly index: number;
  readonly value: unknown;
}

export type Effect = Ask | Join | Verify | Sleep | Spawn | Race;

/** A resolver task, or a step of one. */
export type Task<T> = Generator<Effect, T, unknown>;

/** Asks one server one question. */
export function* ask(effect: Omit<Ask, "kind">): Task<AskResult> {
  return (yield { kind: "ask", ...effect }) as AskResult; // the casts live only in this file
}

/** Waits for the outcome of another question. */
export function* join(question: Question, terms: JoinTerms = {}): Task<Outcome> {
  return (yield { kind: "join", question, ...terms }) as Outcome;
}

/** Checks a signature; undefined: there are too many to be checked. */
export function* verify(effect: Omit<Verify, "kind">): Task<boolean | undefined> {
  return (yield { kind: "verify", ...effect }) as boolean | undefined;
}

/** Starts several things and waits for the first to end. */
export function* race(runners: Race["runners"]): Task<RaceResult> {
  return (yield { kind: "race", runners }) as RaceResult;
}

/** Waits for `ms` milliseconds. */
export function* sleep(ms: number): Task<void> {
  yield { kind: "sleep", ms };
}

/** Starts a question that nobody waits for. */
export function* spawn(question: Question): Task<void> {
  yield { kind: "spawn", question };
}

/** Stops a performance whose result nobody wants; its callback is never called after it. */
export type Cancel = () => void;

/**
 * Performs effects: sockets and timers, or virtual ones.
 *
 * Callbacks are never called before the performing call has returned.
 */
export interface World {
  /** Monotonic milliseconds; the origin means nothing. */
  nowMs(): number;
  /**
   * Seconds since 1970, by which signatures are valid or not; undefined where their dates do not
   * count.
   */
  wallS(): number | undefined;
  readonly random: Random;
  ask(effect: Ask, done: (result: AskResult) => void): Cancel;
  after(ms: number, done: () => void): Cancel;
}

/** Checks signatures, at a pace of its own; callbacks as of a `World`. */
export interface Verifier {
  /** Undefined: there are too many checks to be made. */
  verify(effect: Verify, done: (isGood: boolean | undefined) => void): Cancel;
}
