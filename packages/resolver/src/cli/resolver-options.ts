/** From settings to what a resolver is told: the one place that maps the one to the other. */
import { readFileSync } from "node:fs";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { assert } from "../base/assert.ts";
import { type TrustAnchor, readAnchors } from "../dnssec/anchor.ts";
import type { ConfiguredZone, RecursorOptions, RootHint, Validation } from "../recursor/options.ts";
import { builtInRootHints, rootHintsFromText } from "../recursor/root-hints.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import { SystemRandom } from "../system/random.ts";
import { isSpecial } from "../serve/special-names.ts";
import type { ViewOptions } from "../serve/views.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Settings } from "./settings.ts";
import { trustAnchorsOf } from "./trust-anchors.ts";
import { type ViewSetting, withCommon } from "./view-settings.ts";
import type { ZoneSetting } from "./zone-settings.ts";

/** Where resolving begins: the Internet's root, or a sandbox's. */
export interface Place {
  readonly rootHints: readonly RootHint[];
  readonly upstreamPort: number;
  readonly mayAskLoopback: boolean;
  /** What is believed there, if answers are validated. */
  readonly anchors: readonly TrustAnchor[];
}

/** The place that the settings name. */
export function placeOf(settings: Settings): Place | Wrong {
  const rootHints = rootHintsOf(settings["resolve.root-hints"]);
  if ("kind" in rootHints) return rootHints;
  const anchors = settings["resolve.validate"]
    ? trustAnchorsOf(settings["resolve.trust-anchors"])
    : [];
  if ("kind" in anchors) return anchors;
  return {
    rootHints,
    anchors,
    upstreamPort: settings["resolve.upstream-port"],
    mayAskLoopback: settings["resolve.loopback-servers"],
  };
}

/** A sandbox as a place: its root, which is believed, at its port, on loopback addresses. */
export function placeInside(sandbox: {
  readonly rootHints: readonly RootHint[];
  readonly port: number;
  readonly trustAnchors: string;
}): Place {
  const { rootHints, port: upstreamPort } = sandbox;
  const anchors = readAnchors(sandbox.trustAnchors);
  assert(!("kind" in anchors), "the sandbox writes anchors that can be read");
  return { rootHints, upstreamPort, mayAskLoopback: true, anchors };
}

const LOOPBACK_V4 = Uint8Array.of(127, 0, 0, 1);

/**
 * The settings as they are inside a sandbox.
 *
 * Its servers are at IPv4 loopback addresses. Asked from such an address, the kernel sends nothing
 * to any other: zones that name servers elsewhere do not make anybody leave the machine.
 */
export function insideSandbox(settings: Settings): Settings {
  return {
    ...settings,
    "resolve.outgoing": [LOOPBACK_V4],
    "resolve.ipv4": true,
    "resolve.ipv6": false,
    // Its keys are nobody's on the Internet: what is learnt of them is not kept.
    "state.directory": undefined,
  };
}

function rootHintsOf(file: string | undefined): readonly RootHint[] | Wrong {
  if (file === undefined) return builtInRootHints();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`resolve.root-hints = ${file}: expected a file that can be read (${code})`);
  }
  const hints = rootHintsFromText(text);
  if (!("kind" in hints)) return hints;
  return wrong(`resolve.root-hints = ${file}: expected root hints: ${hints.why}`);
}

/** What the recursor is told. */
export function recursorOptionsOf(
  settings: Settings,
  place: Place,
  configuredZones: readonly ConfiguredZone[] = configuredZonesOf(settings),
): RecursorOptions {
  const { anchors, ...where } = place;
  return {
    ...where,
    ...validationOf(settings, anchors, configuredZones),
    configuredZones,
    minimise: settings["resolve.minimise"],
    caseRandomisation: settings["resolve.case-randomisation"],
    overTcp: settings["resolve.tcp-only"],
    neverAsk: settings["resolve.never-ask"],
    cookies: cookiesOf(settings),
    verifyGlue: settings["resolve.verify-glue"],
    aggressive: settings["resolve.aggressive"],
    ipv4: settings["resolve.ipv4"],
    ipv6: settings["resolve.ipv6"],
    fetchAhead: settings["resolve.fetch-ahead"],
    reportErrors: settings["resolve.report-errors"],
    negativeTtlMinS: settings["cache.negative-ttl-floor"],
    negativeTtlMaxS: settings["cache.negative-ttl-ceiling"],
  };
}

/**
 * Whether servers are shown cookies. Not where questions leave from several addresses in turn: a
 * cookie would tell that all of these are one resolver (RFC 9018 §3).
 */
function cookiesOf(settings: Settings): boolean {
  const outgoing = settings["resolve.outgoing"];
  const isOfFamily = (bytes: number): number => outgoing.filter((ip) => ip.length === bytes).length;
  return settings["resolve.cookies"] && isOfFamily(4) <= 1 && isOfFamily(16) <= 1;
}

/**
 * On what terms answers are validated; nothing where they are not.
 *
 * A configured zone at a special-use name is nobody's but the operator's, and unsigned unless it
 * has an anchor of its own: the public tree is not asked about it.
 */
function validationOf(
  settings: Settings,
  anchors: readonly TrustAnchor[],
  configuredZones: readonly ConfiguredZone[],
): { readonly validation?: Validation } {
  if (!settings["resolve.validate"]) return {};
  const own = configuredZones
    .map(({ zone }) => zone)
    .filter((zone) => isSpecial(zone) && !anchors.some((anchor) => isNear(anchor.zone, zone)));
  const insecure = [...settings["resolve.insecure"], ...own];
  const signalsKeyTags = settings["resolve.signal-trust-anchors"];
  const negative = settings["resolve.negative-trust-anchors"];
  const demand = settings["resolve.proof"];
  const beforehand = { anchors, insecure, negative, signalsKeyTags };
  return { validation: { ...beforehand, trustsSha1: false, demand } };
}

/** Says whether an anchor below the root stands at a zone, or on the way to it or below it. */
function isNear(anchored: Name, zone: Name): boolean {
  return isAtOrUnder(anchored, zone) || (anchored.length > 1 && isAtOrUnder(zone, anchored));
}

function configuredZonesOf(settings: Settings): readonly ConfiguredZone[] {
  const copied = settings["resolve.copy"].map(({ zone, orOthers, authoritative }) => {
    return { zone, servers: [], recursive: false, isCopied: true, orOthers, authoritative };
  });
  return [...zonesIn(settings["resolve.stub"], settings["resolve.forward"]), ...copied];
}

function zonesIn(
  stub: readonly ZoneSetting[],
  forward: readonly ZoneSetting[],
): readonly ConfiguredZone[] {
  return [
    ...stub.map((zone) => ({ ...zone, recursive: false })),
    ...forward.map((zone) => ({ ...zone, recursive: true })),
  ];
}

/** What a view is told: everybody's zones, and its own. */
function viewOptionsOf(view: ViewSetting, settings: Settings, place: Place): ViewOptions {
  const zones = withCommon(zonesIn(view.stub, view.forward), configuredZonesOf(settings));
  const shared = {
    networks: view.networks,
    localZones: withCommon(view.local, settings["local"]),
    ownZones: zones.map(({ zone }) => zone),
  };
  const hasZones = view.stub.length + view.forward.length > 0;
  return hasZones ? { ...shared, recursor: recursorOptionsOf(settings, place, zones) } : shared;
}

/** Bounds in seconds within which TTLs are kept. */
export function ttlBoundsOf(settings: Settings): ResolverOptions["slow"]["bounds"] {
  return {
    minS: settings["cache.ttl-floor"],
    maxS: settings["cache.ttl-ceiling"],
    negativeMaxS: settings["cache.negative-ttl-ceiling"],
  };
}

/** When clients get what has expired. */
function staleOf(settings: Settings): Pick<ResolverOptions, "stale"> {
  const limitS = settings["cache.stale"];
  if (limitS === 0) return {};
  return {
    stale: {
      limitS,
      ttlS: settings["cache.stale-ttl"],
      recheckS: settings["cache.stale-recheck"],
      clientTimeoutMs: settings["cache.stale-client-timeout"],
    },
  };
}

const COOKIE_SECRET_BYTES = 16;

/** What each of `workers` resolvers is told. */
export function resolverOptionsOf(
  settings: Settings,
  place: Place,
  workers: number,
): ResolverOptions {
  return {
    recursor: recursorOptionsOf(settings, place),
    admit: {
      allow: settings["access.allow"],
      refuse: settings["access.refuse"],
      drop: settings["access.drop"],
      others: settings["access.others"],
    },
    slow: {
      identity: {
        server: settings["identity.server"],
        version: settings["identity.version"],
        nsid: settings["identity.nsid"],
      },
      bounds: ttlBoundsOf(settings),
      recursionWithoutRd: settings["access.recursion-without-rd"],
      anyType: settings["access.any"],
      localZones: settings["local"],
      ownZones: configuredZonesOf(settings).map(({ zone }) => zone),
      privateAddresses: {
        networks: settings["resolve.private-addresses"],
        exempt: settings["resolve.private-names"],
      },
    },
    prefetch: settings["cache.prefetch"],
    ...staleOf(settings),
    views: settings["view"].map((view) => viewOptionsOf(view, settings, place)),
    cacheBytes: Math.floor(settings["cache.size"] / workers),
    cookieSecret: settings["listen.cookie-secret"] ?? new SystemRandom().bytes(COOKIE_SECRET_BYTES),
  };
}
