/**
 * Where the addresses of configured servers are looked up that have names: in a recursion that
 * knows of no such server, with caches of its own. So none is ever needed to find itself, and what
 * the servers of a zone tell does not lead to where they are.
 */
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../base/limits.ts";
import type { Cancel, World } from "./effect.ts";
import { newMemory } from "./memory.ts";
import type { RecursorMemory, RecursorOptions } from "./options.ts";
import { type Outcome, passing } from "./outcome.ts";

const CACHE_BYTES = limits.storeBytesMin.value;
const ENTRIES = 256;
const TTL_MAX_S = 86_400;

/** What is needed of a mesh. */
interface Resolving {
  request(question: Question, done: (outcome: Outcome) => void, checkingDisabled: boolean): Cancel;
  close(): void;
}

export class Outside {
  readonly #make: (options: RecursorOptions, memory: RecursorMemory) => Resolving;
  readonly #world: World;
  #mesh: Resolving | undefined;
  #options: RecursorOptions | undefined;

  /** `make` makes a mesh; none is made before it is needed. */
  constructor(make: (options: RecursorOptions, memory: RecursorMemory) => Resolving, world: World) {
    this.#make = make;
    this.#world = world;
  }

  /** Resolves a question by options; `done` is called within `leftMs`, whatever happens. */
  request(
    question: Question,
    options: RecursorOptions,
    leftMs: number,
    done: (outcome: Outcome) => void,
  ): Cancel {
    const stop = this.#meshFor(options).request(question, end, true);
    const stopWaiting = this.#world.after(leftMs, () => end(passing("time-out")));
    function cancel(): void {
      stop();
      stopWaiting();
    }
    function end(outcome: Outcome): void {
      cancel();
      done(outcome);
    }
    return cancel;
  }

  close(): void {
    this.#mesh?.close();
  }

  /** What runs by former options comes to its end by them. */
  #meshFor(options: RecursorOptions): Resolving {
    if (this.#mesh !== undefined && this.#options === options) return this.#mesh;
    const { negativeTtlMaxS } = options;
    const rrsets = { sizeBytes: CACHE_BYTES, ttlMinS: 0, ttlMaxS: TTL_MAX_S, negativeTtlMaxS };
    const sizes = { rrsets, servers: ENTRIES, failures: ENTRIES, chains: ENTRIES };
    const configuredZones = (options.configuredZones ?? []).filter(({ named = [] }) => {
      return named.length === 0;
    });
    this.#options = options;
    this.#mesh = this.#make(
      { ...options, configuredZones, fetchAhead: false },
      newMemory(sizes, this.#world.random),
    );
    return this.#mesh;
  }
}
