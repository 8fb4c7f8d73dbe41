/** From settings to what a resolver is told: the one place that maps the one to the other. */
import { readFileSync } from "node:fs";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { assert } from "../base/assert.ts";
import { type TrustAnchor, readAnchors } from "../dnssec/anchor.ts";
import type { ConfiguredZone, RecursorOptions, RootHint, Validation } from "../recursor/options.ts";
import { builtInRootHints, rootHintsFromText } from "../recursor/root-hints.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import { isSpecial } from "../serve/special-names.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Settings } from "./settings.ts";
import { trustAnchorsOf } from "./trust-anchors.ts";

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
export function recursorOptionsOf(settings: Settings, place: Place): RecursorOptions {
  const { anchors, ...where } = place;
  return {
    ...where,
    ...validationOf(settings, anchors),
    configuredZones: configuredZonesOf(settings),
    minimise: settings["resolve.minimise"],
    caseRandomisation: settings["resolve.case-randomisation"],
    verifyGlue: settings["resolve.verify-glue"],
    ipv4: settings["resolve.ipv4"],
    ipv6: settings["resolve.ipv6"],
    fetchAhead: settings["resolve.fetch-ahead"],
    negativeTtlMaxS: settings["cache.negative-ttl-ceiling"],
  };
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
): { readonly validation?: Validation } {
  if (!settings["resolve.validate"]) return {};
  const own = configuredZonesOf(settings)
    .map(({ zone }) => zone)
    .filter((zone) => isSpecial(zone) && !anchors.some((anchor) => isNear(anchor.zone, zone)));
  const insecure = [...settings["resolve.insecure"], ...own];
  return { validation: { anchors, insecure, trustsSha1: false } };
}

/** Says whether an anchor below the root stands at a zone, or on the way to it or below it. */
function isNear(anchored: Name, zone: Name): boolean {
  return isAtOrUnder(anchored, zone) || (anchored.length > 1 && isAtOrUnder(zone, anchored));
}

function configuredZonesOf(settings: Settings): readonly ConfiguredZone[] {
  return [
    ...settings["resolve.stub"].map((zone) => ({ ...zone, recursive: false })),
    ...settings["resolve.forward"].map((zone) => ({ ...zone, recursive: true })),
  ];
}

/** Bounds in seconds within which TTLs are kept. */
export function ttlBoundsOf(settings: Settings): ResolverOptions["slow"]["bounds"] {
  return {
    minS: settings["cache.ttl-floor"],
    maxS: settings["cache.ttl-ceiling"],
    negativeMaxS: settings["cache.negative-ttl-ceiling"],
  };
}

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
      identity: { server: settings["identity.server"], version: settings["identity.version"] },
      bounds: ttlBoundsOf(settings),
      recursionWithoutRd: settings["access.recursion-without-rd"],
      localZones: settings["local"],
      ownZones: configuredZonesOf(settings).map(({ zone }) => zone),
      privateAddresses: {
        networks: settings["resolve.private-addresses"],
        exempt: settings["resolve.private-names"],
      },
    },
    cacheBytes: Math.floor(settings["cache.size"] / workers),
  };
}
