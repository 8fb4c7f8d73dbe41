/** How the memory of the caches is divided among them. */
import { limits } from "../base/limits.ts";

/** Bytes that an entry of the tables of servers, of failures and of links of the chain takes. */
const SERVER_BYTES = 120;
const FAILURE_BYTES = 64;
const CHAIN_BYTES = 512;

/**
 * How memory is divided: a packed answer is about as large as the sets it was made from, and each
 * of these is there for the cuts on the way too; servers, failures, links and denials are few and
 * small. All but the packed answers is there once for each of `resolving` views.
 */
export function shares(
  cacheBytes: number,
  resolving: number,
): {
  answersBytes: number;
  rrsetsBytes: number;
  servers: number;
  failures: number;
  chains: number;
  denialBytes: number;
} {
  const smallBytes = Math.floor(cacheBytes / 32 / resolving);
  const storeBytes = (cacheBytes - 5 * smallBytes * resolving) / 2;
  const bounded = (bytes: number): number =>
    Math.min(Math.max(Math.floor(bytes), limits.storeBytesMin.value), limits.storeBytesMax.value);
  return {
    answersBytes: bounded(storeBytes),
    rrsetsBytes: bounded(storeBytes / resolving),
    servers: Math.ceil(smallBytes / SERVER_BYTES),
    failures: Math.ceil(smallBytes / FAILURE_BYTES),
    chains: Math.ceil(smallBytes / CHAIN_BYTES),
    denialBytes: smallBytes,
  };
}
