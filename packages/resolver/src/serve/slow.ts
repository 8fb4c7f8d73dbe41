/**
 * The slow lane: everything that is not in the cache, or is no plain question.
 *
 *   read the message as a whole → the list of steps (steps.ts) → cache → mesh.request
 *   outcome → compose → cache → finish → the client's transport
 *
 * What a client needs to be answered is copied before the call returns: header, question, wishes.
 * Each is answered once: by the outcome, or by SERVFAIL when his wait is over.
 */
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import { type AnswerCache, variantOf } from "../cache/answer-cache.ts";
import type { Failed, Failure } from "../cache/failed.ts";
import { type TtlBounds, compose } from "../recursor/compose.ts";
import type { World } from "../recursor/effect.ts";
import type { Mesh } from "../recursor/mesh.ts";
import type { Outcome } from "../recursor/outcome.ts";
import { NetworkCounts, type Seat } from "../privacy/network-counts.ts";
import { type Asked, DROPPED, type Reply, TAKEN } from "../transports/door.ts";
import { Asking } from "./asking.ts";
import { type Counters, counter } from "./counters.ts";
import type { FastLane } from "./fast.ts";
import type { Finish } from "./finish.ts";
import type { PrivateAddresses } from "./private-addresses.ts";
import { type Query, type Rules, decide } from "./steps.ts";

const WAIT_MS = limits.clientWaitMs.value;
const WAITING_MAX = limits.clientsWaitingMax.value;
const PER_NETWORK_MAX = limits.waitingPerNetworkMax.value;

/** What the slow lane works with. */
export interface SlowParts {
  readonly rules: Rules;
  readonly bounds: TtlBounds;
  readonly privateAddresses: PrivateAddresses;
  readonly answers: AnswerCache;
  readonly fast: FastLane;
  readonly finish: Finish;
  readonly mesh: Mesh;
  readonly world: World;
  readonly counters: Counters;
}

/** A client whose question is being resolved. */
interface Waiting {
  /** Header and question as they came. */
  readonly head: Uint8Array;
  readonly asking: Asking;
  readonly question: Question;
  readonly view: number;
  readonly idleTimeoutS: number;
  readonly reply: Reply;
  /** Its place among those of its network that wait; streams have bounds of their own. */
  readonly seat: Seat | undefined;
}

export class SlowLane {
  readonly #parts: SlowParts;
  readonly #scratch = new Uint8Array(limits.answerStreamBytesMax.value);
  /** What ends each client's wait without an answer. */
  readonly #waiting = new Set<() => void>();
  readonly #networks: NetworkCounts;

  constructor(parts: SlowParts) {
    this.#parts = parts;
    this.#networks = new NetworkCounts(parts.world.random, PER_NETWORK_MAX);
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
    const { rules, counters, fast, world } = this.#parts;
    const query = readQuery(frame, at, length, view);
    const { asking } = query;
    const decision = decide(query, rules);
    if (decision.kind === "silence") {
      counters.count(counter.silent);
      return DROPPED;
    }
    if (decision.kind === "answer") {
      counters.count(counter.local);
      return this.#write(frame, at, capacity, asking, asked.idleTimeoutS, decision.packed);
    }
    const { idleTimeoutS } = asked;
    const cached = fast.answer(frame, at, capacity, asking, view, idleTimeoutS, world.nowMs());
    if (cached > 0) {
      counters.count(counter.local);
      return cached;
    }
    const isFull = this.#waiting.size >= WAITING_MAX;
    const isForgeable = asked.transport === "udp";
    const seat = isFull || !isForgeable ? undefined : this.#networks.enter(asked.client);
    if (isFull || (isForgeable && seat === undefined)) {
      const packed = this.#compose(failedNow("too-busy"), decision.question, asking);
      counters.countFailure("too-busy");
      return this.#write(frame, at, capacity, asking, idleTimeoutS, packed);
    }
    counters.count(counter.resolved);
    this.#resolve({
      head: frame.slice(at, at + asking.bodyAt),
      asking,
      question: decision.question,
      view,
      idleTimeoutS,
      reply: asked.later(),
      seat,
    });
    return TAKEN;
  }

  /** Drops all who wait: the worker stops. */
  close(): void {
    for (const drop of this.#waiting) drop();
  }

  /** Asks the mesh; the first of outcome, end of the wait and close is what the client gets. */
  #resolve(client: Waiting): void {
    const { mesh, world } = this.#parts;
    let isOver = false;
    const end = (outcome: Outcome | undefined): void => {
      if (isOver) return;
      isOver = true;
      this.#waiting.delete(drop);
      if (client.seat !== undefined) this.#networks.leave(client.seat);
      stopTimer();
      takeBack();
      client.reply(outcome === undefined ? undefined : this.#answerOf(client, outcome));
    };
    const drop = (): void => end(undefined);
    this.#waiting.add(drop);
    const stopTimer = world.after(WAIT_MS, () => end(failedNow("time-out")));
    const takeBack = mesh.request(client.question, end, client.asking.checkingDisabled);
  }

  /** A message of its own with a client's answer, which is in the cache from now on. */
  #answerOf(client: Waiting, outcome: Outcome): Uint8Array {
    const { answers, counters, fast, world } = this.#parts;
    const { head, asking, question, view, idleTimeoutS } = client;
    const frame = this.#scratch;
    const nowMs = world.nowMs();
    if (outcome.kind === "failed") counters.countFailure(outcome.why);
    frame.set(head);
    // Of several that waited for one task, the first has put its answer into the cache.
    let size = fast.answer(frame, 0, frame.length, asking, view, idleTimeoutS, nowMs);
    if (size === 0) {
      const packed = this.#compose(outcome, question, asking);
      const variant = variantOf(asking.dnssecOk, asking.checkingDisabled, view);
      // A failure that was only remembered is not kept anew: it would never end.
      const isNews = outcome.kind === "answered" || outcome.why !== "cached-failure";
      if (isNews) answers.store(question, variant, packed, nowMs);
      size = this.#write(frame, 0, frame.length, asking, idleTimeoutS, packed);
    }
    return frame.slice(0, size);
  }

  #compose(outcome: Outcome, question: Question, asking: Asking): Uint8Array {
    const { bounds, privateAddresses } = this.#parts;
    return compose(privateAddresses.without(outcome, question), question, asking.dnssecOk, bounds);
  }

  #write(
    frame: Uint8Array,
    at: number,
    capacity: number,
    asking: Asking,
    idleTimeoutS: number,
    packed: Uint8Array,
  ): number {
    return this.#parts.finish.write(frame, at, capacity, asking, idleTimeoutS, packed, 0, 0);
  }
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
