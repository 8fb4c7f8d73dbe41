/**
 * The slow lane: everything that is not in the cache, or is no plain question.
 *
 *   read the message as a whole → the list of steps (steps.ts) → cache → mesh.request
 *   outcome → compose → cache → finish → the client's transport
 *
 * What a client needs to be answered is copied before the call returns: header, question, wishes.
 * Each is answered once: by the outcome, or by SERVFAIL when his wait is over. Where what expired
 * may be told, he gets that instead of a failure, or when the outcome is long in coming (RFC 8767).
 */
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { Line, type Standing } from "../base/roster.ts";
import {
  type AnswerCache,
  disablesChecking,
  variantOf,
  viewIn,
  wantsSignatures,
} from "../cache/answer-cache.ts";
import type { Failed, Failure } from "../cache/failed.ts";
import { type TtlBounds, compose } from "../recursor/compose.ts";
import type { Cancel, World } from "../recursor/effect.ts";
import type { Mesh } from "../recursor/mesh.ts";
import type { Answered, Outcome } from "../recursor/outcome.ts";
import type { StaleTerms } from "../recursor/stale.ts";
import { NetworkCounts, type Seat } from "../privacy/network-counts.ts";
import { type Asked, DROPPED, type Reply, TAKEN, type Way } from "../transports/door.ts";
import { Asking } from "./asking.ts";
import type { ClientCookies } from "./client-cookies.ts";
import { type Counters, counter } from "./counters.ts";
import type { FastLane } from "./fast.ts";
import type { Finish } from "./finish.ts";
import { joinAliases } from "./local-aliases.ts";
import type { PrivateAddresses } from "./private-addresses.ts";
import type { Refresher } from "./refresh.ts";
import { answerSentinel, isSentinel } from "./sentinels.ts";
import { type Query, type Rules, decide } from "./steps.ts";
import type { View } from "./views.ts";

const WAIT_MS = limits.clientWaitMs.value;
/** How often a chain of aliases may leave the configuration. */
const ROUNDS_MAX = limits.localAliasesMax.value;
const WAITING_MAX = limits.clientsWaitingMax.value;
const PER_NETWORK_MAX = limits.waitingPerNetworkMax.value;

/** When clients get what has expired. */
export interface StaleOptions extends StaleTerms {
  /** How long a client waits for what is fresh; 0: not at all. */
  readonly clientTimeoutMs: number;
}

/** What the slow lane works with. */
export interface SlowParts {
  readonly rules: Rules;
  /** The views beside everybody's; the first has the number 1. */
  readonly views?: readonly View[];
  readonly bounds: TtlBounds;
  readonly privateAddresses: PrivateAddresses;
  readonly answers: AnswerCache;
  readonly fast: FastLane;
  readonly finish: Finish;
  readonly mesh: Mesh;
  readonly world: World;
  readonly counters: Counters;
  readonly cookies: ClientCookies;
  readonly stale: StaleOptions | undefined;
  readonly refresher: Refresher;
}

/** What can change while clients are answered. */
export type SlowTerms = Pick<
  SlowParts,
  "rules" | "views" | "bounds" | "stale" | "privateAddresses"
>;

/** A question on its way to the mesh, and the local aliases that lead from it to what is asked. */
interface Aliased {
  readonly question: Question;
  readonly begun: readonly RecordSet[];
  /** What is resolved in the question's place. */
  readonly next: Name | undefined;
}

/** A client whose question is being resolved. */
interface Waiting extends Aliased, Standing {
  /** Header and question as they came. */
  readonly head: Uint8Array;
  readonly asking: Asking;
  /** View, DO and CD: which answers in the cache are this client's. */
  readonly variant: number;
  readonly way: Way;
  readonly reply: Reply;
  /** Its place among those of its network that wait; streams have bounds of their own. */
  readonly seat: Seat | undefined;
  /** What ends when he is answered: his wait, his patience, and his wish. */
  stopTimer: Cancel | undefined;
  stopPatience: Cancel | undefined;
  takeBack: Cancel | undefined;
}

export class SlowLane {
  #parts: SlowParts;
  readonly #scratch = new Uint8Array(limits.answerStreamBytesMax.value);
  readonly #waiting = new Line<Waiting>();
  readonly #networks: NetworkCounts;

  constructor(parts: SlowParts) {
    this.#parts = parts;
    this.#networks = new NetworkCounts(parts.world.random, PER_NETWORK_MAX);
  }

  /** Goes by other rules from now on; clients that wait are answered. */
  reconfigure(terms: SlowTerms): void {
    this.#parts = { ...this.#parts, ...terms };
  }

  /** Clients that wait for an answer. */
  get clientsWaiting(): number {
    return this.#waiting.size;
  }

  /** Answers the message in the frame, as a `Door` does. Input is hostile: never throws. */
  answer(
    frame: Uint8Array,
    at: number,
    length: number,
    capacity: number,
    asked: Asked,
    view: number,
  ): number {
    const { counters, fast, world } = this.#parts;
    const { rules } = this.#viewOf(view);
    const query = readQuery(frame, at, length, view);
    const { asking } = query;
    if (asking.cookieBytes > 0) this.#parts.cookies.renew(asking, asked.client, wallOf(world));
    const decision = decide(query, rules);
    if (decision.kind === "silence") {
      counters.count(counter.silent);
      return DROPPED;
    }
    if (decision.kind === "answer") {
      counters.count(counter.local);
      return this.#write(frame, at, capacity, asking, asked, decision.packed);
    }
    const cached = isSentinel(decision.question, asking.checkingDisabled)
      ? 0
      : fast.answer(frame, at, capacity, asking, view, asked, world.nowMs());
    if (cached > 0) {
      counters.count(counter.local);
      return cached;
    }
    const variant = variantOf(asking.dnssecOk, asking.checkingDisabled, view);
    const isFull = this.#waiting.size >= WAITING_MAX;
    // Who shows a cookie of ours has received it where he asks from.
    const isForgeable = asked.transport === "udp" && !asking.isCookieGood;
    const seat = isFull || !isForgeable ? undefined : this.#networks.enter(asked.client);
    const isTurnedAway = isFull || (isForgeable && seat === undefined);
    if (isTurnedAway || this.#parts.stale?.clientTimeoutMs === 0) {
      const packed = this.#packedNow(decision.question, variant, isTurnedAway);
      if (packed !== undefined) {
        if (seat !== undefined) this.#networks.leave(seat);
        return this.#write(frame, at, capacity, asking, asked, packed);
      }
    }
    counters.count(counter.resolved);
    this.#resolve({
      head: frame.slice(at, at + asking.bodyAt),
      asking,
      question: decision.question,
      begun: decision.begun ?? [],
      next: decision.next,
      variant,
      way: { transport: asked.transport, idleTimeoutS: asked.idleTimeoutS },
      reply: asked.later(),
      seat,
      place: -1,
      stopTimer: undefined,
      stopPatience: undefined,
      takeBack: undefined,
    });
    return TAKEN;
  }

  /** Asks for a question as the clients of a variant would; sets that end soon are renewed. */
  renew(
    question: Question,
    variant: number,
    renewS: number,
    done: (outcome: Outcome) => void,
  ): void {
    this.#request({ question, begun: [], next: undefined }, variant, renewS, done);
  }

  /** Says whether a question begins among the local names of a view: those are not renewed. */
  isLocal(question: Question, variant: number): boolean {
    return this.#viewOf(viewIn(variant)).rules.localZones.has(question.name);
  }

  /** Packs an outcome as clients may have it: all that enters the cache comes through here. */
  compose(outcome: Outcome, question: Question, variant: number): Uint8Array {
    const { bounds } = this.#parts;
    const { privateAddresses } = this.#viewOf(viewIn(variant));
    const allowed = privateAddresses.without(outcome, question);
    return compose(allowed, question, wantsSignatures(variant), bounds);
  }

  /** Drops all who wait: the worker stops. */
  close(): void {
    for (const client of this.#waiting.values()) this.#end(client, undefined);
  }

  /** What an outcome is for a client who asks by a sentinel's name (RFC 8509); else the same. */
  #judged(outcome: Outcome, question: Question, variant: number): Outcome {
    if (!isSentinel(question, disablesChecking(variant))) return outcome;
    const { mesh } = this.#viewOf(viewIn(variant));
    return answerSentinel(question, outcome, mesh.beliefs?.rootTags ?? []);
  }

  /** An answer for a client who is not to wait: what has expired, or a failure where he may not. */
  #packedNow(question: Question, variant: number, isTurnedAway: boolean): Uint8Array | undefined {
    const { answers, counters, refresher, world } = this.#parts;
    const old = this.#recallStale(question, variant);
    if (old !== undefined) {
      const packed = this.compose(this.#judged(old, question, variant), question, variant);
      if (isSentinel(question, disablesChecking(variant))) return packed;
      answers.store(question, variant, packed, world.nowMs());
      refresher.refresh(question, variant, 0);
      return packed;
    }
    if (!isTurnedAway) return undefined;
    counters.countFailure("too-busy");
    return this.compose(failedNow("too-busy"), question, variant);
  }

  /** What has expired and may still be told; undefined where nothing is or may. */
  #recallStale(question: Question, variant: number): Answered | undefined {
    const { counters, stale } = this.#parts;
    const { mesh, rules } = this.#viewOf(viewIn(variant));
    const old = stale && mesh.recallStale(question, stale, disablesChecking(variant));
    // What the configuration says of an alias's target wins over what was told of it.
    const joined = old && joinAliases([], old, question, rules.localZones);
    if (joined === undefined || joined.next !== undefined) return undefined;
    counters.count(counter.stale);
    return joined.outcome;
  }

  /** What has expired instead of a failure, and beside it why nothing fresh is to be had. */
  #staleFor(failed: Failed, question: Question, variant: number): Outcome {
    const old = this.#recallStale(question, variant);
    return old === undefined ? failed : { ...old, errors: [...old.errors, ...failed.errors] };
  }

  /** What answers the clients of a view. */
  #viewOf(view: number): Pick<View, "rules" | "mesh" | "privateAddresses"> {
    return this.#parts.views?.[view - 1] ?? this.#parts;
  }

  /** Asks the mesh; the first of outcome, end of the wait and close is what the client gets. */
  #resolve(client: Waiting): void {
    const { stale, world } = this.#parts;
    this.#waiting.add(client);
    client.stopTimer = world.after(WAIT_MS, () => this.#end(client, failedNow("time-out")));
    if (stale !== undefined) {
      client.stopPatience = world.after(stale.clientTimeoutMs, () => this.#endLate(client));
    }
    client.takeBack = this.#request(client, client.variant, 0, (end) => this.#end(client, end));
  }

  /** Gives a client what has expired, where there is such: what is fresh is long in coming. */
  #endLate(client: Waiting): void {
    const { question, variant } = client;
    const old = this.#recallStale(question, variant);
    if (old === undefined) return;
    // What is under way goes on, and is in the cache for who asks next.
    this.#parts.refresher.refresh(question, variant, 0);
    this.#end(client, old);
  }

  /** Answers a client who waits; without an outcome he is dropped. */
  #end(client: Waiting, outcome: Outcome | undefined): void {
    if (client.place < 0) return;
    this.#waiting.delete(client);
    if (client.seat !== undefined) this.#networks.leave(client.seat);
    client.stopTimer?.();
    client.stopPatience?.();
    client.takeBack?.();
    client.reply(outcome === undefined ? undefined : this.#answerOf(client, outcome));
  }

  /** Asks the mesh of a view, and again where an alias leads from local names to public ones. */
  #request(
    { question, begun, next }: Aliased,
    variant: number,
    renewS: number,
    done: (outcome: Outcome) => void,
  ): Cancel {
    const { mesh, rules } = this.#viewOf(viewIn(variant));
    let sets = begun;
    let rounds = 0;
    const request = (name: Name): Cancel =>
      mesh.request({ ...question, name }, told, disablesChecking(variant), renewS);
    const told = (outcome: Outcome): void => {
      if (outcome.kind === "failed") {
        done(outcome);
        return;
      }
      const joined = joinAliases(sets, outcome, question, rules.localZones);
      if (joined.next === undefined || ++rounds > ROUNDS_MAX) {
        done(joined.outcome);
      } else {
        sets = joined.outcome.answer;
        takeBack = request(joined.next);
      }
    };
    let takeBack = request(next ?? question.name);
    return () => takeBack();
  }

  /** A message of its own with a client's answer, which is in the cache from now on. */
  #answerOf(client: Waiting, end: Outcome): Uint8Array {
    const { answers, counters, fast, world } = this.#parts;
    const { head, asking, question, variant, way } = client;
    const found = end.kind === "failed" ? this.#staleFor(end, question, variant) : end;
    const outcome = this.#judged(found, question, variant);
    const isAlone = isSentinel(question, asking.checkingDisabled);
    const frame = this.#scratch;
    const nowMs = world.nowMs();
    if (outcome.kind === "failed") counters.countFailure(outcome.why);
    frame.set(head);
    // Of several that waited for one task, the first has put its answer into the cache.
    const view = viewIn(variant);
    let size = isAlone ? 0 : fast.answer(frame, 0, frame.length, asking, view, way, nowMs);
    if (size === 0) {
      const packed = this.compose(outcome, question, variant);
      // A failure that was only remembered is not kept anew: it would never end.
      const isNews =
        outcome.kind === "answered"
          ? outcome.isUncached !== true
          : outcome.why !== "cached-failure";
      if (isNews && !isAlone) answers.store(question, variant, packed, nowMs);
      size = this.#write(frame, 0, frame.length, asking, way, packed);
    }
    return frame.slice(0, size);
  }

  #write(
    frame: Uint8Array,
    at: number,
    capacity: number,
    asking: Asking,
    way: Way,
    packed: Uint8Array,
  ): number {
    return this.#parts.finish.write(frame, at, capacity, asking, way, packed, 0, 0);
  }
}

/** Seconds since 1970, or since the start in a world that has no date. */
export function wallOf(world: World): number {
  return Math.floor(world.wallS() ?? world.nowMs() / 1000);
}

/** Reads a message whole. */
function readQuery(frame: Uint8Array, at: number, length: number, view: number): Query {
  const message = readMessage(frame.subarray(at, at + length));
  const asking = new Asking();
  if (length >= HEADER_BYTES) {
    const opt = message.kind === "message" ? message.opt : undefined;
    asking.readAny(frame, at, length, opt);
  }
  return { message, asking, view };
}

/** A failure of this client's question only. */
function failedNow(why: Failure): Failed {
  return { kind: "failed", why, errors: [], ttlS: 0 };
}
