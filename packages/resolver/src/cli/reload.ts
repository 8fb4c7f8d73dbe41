/**
 * What SIGHUP does: the configuration is read again, and what can change while the server runs is
 * sent to its workers.
 *
 * All or nothing: where a setting is wrong, or its change needs a restart, nothing changes.
 */
import { isDeepStrictEqual } from "node:util";
import type { ResolverOptions } from "../serve/resolver.ts";
import { type Wrong, wrong } from "./command.ts";
import { isWrong } from "./configuration.ts";
import { listenSettings } from "./listen-settings.ts";
import { type Place, resolverOptionsOf } from "./resolver-options.ts";
import type { Key, Settings } from "./settings.ts";

/** Sockets, threads and memory are there from the start. */
const FIXED: ReadonlySet<Key> = new Set<Key>([
  ...(Object.keys(listenSettings) as (keyof typeof listenSettings)[]),
  "oblivious.secret",
  "resolve.outgoing",
  "resolve.system-calls",
  "resolve.workers",
  "resolve.copy",
  "resolve.local-root",
  "resolve.anchor-rollover",
  "cache.size",
  "state.directory",
  "ledger.name",
  "view",
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
  "discovery.name",
  "discovery.addresses",
  "discovery.info-url",
  "identity.nsid",
  "identity.server",
  "identity.version",
  "oblivious.target",
  "relay.targets",
  "relay.allow",
  "relay.authorities",
  "tls.certificate",
  "tls.key",
  "tls.names",
  "resolve.minimise",
  "resolve.authority-tls",
  "resolve.authority-tls-port",
  "resolve.signal-trust-anchors",
  "resolve.case-randomisation",
  "resolve.fetch-ahead",
  "resolve.ipv4",
  "resolve.ipv6",
]);

export interface Reload {
  readonly kind: "reload";
  /** What is in force from now on. */
  readonly settings: Settings;
  readonly place: Place;
  readonly resolver: ResolverOptions;
  /** What is in the caches may be wrong by the new settings, or by the files that they name. */
  readonly forgets: boolean;
  readonly changed: readonly Key[];
}

/** What is in force: settings, and what the files that they name hold. */
export type InForce = Pick<Reload, "settings" | "place">;

/** From what is in force and the settings that were read now to what is to be done. */
export function planReload(
  before: InForce,
  settings: Settings | Wrong,
  placeFor: (settings: Settings) => Place | Wrong,
  workers: number,
): Reload | Wrong {
  if (isWrong(settings)) return settings;
  const keys = Object.keys(settings) as Key[];
  const changed = keys.filter((key) => !isDeepStrictEqual(settings[key], before.settings[key]));
  const fixed = changed.filter((key) => FIXED.has(key));
  if (fixed.length > 0) return wrong(`a restart is needed for ${fixed.join(", ")}`);
  const place = placeFor(settings);
  if (isWrong(place)) return place;
  const resolver = resolverOptionsOf(settings, place, workers);
  const isElsewhere = !isDeepStrictEqual(place, before.place);
  const forgets = isElsewhere || changed.some((key) => !KEEPS_ANSWERS.has(key));
  return { kind: "reload", settings, place, resolver, forgets, changed };
}
