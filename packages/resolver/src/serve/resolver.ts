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
import { Counters, counter } from "./counters.ts";
import { FastLane } from "./fast.ts";
import { Finish } from "./finish.ts";
import type { Identity } from "./local-answers.ts";
import { type LocalZone, LocalZones } from "./local-zones.ts";
import { PrivateAddresses, type PrivateOptions } from "./private-addresses.ts";
import { SlowLane } from "./slow.ts";
import { SpecialNames } from "./special-names.ts";

/** What a resolver is told once; plain data but for `recursor.trace`. */
export interface ResolverOptions {
  /** `trace` in it hears every step of the recursor: that is how an answer is explained. */
  readonly recursor: RecursorOptions;
  readonly admit: AdmitOptions;
  readonly slow: SlowOptions;
  /** Memory of all its caches together. */
  readonly cacheBytes: number;
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
  readonly #fast: FastLane;
  readonly #slow: SlowLane;
  readonly #counters = new Counters();
  readonly #asking = new Asking();

  /** `verifier` checks signatures; without one no signature is good. */
  constructor(options: ResolverOptions, world: World, verifier?: Verifier) {
    const { identity, bounds, recursionWithoutRd, ownZones = [], localZones = [] } = options.slow;
    const { random } = world;
    const share = shares(options.cacheBytes);
    this.#world = world;
    this.#admission = new Admission(options.admit);
    this.#answers = new AnswerCache({ sizeBytes: share.answersBytes }, random);
    const rrsets = {
      sizeBytes: share.rrsetsBytes,
      ttlMinS: bounds.minS,
      ttlMaxS: bounds.maxS,
      negativeTtlMaxS: bounds.negativeMaxS,
    };
    this.#memory = newMemory({ ...share, rrsets }, random);
    const parts = verifier === undefined ? {} : { verifier };
    this.#mesh = new Mesh(options.recursor, world, this.#memory, parts);
    const finish = new Finish(new TextEncoder().encode(identity.server ?? ""));
    this.#fast = new FastLane(this.#answers, finish);
    this.#slow = new SlowLane({
      rules: {
        localZones: new LocalZones(localZones),
        // In a local zone that lets others be asked for, a special name is asked for too.
        specialNames: new SpecialNames([...ownZones, ...localZones.map(({ zone }) => zone)]),
        identity,
        recursionWithoutRd,
      },
      bounds,
      privateAddresses: new PrivateAddresses(
        options.slow.privateAddresses,
        (options.recursor.configuredZones ?? []).map(({ zone }) => zone),
      ),
      answers: this.#answers,
      fast: this.#fast,
      finish,
      mesh: this.#mesh,
      world,
      counters: this.#counters,
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
  }

  /** Ends all that is under way; nobody is answered any more. */
  close(): void {
    this.#slow.close();
    this.#mesh.close();
  }

  /** Clients that wait for an answer. */
  get clientsWaiting(): number {
    return this.#slow.clientsWaiting;
  }

  /** Questions that are being resolved. */
  get tasksRunning(): number {
    return this.#mesh.tasksRunning;
  }

  get stats(): ResolverStats {
    return {
      counts: this.#counters.all,
      clientsWaiting: this.#slow.clientsWaiting,
      tasksRunning: this.#mesh.tasksRunning,
      asksTotal: this.#mesh.asksTotal,
      answers: this.#answers.stats,
      rrsets: this.#memory.rrsets.stats,
    };
  }
}

/** Bytes that an entry of the tables of servers, of failures and of links of the chain takes. */
const SERVER_BYTES = 80;
const FAILURE_BYTES = 64;
const CHAIN_BYTES = 512;

/**
 * How memory is divided: a packed answer is about as large as the sets it was made from, and each
 * of these is there for the cuts on the way too; servers, failures and links are few and small.
 */
function shares(cacheBytes: number): {
  answersBytes: number;
  rrsetsBytes: number;
  servers: number;
  failures: number;
  chains: number;
} {
  const smallBytes = Math.floor(cacheBytes / 32);
  const storeBytes = (cacheBytes - 4 * smallBytes) / 2;
  const bounded = Math.min(
    Math.max(Math.floor(storeBytes), limits.storeBytesMin.value),
    limits.storeBytesMax.value,
  );
  return {
    answersBytes: bounded,
    rrsetsBytes: bounded,
    servers: Math.ceil(smallBytes / SERVER_BYTES),
    failures: Math.ceil(smallBytes / FAILURE_BYTES),
    chains: Math.ceil(smallBytes / CHAIN_BYTES),
  };
}
