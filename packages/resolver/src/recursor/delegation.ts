/**
 * A delegation: a zone and the servers that are said to have it.
 *
 * The recursor trusts the parent's word for where a zone is served: it stands in the cache as a
 * cut, is replaced by referrals only and never answers a client. So a child cannot keep
 * its own delegation alive after the parent has withdrawn it (ghost and phoenix domains).
 */
import { equalBytes } from "@lethe/wire/bytes.ts";
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ROOT,
  isAtOrUnder,
  isUnder,
  nameEqual,
  nameFromBytes,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { CachedCut } from "../cache/rrset-cache.ts";
import type { Referral } from "./classify.ts";
import type { ConfiguredZone, NamedServer, RootHint } from "./options.ts";
import type { Trail } from "./trail.ts";

const NS_MAX = limits.nsNamesPerDelegationMax.value;
const IPS_MAX = limits.addressesPerNsNameMax.value;

/** One name server of a delegation and what is known of its addresses. */
export interface NsTarget {
  readonly name: Name;
  readonly ips: Uint8Array[];
  /** Addresses that nobody vouches for: asked where looking for better ones led nowhere. */
  readonly spareIps: Uint8Array[];
  /** The address types that were looked for beyond the glue, or need not be. */
  readonly lookedUp: number[];
  /** The operator gives its name, and how it is asked; absent: as authorities are. */
  readonly at?: NamedServer;
}

export interface Delegation {
  readonly zone: Name;
  readonly targets: NsTarget[];
  /** Servers that the operator names; where there are any, no others are asked. */
  readonly configured: ConfiguredZone | undefined;
  /** When the parent told of it, in monotonic milliseconds; now, where it came from no cache. */
  readonly learntMs: number;
  /** Its servers are shown the whole name at once: they are asked for glue that they left out. */
  readonly whole: boolean;
  /** The zone's own NS set was added, after the parent's servers had failed. */
  childAdded: boolean;
}

function emptyDelegation(zone: Name, learntMs: number): Delegation {
  return { zone, targets: [], configured: undefined, learntMs, whole: false, childAdded: false };
}

/** The delegation that a cut in the cache describes. */
export function delegationOf(cut: CachedCut, trail: Trail): Delegation {
  const zone = cut.servers.name;
  const delegation = emptyDelegation(zone, cut.learntMs);
  const numbers = addTargets(delegation, cut.servers);
  for (const { index, ip, isOutside } of cut.glue) {
    const target = numbers[index];
    if (target !== undefined) addGlue(target, ip, isOutside, zone, trail);
  }
  addKnownAddresses(delegation, trail);
  if (zone.length === 1) addHintedAddresses(delegation, trail.options.rootHints);
  return delegation;
}

/** Adds the name servers of an NS set that the delegation does not have yet, by their numbers. */
export function addTargets(delegation: Delegation, servers: RecordSet): (NsTarget | undefined)[] {
  const { targets } = delegation;
  const numbers: (NsTarget | undefined)[] = [];
  for (const rdata of servers.rdatas) {
    const name = nameFromBytes(rdata);
    let target = name && targetOf(targets, name);
    if (target === undefined && name !== undefined && targets.length < NS_MAX) {
      target = { name, ips: [], spareIps: [], lookedUp: [] };
      targets.push(target);
    }
    numbers.push(target);
  }
  return numbers;
}

function targetOf(targets: readonly NsTarget[], name: Name): NsTarget | undefined {
  for (const target of targets) if (nameEqual(target.name, name)) return target;
  return undefined;
}

/** Adds the addresses that are cached of name servers without glue. */
export function addKnownAddresses(delegation: Delegation, trail: Trail): void {
  for (const target of delegation.targets) {
    if (target.ips.length === 0) addCachedAddresses(target, trail);
  }
}

/** Adds the addresses of a name server that its own zone has told. */
export function addCachedAddresses(target: NsTarget, trail: Trail): void {
  if (target.at !== undefined) return; // such a one may have told these itself
  const { rrsets } = trail.memory;
  for (const type of [rrType.A, rrType.AAAA]) {
    const cached = rrsets.find(target.name, type, rrClass.IN, trail.nowMs);
    if (cached?.kind !== "set") continue;
    for (const ip of cached.set.rdatas) addIp(target, ip);
  }
}

/** Adds the glue that parents of the name servers' own zones gave; says whether any is new. */
export function addParentAddresses(delegation: Delegation, trail: Trail): boolean {
  let added = false;
  for (const target of delegation.targets) {
    for (const cut of cutsAbove(target.name, trail)) {
      for (const { index, ip, isOutside } of cut.glue) {
        if (isOutside) continue;
        const name = nameFromBytes(cut.servers.rdatas[index]!);
        if (name !== undefined && nameEqual(name, target.name) && addIp(target, ip)) added = true;
      }
    }
  }
  return added;
}

/** The cuts that are known at or above a name, the nearest first. */
function* cutsAbove(name: Name, trail: Trail): Iterable<CachedCut> {
  for (let from = name; ; from = parentOf(from)) {
    const cut = trail.memory.rrsets.nearestCut(from, rrClass.IN, trail.nowMs);
    if (cut === undefined) return;
    yield cut;
    from = cut.servers.name;
    if (from.length === 1) return;
  }
}

/**
 * Adds the addresses that were held back; says whether any is new.
 *
 * They serve this delegation and nothing else. Whoever refers to a zone could as well have named
 * a server within the zone, with the same address: it gains nothing.
 */
export function addSpareAddresses(delegation: Delegation): boolean {
  let added = false;
  for (const target of delegation.targets) {
    for (const ip of target.spareIps.splice(0)) if (addIp(target, ip)) added = true;
  }
  return added;
}

/** Adds an address that came with a referral, or holds it back. */
function addGlue(
  target: NsTarget,
  ip: Uint8Array,
  isOutside: boolean,
  zone: Name,
  trail: Trail,
): void {
  const isHeldBack =
    isOutside || (trail.options.verifyGlue === true && !isAtOrUnder(target.name, zone));
  if (!isHeldBack) addIp(target, ip);
  else if (target.spareIps.length < IPS_MAX) target.spareIps.push(ip);
}

/** Adds one address, once, within the bound; says whether it did. */
export function addIp(target: NsTarget, ip: Uint8Array): boolean {
  if (target.ips.length >= IPS_MAX) return false;
  for (const known of target.ips) if (equalBytes(known, ip)) return false;
  target.ips.push(ip);
  return true;
}

/**
 * Keeps what a referral from a server of `from` says, on the parent's side, and gives the
 * delegation that it makes.
 *
 * A cut between the two that was known before is forgotten: its parent has not named it.
 */
export function follow(referral: Referral, from: Name, trail: Trail): Delegation {
  const { rrsets } = trail.memory;
  const { servers, glue, outside, signed } = referral;
  for (let cut = parentOf(servers.name); isUnder(cut, from); cut = parentOf(cut)) {
    rrsets.removeCut(cut, servers.class);
  }
  rrsets.storeCut(withTtl(servers, from, trail), glue, trail.nowMs, outside, signed);
  return delegationTold(servers, glue, trail, outside);
}

/**
 * An NS set with a TTL that ends when the referring zone's own cut does, or at once where it has
 * ended: a zone that its parent withdrew lives on in none that it refers to (phoenix domains).
 */
function withTtl(servers: RecordSet, from: Name, trail: Trail): RecordSet {
  if (from.length === 1 || configuredFor(from, trail) !== undefined) return servers;
  const above = trail.memory.rrsets.nearestCut(from, servers.class, trail.nowMs)?.servers;
  // A TTL is rounded up when it is read, so one second of it may be over.
  const leftS = above !== undefined && nameEqual(above.name, from) ? above.ttl - 1 : 0;
  return servers.ttl <= leftS ? servers : { ...servers, ttl: leftS };
}

/** The delegation that an NS set and the addresses beside it make. */
export function delegationTold(
  servers: RecordSet,
  glue: readonly RecordSet[],
  trail: Trail,
  outside: readonly RecordSet[] = [],
): Delegation {
  const delegation = emptyDelegation(servers.name, trail.nowMs);
  addTargets(delegation, servers);
  for (const set of [...glue, ...outside]) {
    const target = targetOf(delegation.targets, set.name);
    if (target === undefined) continue;
    const isOutside = outside.includes(set);
    for (const ip of set.rdatas) addGlue(target, ip, isOutside, servers.name, trail);
  }
  addKnownAddresses(delegation, trail);
  return delegation;
}

/**
 * The closest delegation that is known for a question, or undefined where not even the root's is.
 *
 * A DS set belongs to the parent (RFC 4035 §3.1.4.1), so its question starts above the name.
 * `failed` is a configured zone that is passed over, with those below it.
 */
export function nearestDelegation(
  question: Question,
  trail: Trail,
  notBelow?: Name,
  failed?: ConfiguredZone,
): Delegation | undefined {
  let from = question.type === rrType.DS ? parentOf(question.name) : question.name;
  if (notBelow !== undefined && isAtOrUnder(from, notBelow)) from = parentOf(notBelow);
  const configured = configuredFor(from, trail, failed);
  if (configured?.recursive === true) return delegationTo(configured, trail);
  let cut = trail.memory.rrsets.nearestCut(from, question.class, trail.nowMs);
  if (configured !== undefined && !(cut && isUnder(cut.servers.name, configured.zone))) {
    return delegationTo(configured, trail);
  }
  for (let whole = false; cut !== undefined; whole = true) {
    const delegation = delegationOf(cut, trail);
    const { zone } = delegation;
    if (zone.length === 1 || !lacksGlueFor(delegation, question, trail))
      return { ...delegation, whole };
    // Only who referred us there without glue can know this address.
    cut = trail.memory.rrsets.nearestCut(parentOf(zone), question.class, trail.nowMs);
  }
  return undefined;
}

/**
 * Says whether a question asks for the address of one of a zone's own servers, or of an alias of
 * one, where none of them came with an address: these servers cannot be asked for it.
 */
function lacksGlueFor(delegation: Delegation, question: Question, trail: Trail): boolean {
  const { zone, targets } = delegation;
  const isAddress = question.type === rrType.A || question.type === rrType.AAAA;
  if (!isAddress || !targets.every((target) => target.ips.length === 0)) return false;
  if (targets.some((target) => nameEqual(target.name, question.name))) return true;
  return trail.depth > 0 && targets.every((target) => isAtOrUnder(target.name, zone));
}

/** The configured zone that is nearest to a name, at it or above it; and above one that failed. */
export function configuredFor(
  name: Name,
  trail: Trail,
  failed?: ConfiguredZone,
): ConfiguredZone | undefined {
  let nearest: ConfiguredZone | undefined;
  for (const one of trail.options.configuredZones ?? []) {
    if (!isAtOrUnder(name, one.zone)) continue;
    if (failed !== undefined && one.zone.length >= failed.zone.length) continue;
    if (nearest === undefined || one.zone.length > nearest.zone.length) nearest = one;
  }
  return nearest;
}

function delegationTo(configured: ConfiguredZone, trail: Trail): Delegation {
  const targets = (configured.named ?? []).map((at) => {
    return { name: at.name, ips: [], spareIps: [], lookedUp: [], at };
  });
  const delegation = emptyDelegation(configured.zone, trail.nowMs);
  return { ...delegation, targets, configured, childAdded: true };
}

/** The root's delegation as the hints have it. */
export function delegationFromHints(trail: Trail): Delegation {
  const targets = trail.options.rootHints.map((hint) => ({
    name: hint.name,
    ips: hint.ips.slice(0, IPS_MAX),
    spareIps: [],
    lookedUp: [rrType.A, rrType.AAAA],
  }));
  return { ...emptyDelegation(ROOT, trail.nowMs), targets, childAdded: true };
}

/** Adds hinted addresses to root servers that the root's own NS set names without glue. */
function addHintedAddresses(delegation: Delegation, hints: readonly RootHint[]): void {
  const byName = new Map(hints.map((hint) => [nameKey(hint.name), hint.ips]));
  for (const target of delegation.targets) {
    if (target.ips.length > 0) continue;
    for (const ip of byName.get(nameKey(target.name)) ?? []) addIp(target, ip);
  }
}
