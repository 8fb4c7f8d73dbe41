/** The caches of a recursor, made together. */
import type { Random } from "../base/random.ts";
import { limits } from "../base/limits.ts";
import { ChainCache } from "../cache/chain-cache.ts";
import { DenialCache } from "../cache/denial-cache.ts";
import { FailureCache } from "../cache/failure-cache.ts";
import { RrsetCache, type RrsetCacheOptions } from "../cache/rrset-cache.ts";
import { ServerCache } from "../cache/server-cache.ts";
import { ZoneCopies } from "./zone-copies.ts";
import type { RecursorMemory } from "./options.ts";

const DENIAL_BYTES_MIN = limits.denialBytesMin.value;

/** How much each may hold. */
export interface MemorySizes {
  readonly rrsets: RrsetCacheOptions;
  readonly servers: number;
  /** Failures of resolving, and as many of validating. */
  readonly failures: number;
  readonly chains: number;
  /** Memory of proven denials; a sixteenth of the record sets' where absent. */
  readonly denialBytes?: number;
}

/** What proven denials take of what record sets take: a record and its signatures are small. */
const DENIAL_SHARE = 16;

/** New caches, empty. */
export function newMemory(sizes: MemorySizes, random: Random): RecursorMemory {
  const denialBytes = sizes.denialBytes ?? Math.floor(sizes.rrsets.sizeBytes / DENIAL_SHARE);
  return {
    rrsets: new RrsetCache(sizes.rrsets, random),
    servers: new ServerCache({ entriesMax: sizes.servers }, random),
    failures: new FailureCache({ entriesMax: sizes.failures }, random),
    bogus: new FailureCache({ entriesMax: sizes.failures }, random),
    chains: new ChainCache({ entriesMax: sizes.chains }, random),
    copies: new ZoneCopies(),
    denials: new DenialCache({ sizeBytes: Math.max(denialBytes, DENIAL_BYTES_MIN) }, random),
  };
}
