/** How the memory of the caches is divided among them, and their numbers put together. */
import { limits } from "../base/limits.ts";
import type { StoreStats } from "../cache/store.ts";

/** Bytes that an entry of the tables of servers, of failures and of links of the chain takes. */
const SERVER_BYTES = 120;
const FAILURE_BYTES = 64;
const CHAIN_BYTES = 512;

/** Of all memory, what a table of small things takes, of which there are five for each recursor. */
const SMALL_SHARE = 1 / 32;
const SMALL_TABLES = 5;

/** What a recursor remembers in. */
export interface MemoryShare {
  readonly rrsetsBytes: number;
  readonly servers: number;
  readonly failures: number;
  readonly chains: number;
  readonly denialBytes: number;
}

export interface Shares {
  readonly answersBytes: number;
  readonly everybody: MemoryShare;
  /** Of each view that resolves for itself. */
  readonly view: MemoryShare;
}

/**
 * How memory is divided: a packed answer is about as large as the sets it was made from, and each
 * of these is there for the cuts on the way too; servers, failures, links and denials are few and
 * small. Views that resolve for themselves share one half of all but the packed answers, which are
 * kept together: however many there are, everybody's caches are no smaller.
 */
export function shares(cacheBytes: number, viewsResolving: number): Shares {
  const storeBytes = (cacheBytes * (1 - SMALL_TABLES * SMALL_SHARE)) / 2;
  return {
    answersBytes: bounded(storeBytes),
    everybody: memoryShare(cacheBytes, storeBytes, viewsResolving === 0 ? 1 : 1 / 2),
    view: memoryShare(cacheBytes, storeBytes, 1 / (2 * Math.max(1, viewsResolving))),
  };
}

function memoryShare(cacheBytes: number, storeBytes: number, part: number): MemoryShare {
  const smallBytes = Math.floor(cacheBytes * SMALL_SHARE * part);
  return {
    rrsetsBytes: bounded(storeBytes * part),
    servers: Math.ceil(smallBytes / SERVER_BYTES),
    failures: Math.ceil(smallBytes / FAILURE_BYTES),
    chains: Math.ceil(smallBytes / CHAIN_BYTES),
    denialBytes: smallBytes,
  };
}

function bounded(bytes: number): number {
  const { storeBytesMin, storeBytesMax } = limits;
  return Math.min(Math.max(Math.floor(bytes), storeBytesMin.value), storeBytesMax.value);
}

/** The numbers of several stores together. */
export function sumOfStats(stats: readonly StoreStats[]): StoreStats {
  const sum = (key: keyof StoreStats): number => stats.reduce((total, one) => total + one[key], 0);
  return {
    sizeBytes: sum("sizeBytes"),
    entries: sum("entries"),
    evicted: sum("evicted"),
    moved: sum("moved"),
  };
}
