/**
 * A whole resolver behind one door: caches, recursor and both lanes, without a socket or a clock.
 *
 * Bytes in, bytes out. A worker gives it the real world, the simulator a virtual one.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { AnswerBoard } from "../cache/answer-board.ts";
import { AnswerCache } from "../cache/answer-cache.ts";
import type { StoreStats } from "../cache/store.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { KeyWatcher } from "../dnssec/beliefs.ts";
import type { TtlsKept } from "../cache/ttls-kept.ts";
import type { Verifier, World } from "../recursor/effect.ts";
import { lookAtKeys } from "../recursor/key-look.ts";
import { type MemorySizes, newMemory } from "../recursor/memory.ts";
import { Mesh, type MeshParts } from "../recursor/mesh.ts";
import type { RecursorMemory, RecursorOptions } from "../recursor/options.ts";
import type { Outcome } from "../recursor/outcome.ts";
import { type ProbeParts, probeZone } from "../recursor/probe.ts";
import type { Client } from "../privacy/client.ts";
import { type Asked, DROPPED, type Door } from "../transports/door.ts";
import { type AdmitOptions, Admission, DROP } from "./admit.ts";
import { Asking } from "./asking.ts";
import { ClientCookies } from "./client-cookies.ts";
import {
  type ControlAnswer,
  type ControlOrder,
  type ReloadOrder,
  flushAll,
  flushBelow,
  forgetFailures,
  perform,
} from "./control.ts";
import { type MemoryShare, shares, sumOfStats } from "./cache-shares.ts";
import { Counters, counter } from "./counters.ts";
import { FastLane } from "./fast.ts";
import { Finish } from "./finish.ts";
import { Refresher } from "./refresh.ts";
import { type Designation, Discovery } from "./discovery.ts";
import { type Identity, nsidOf } from "./local-answers.ts";
import { type LocalZone, LocalZones } from "./local-zones.ts";
import type { PrivateOptions } from "./private-addresses.ts";
import { SlowLane, type StaleOptions, wallOf } from "./slow.ts";
import {
  type Common,
  type View,
  type ViewOptions,
  commonOf,
  stopping,
  viewsAnew,
  viewsOf,
} from "./views.ts";

/** What a resolver is told once; plain data but for `recursor.trace`. */
export interface ResolverOptions {
  /** `trace` in it hears every step of the recursor: that is how an answer is explained. */
  readonly recursor: RecursorOptions;
  readonly admit: AdmitOptions;
  readonly slow: SlowOptions;
  /** Popular answers are asked for anew before they expire; not where absent. */
  readonly prefetch?: boolean;
  /** What expired may be answered with; nothing where absent. */
  readonly stale?: StaleOptions;
  /** What clients of some networks see that others do not. */
  readonly views?: readonly ViewOptions[];
  /** Memory of all its caches together. */
  readonly cacheBytes: number;
  /** What cookies for clients are made with, 16 bytes: the same in all workers. */
  readonly cookieSecret?: Uint8Array;
}

export interface SlowOptions {
  readonly identity: Identity;
  /** Bounds in seconds within which TTLs are kept. */
  readonly bounds: {
    readonly minS: number;
    readonly maxS: number;
    readonly negativeMaxS: number;
  };
  readonly recursionWithoutRd: "refuse" | "answer";
  /** What is told of questions of type ANY; absent: one short record (RFC 8482). */
  readonly anyType?: "short" | "all" | undefined;
  /** Zones of the operator's own, which win over the special-use names. */
  readonly ownZones?: readonly Name[];
  /** Names that are answered from here; they win over all else. */
  readonly localZones?: readonly LocalZone[];
  /** Addresses that answers from elsewhere may not hold; none where absent. */
  readonly privateAddresses?: PrivateOptions;
}

/** What a resolver of several in one process has to do with the others. */
export interface Beside {
  /** Where they show each other their answers. */
  readonly board?: AnswerBoard | undefined;
  /** Hears the keys of zones that have a trust anchor. */
  readonly onKeys?: KeyWatcher;
}

/** Numbers about a resolver, for the operator. */
export interface ResolverStats {
  readonly counts: Readonly<Record<string, number>>;
  readonly clientsWaiting: number;
  readonly tasksRunning: number;
  readonly asksTotal: number;
  readonly answers: StoreStats;
  /** Answers that another worker had composed. */
  readonly takenFromBoard: number;
  /** Of everybody's caches and those of views together. */
  readonly rrsets: StoreStats;
}

const TASK_MS = limits.taskTimeMs.value;
const SWEPT = limits.sweptPerQuestion.value;

export class Resolver implements Door {
  readonly #world: World;
  #admission: Admission;
  readonly #answers: AnswerCache;
  readonly #memory: RecursorMemory;
  readonly #mesh: Mesh;
  #views: readonly View[];
  readonly #fast: FastLane;
  readonly #slow: SlowLane;
  readonly #refresher: Refresher;
  readonly #finish: Finish;
  #prefetches = false;
  #staleMs = 0;
  readonly #counters = new Counters();
  readonly #asking = new Asking();
  readonly #cookies: ClientCookies;
  #probing: Pick<ProbeParts, "options" | "verifier">;
  #options: ResolverOptions;
  #discovery = new Discovery(undefined);

  /** `verifier` checks signatures; without one no signature is good. */
  constructor(
    options: ResolverOptions,
    world: World,
    verifier?: Verifier,
    { board, onKeys }: Beside = {},
  ) {
    const { random } = world;
    const { bounds, identity } = options.slow;
    const { views = [] } = options;
    const own = views.filter(({ recursor }) => recursor !== undefined).length;
    const share = shares(options.cacheBytes, own);
    this.#world = world;
    this.#options = options;
    this.#probing = { options: options.recursor, verifier };
    this.#admission = admissionOf(options);
    this.#answers = new AnswerCache({ sizeBytes: share.answersBytes }, random, board);
    this.#memory = newMemory(sizesOf(share.everybody, bounds), random);
    const parts = partsOf(verifier, onKeys);
    this.#mesh = new Mesh(recursorOf(options), world, this.#memory, parts);
    this.#finish = new Finish(nsidOf(identity));
    const { cookieSecret } = options;
    this.#cookies =
      cookieSecret === undefined ? ClientCookies.keyed(random) : new ClientCookies(cookieSecret);
    this.#fast = new FastLane(this.#answers, this.#finish);
    this.#refresher = new Refresher({ answers: this.#answers, world, lane: () => this.#slow });
    const common = this.#commonOf(options);
    this.#views = viewsOf(views, common, {
      world,
      parts,
      sizes: sizesOf(share.view, bounds),
    });
    this.#slow = new SlowLane({
      rules: common.rules,
      views: this.#views,
      bounds,
      privateAddresses: common.privateAddresses,
      answers: this.#answers,
      fast: this.#fast,
      finish: this.#finish,
      mesh: this.#mesh,
      world,
      counters: this.#counters,
      stale: options.stale,
      refresher: this.#refresher,
      cookies: this.#cookies,
    });
    this.#setTimes(options);
  }

  /**
   * Goes by other options from now on; the caches keep their size, and nobody's question is lost.
   *
   * `forgets`: what the caches hold may be wrong by the options. A task under way ends as it began,
   * so what it finds is forgotten too, once all of these must have ended.
   */
  reconfigure(options: ResolverOptions, forgets: boolean): void {
    const { bounds, identity } = options.slow;
    this.#options = options;
    this.#admission = admissionOf(options);
    for (const { rrsets } of this.#memories) rrsets.reconfigure(ttlsOf(bounds));
    this.#mesh.reconfigure(recursorOf(options));
    this.#probing = { ...this.#probing, options: options.recursor };
    this.#finish.rename(nsidOf(identity));
    this.#setRules(options);
    this.#setTimes(options);
    if (!forgets) return;
    const forget = (): void => flushAll({ answers: this.#answers, memories: this.#memories });
    forget();
    if (this.tasksRunning > 0) this.#world.after(TASK_MS, forget);
  }

  /** Tells this of the server from now on, to clients of every view; nothing where absent. */
  designate(designation: Designation | undefined): void {
    this.#discovery = new Discovery(designation);
    this.#setRules(this.#options);
  }

  #setRules(options: ResolverOptions): void {
    const { stale, views = [] } = options;
    const { bounds } = options.slow;
    const common = this.#commonOf(options);
    const { rules, privateAddresses } = common;
    this.#views = viewsAnew(this.#views, views, common);
    this.#slow.reconfigure({ rules, privateAddresses, bounds, stale, views: this.#views });
  }

  #commonOf(options: ResolverOptions): Common {
    const beside = { copies: this.#memory.copies, mesh: this.#mesh, discovery: this.#discovery };
    return commonOf(options, { ...beside, nowMs: () => this.#world.nowMs() });
  }

  #setTimes({ prefetch = false, stale }: ResolverOptions): void {
    this.#prefetches = prefetch;
    this.#staleMs = (stale?.limitS ?? 0) * 1000;
  }

  /** One message through both lanes. PERF: allocates nothing where the fast lane answers. */
  ask(frame: Uint8Array, at: number, length: number, capacity: number, asked: Asked): number {
    const counters = this.#counters;
    counters.count(counter.asked);
    const view = this.#admission.viewOf(asked.client);
    if (view === DROP) {
      counters.count(counter.silent);
      return DROPPED;
    }
    const asking = this.#asking;
    let isMissing = false;
    if (view >= 0 && asking.readPlain(frame, at, length)) {
      if (asking.cookieBytes > 0) {
        this.#cookies.renew(asking, asked.client, wallOf(this.#world));
      }
      const nowMs = this.#world.nowMs();
      const answer = this.#fast.answer(frame, at, capacity, asking, view, asked, nowMs);
      if (answer > 0) {
        counters.count(counter.fast);
        if (this.#prefetches && this.#fast.due >= 0) this.#refresher.renew(this.#fast.due);
        return answer;
      }
      isMissing = true;
    }
    this.sweep(SWEPT);
    return this.#slow.answer(frame, at, length, capacity, asked, view, isMissing);
  }

  /**
   * Overwrites what has expired, looking at some entries of each cache.
   *
   * Each question of the slow lane does some of it; a worker that has nothing to do does more.
   * PRIVACY: a name is kept for its TTL, and for as long again as it may be answered with stale.
   */
  sweep(entriesMax: number): void {
    const nowMs = this.#world.nowMs();
    this.#answers.sweep(nowMs, entriesMax);
    for (const { rrsets, denials } of this.#memories) {
      rrsets.sweep(nowMs - this.#staleMs, entriesMax);
      denials.sweep(nowMs, entriesMax);
    }
  }

  /**
   * Answers from a copy of a zone until a monotonic time; from none where it is undefined.
   *
   * With the first copy, failures to reach the zone's servers are forgotten, and what came of
   * them; of a zone that is not the root, what others told of it too.
   */
  useCopy(zone: Name, packed: SharedArrayBuffer | undefined, untilMs: number): void {
    const memories = this.#memories;
    const nowMs = this.#world.nowMs();
    const isFirst = packed !== undefined && !this.#memory.copies.isThere(zone, nowMs);
    for (const memory of memories) {
      memory.copies.use(zone, packed, untilMs);
      if (isFirst) forgetFailures(memory);
    }
    if (isFirst && zone.length > 1) flushBelow(zone, { answers: this.#answers, memories });
  }

  /** Carries out an operator's order, or takes other options. */
  control(order: ControlOrder | ReloadOrder): ControlAnswer {
    if (order.kind === "reload") {
      this.reconfigure(order.resolver, order.forgets);
      return { kind: "reloaded" };
    }
    const { stats } = this;
    const nowMs = this.#world.nowMs();
    return perform(order, { answers: this.#answers, memories: this.#memories, nowMs, stats });
  }

  /** Believes these trust anchors from now on. */
  believe(anchors: readonly TrustAnchor[]): void {
    for (const mesh of this.#meshes) mesh.believe(anchors);
  }

  /** Gets the keys of a zone from its servers, not from the caches; undefined: none came. */
  lookAtKeys(zone: Name, done: (keySet: RecordSet | undefined) => void): void {
    lookAtKeys(zone, this.#mesh, this.#memory, done);
  }

  /** Tells whether a zone would validate if no negative trust anchor stood over it. */
  probe(zone: Name, done: (validates: boolean) => void): void {
    const anchors = this.#mesh.beliefs?.anchors ?? [];
    probeZone(zone, { ...this.#probing, anchors, world: this.#world }, done);
  }

  /** Drops the negative trust anchor of a zone, and all that it let through. */
  dropNegative(zone: Name): void {
    for (const mesh of this.#meshes) mesh.beliefs?.dropNegative(zone);
    this.control({ kind: "flush-below", name: zone });
  }

  /** Says whether a client's questions are answered: neither refused nor dropped. */
  serves(client: Client): boolean {
    return this.#admission.viewOf(client) >= 0;
  }

  /** Resolves a question of this server's own, as everybody's view has it. */
  resolve(question: Question, done: (outcome: Outcome) => void): void {
    this.#mesh.request(question, done);
  }

  /** Ends all that is under way; nobody is answered any more. */
  close(): void {
    this.#slow.close();
    for (const mesh of this.#meshes) mesh.close();
  }

  /** Clients that wait for an answer. */
  get clientsWaiting(): number {
    return this.#slow.clientsWaiting;
  }

  /** Questions that are being resolved. */
  get tasksRunning(): number {
    return this.#meshes.reduce((sum, mesh) => sum + mesh.tasksRunning, 0);
  }

  /** Everybody's, and those of views that resolve for themselves. */
  get #meshes(): Mesh[] {
    return [this.#mesh, ...this.#views.filter((view) => view.memory).map(({ mesh }) => mesh)];
  }

  /** Everybody's caches, and those of views that have their own. */
  get #memories(): RecursorMemory[] {
    return [this.#memory, ...this.#views.flatMap(({ memory }) => memory ?? [])];
  }

  get stats(): ResolverStats {
    return {
      counts: this.#counters.all,
      clientsWaiting: this.#slow.clientsWaiting,
      tasksRunning: this.tasksRunning,
      asksTotal: this.#meshes.reduce((sum, mesh) => sum + mesh.asksTotal, 0),
      answers: this.#answers.stats,
      takenFromBoard: this.#answers.takenFromBoard,
      rrsets: sumOfStats(this.#memories.map(({ rrsets }) => rrsets.stats)),
    };
  }
}

function partsOf(verifier: Verifier | undefined, onKeys: KeyWatcher | undefined): MeshParts {
  const checks = verifier === undefined ? {} : { verifier };
  return onKeys === undefined ? checks : { ...checks, onKeys };
}

function ttlsOf(bounds: SlowOptions["bounds"]): TtlsKept {
  const { minS, maxS, negativeMaxS } = bounds;
  return { ttlMinS: minS, ttlMaxS: maxS, negativeTtlMaxS: negativeMaxS };
}

function sizesOf(share: MemoryShare, bounds: SlowOptions["bounds"]): MemorySizes {
  return { ...share, rrsets: { sizeBytes: share.rrsetsBytes, ...ttlsOf(bounds) } };
}

function admissionOf({ admit, views = [] }: ResolverOptions): Admission {
  return new Admission({ ...admit, views: views.map(({ networks }) => networks) });
}

/** Everybody's local zones, and those of the views that share everybody's recursor. */
function recursorOf({ recursor, slow, views = [] }: ResolverOptions): RecursorOptions {
  const shared = views.filter((view) => view.recursor === undefined);
  const zones = [slow, ...shared].map(({ localZones = [] }) => new LocalZones(localZones));
  return stopping(recursor, zones);
}
