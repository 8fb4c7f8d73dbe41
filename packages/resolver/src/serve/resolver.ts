/**
 * A whole resolver behind one door: caches, recursor and both lanes, without a socket or a clock.
 *
 * Bytes in, bytes out. A worker gives it the real world, the simulator a virtual one.
 */
import type { Name } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import { AnswerCache } from "../cache/answer-cache.ts";
import type { StoreStats } from "../cache/store.ts";
import type { Verifier, World } from "../recursor/effect.ts";
import { newMemory } from "../recursor/memory.ts";
import { Mesh } from "../recursor/mesh.ts";
import type { RecursorMemory, RecursorOptions } from "../recursor/options.ts";
import { type Asked, DROPPED, type Door } from "../transports/door.ts";
import { type AdmitOptions, Admission, DROP } from "./admit.ts";
import { Asking } from "./asking.ts";
import { ClientCookies } from "./client-cookies.ts";
import { Counters, counter } from "./counters.ts";
import { FastLane } from "./fast.ts";
import { Finish } from "./finish.ts";
import type { Identity } from "./local-answers.ts";
import { type LocalZone, LocalZones } from "./local-zones.ts";
import type { PrivateOptions } from "./private-addresses.ts";
import { SlowLane, wallOf } from "./slow.ts";
import {
  type View,
  type ViewOptions,
  privateAddressesOf,
  stopping,
  viewsOf,
  zoneRules,
} from "./views.ts";

/** What a resolver is told once; plain data but for `recursor.trace`. */
export interface ResolverOptions {
  /** `trace` in it hears every step of the recursor: that is how an answer is explained. */
  readonly recursor: RecursorOptions;
  readonly admit: AdmitOptions;
  readonly slow: SlowOptions;
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
  /** Zones of the operator's own, which win over the special-use names. */
  readonly ownZones?: readonly Name[];
  /** Names that are answered from here; they win over all else. */
  readonly localZones?: readonly LocalZone[];
  /** Addresses that answers from elsewhere may not hold; none where absent. */
  readonly privateAddresses?: PrivateOptions;
}

/** Numbers about a resolver, for the operator. */
export interface ResolverStats {
  readonly counts: Readonly<Record<string, number>>;
  readonly clientsWaiting: number;
  readonly tasksRunning: number;
  readonly asksTotal: number;
  readonly answers: StoreStats;
  readonly rrsets: StoreStats;
}

const SWEPT = limits.sweptPerQuestion.value;

export class Resolver implements Door {
  readonly #world: World;
  readonly #admission: Admission;
  readonly #answers: AnswerCache;
  readonly #memory: RecursorMemory;
  readonly #mesh: Mesh;
  readonly #views: readonly View[];
  readonly #fast: FastLane;
  readonly #slow: SlowLane;
  readonly #counters = new Counters();
  readonly #asking = new Asking();
  readonly #cookies: ClientCookies;

  /** `verifier` checks signatures; without one no signature is good. */
  constructor(options: ResolverOptions, world: World, verifier?: Verifier) {
    const { identity, bounds, recursionWithoutRd, ownZones = [], localZones = [] } = options.slow;
    const { random } = world;
    const { views = [] } = options;
    // Each view that resolves for itself has as much for it as everybody's.
    const resolving = 1 + views.filter(({ recursor }) => recursor !== undefined).length;
    const share = shares(options.cacheBytes, resolving);
    this.#world = world;
    const networks = views.map((view) => view.networks);
    this.#admission = new Admission({ ...options.admit, views: networks });
    this.#answers = new AnswerCache({ sizeBytes: share.answersBytes }, random);
    const rrsets = {
      sizeBytes: share.rrsetsBytes,
      ttlMinS: bounds.minS,
      ttlMaxS: bounds.maxS,
      negativeTtlMaxS: bounds.negativeMaxS,
    };
    const sizes = { ...share, rrsets };
    this.#memory = newMemory(sizes, random);
    const parts = verifier === undefined ? {} : { verifier };
    const rules = { ...zoneRules(localZones, ownZones), identity, recursionWithoutRd };
    const shared = views.filter(({ recursor }) => recursor === undefined);
    const local = [rules.localZones, ...shared.map((view) => new LocalZones(view.localZones))];
    this.#mesh = new Mesh(stopping(options.recursor, local), world, this.#memory, parts);
    const finish = new Finish(new TextEncoder().encode(identity.server ?? ""));
    const { cookieSecret } = options;
    this.#cookies =
      cookieSecret === undefined ? ClientCookies.keyed(random) : new ClientCookies(cookieSecret);
    this.#fast = new FastLane(this.#answers, finish);
    const { privateAddresses: privateOptions } = options.slow;
    const privateAddresses = privateAddressesOf(options.recursor, privateOptions);
    const common = { rules, mesh: this.#mesh, privateAddresses, privateOptions };
    this.#views = viewsOf(views, { ...common, world, verifier, sizes });
    this.#slow = new SlowLane({
      rules,
      views: this.#views,
      bounds,
      privateAddresses,
      answers: this.#answers,
      fast: this.#fast,
      finish,
      mesh: this.#mesh,
      world,
      counters: this.#counters,
      cookies: this.#cookies,
    });
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
    if (view >= 0 && asking.readPlain(frame, at, length)) {
      const { idleTimeoutS } = asked;
      if (asking.cookieBytes > 0) {
        this.#cookies.renew(asking, asked.client, wallOf(this.#world));
      }
      const nowMs = this.#world.nowMs();
      const answer = this.#fast.answer(frame, at, capacity, asking, view, idleTimeoutS, nowMs);
      if (answer > 0) {
        counters.count(counter.fast);
        return answer;
      }
    }
    this.sweep(SWEPT);
    return this.#slow.answer(frame, at, length, capacity, asked, view);
  }

  /**
   * Overwrites what has expired, looking at some entries of each cache.
   *
   * Each question of the slow lane does some of it; a worker that has nothing to do does more.
   */
  sweep(entriesMax: number): void {
    const nowMs = this.#world.nowMs();
    this.#answers.sweep(nowMs, entriesMax);
    this.#memory.rrsets.sweep(nowMs, entriesMax);
    for (const { memory } of this.#views) memory?.rrsets.sweep(nowMs, entriesMax);
  }

  /** Answers from a copy of the root until a monotonic time; without one its servers are asked. */
  useRoot(zone: SharedArrayBuffer | undefined, untilMs: number): void {
    this.#memory.root.use(zone, untilMs);
    for (const { memory } of this.#views) memory?.root.use(zone, untilMs);
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

  get stats(): ResolverStats {
    return {
      counts: this.#counters.all,
      clientsWaiting: this.#slow.clientsWaiting,
      tasksRunning: this.tasksRunning,
      asksTotal: this.#meshes.reduce((sum, mesh) => sum + mesh.asksTotal, 0),
      answers: this.#answers.stats,
      rrsets: this.#memory.rrsets.stats,
    };
  }
}

/** Bytes that an entry of the tables of servers, of failures and of links of the chain takes. */
const SERVER_BYTES = 120;
const FAILURE_BYTES = 64;
const CHAIN_BYTES = 512;

/**
 * How memory is divided: a packed answer is about as large as the sets it was made from, and each
 * of these is there for the cuts on the way too; servers, failures and links are few and small.
 * All but the packed answers is there once for each of `resolving` views.
 */
function shares(
  cacheBytes: number,
  resolving: number,
): {
  answersBytes: number;
  rrsetsBytes: number;
  servers: number;
  failures: number;
  chains: number;
} {
  const smallBytes = Math.floor(cacheBytes / 32 / resolving);
  const storeBytes = (cacheBytes - 4 * smallBytes * resolving) / 2;
  const bounded = (bytes: number): number =>
    Math.min(Math.max(Math.floor(bytes), limits.storeBytesMin.value), limits.storeBytesMax.value);
  return {
    answersBytes: bounded(storeBytes),
    rrsetsBytes: bounded(storeBytes / resolving),
    servers: Math.ceil(smallBytes / SERVER_BYTES),
    failures: Math.ceil(smallBytes / FAILURE_BYTES),
    chains: Math.ceil(smallBytes / CHAIN_BYTES),
  };
}
