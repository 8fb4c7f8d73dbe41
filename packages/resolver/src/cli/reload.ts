/**
 * What SIGHUP does: the configuration is read again, and what can change while the server runs is
 * sent to its workers.
 *
 * All or nothing: settings that are wrong change nothing. Those that need a restart keep the value
 * that they had, and are named.
 */
import { isDeepStrictEqual } from "node:util";
import type { ResolverOptions } from "../serve/resolver.ts";
import type { Wrong } from "./command.ts";
import { isWrong } from "./configuration.ts";
import { type Place, resolverOptionsOf } from "./resolver-options.ts";
import type { Key, Settings } from "./settings.ts";

/** Sockets, threads and memory are there from the start. */
const FIXED: ReadonlySet<Key> = new Set<Key>([
  "listen.dns",
  "listen.admin",
  "resolve.outgoing",
  "resolve.system-calls",
  "resolve.workers",
  "cache.size",
  "state.directory",
]);

/** Whether and how clients are answered; all other settings may make other answers. */
const KEEPS_ANSWERS: ReadonlySet<Key> = new Set<Key>([
  "access.allow",
  "access.refuse",
  "access.others",
  "access.recursion-without-rd",
  "cache.prefetch",
  "cache.stale",
  "cache.stale-ttl",
  "cache.stale-recheck",
  "cache.stale-client-timeout",
  "identity.server",
  "identity.version",
  "resolve.minimise",
  "resolve.case-randomisation",
  "resolve.fetch-ahead",
  "resolve.ipv4",
  "resolve.ipv6",
]);

export interface Reload {
  readonly kind: "reload";
  /** What is in force from now on. */
  readonly settings: Settings;
  readonly resolver: ResolverOptions;
  /** What is in the caches may be wrong by the new settings. */
  readonly forgets: boolean;
  readonly changed: readonly Key[];
  /** Changed in the file, and left as they are. */
  readonly left: readonly Key[];
}

/** From the settings in force and those that were read now to what is to be done. */
export function planReload(
  before: Settings,
  read: Settings | Wrong,
  placeFor: (settings: Settings) => Place | Wrong,
  workers: number,
): Reload | Wrong {
  if (isWrong(read)) return read;
  const keys = Object.keys(read) as Key[];
  const differing = keys.filter((key) => !isDeepStrictEqual(read[key], before[key]));
  const left = differing.filter((key) => FIXED.has(key));
  const changed = differing.filter((key) => !FIXED.has(key));
  const kept = Object.fromEntries(left.map((key) => [key, before[key]]));
  const settings: Settings = { ...read, ...kept };
  const place = placeFor(settings);
  if (isWrong(place)) return place;
  const resolver = resolverOptionsOf(settings, place, workers);
  const forgets = changed.some((key) => !KEEPS_ANSWERS.has(key));
  return { kind: "reload", settings, resolver, forgets, changed, left };
}
