/**
 * A delegation: a zone and the servers that are said to have it.
 *
 * The recursor trusts the parent's word for where a zone is served: it stands in the cache on the
 * side "parent", is replaced by referrals only and never answers a client. So a child cannot keep
 * its own delegation alive after the parent has withdrawn it (ghost and phoenix domains).
 */
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
import type { Referral } from "./classify.ts";
import type { RootHint } from "./options.ts";
import type { Trail } from "./trail.ts";
import { trust } from "./trust.ts";

const NS_MAX = limits.nsNamesPerDelegationMax.value;
const IPS_MAX = limits.addressesPerNsNameMax.value;

/** One name server of a delegation and what is known of its addresses. */
export interface NsTarget {
  readonly name: Name;
  readonly ips: Uint8Array[];
  /** The address types that were looked up, or need not be. */
  readonly lookedUp: number[];
}

export interface Delegation {
  readonly zone: Name;
  readonly targets: NsTarget[];
  /** It came from the cache, not from a referral that this task has just seen. */
  readonly fromCache: boolean;
  /** The zone's own NS set was added, after the parent's servers had failed. */
  childAdded: boolean;
}

/** The delegation that an NS set describes, with the addresses that are cached. */
export function delegationOf(servers: RecordSet, trail: Trail, fromCache: boolean): Delegation {
  const delegation: Delegation = { zone: servers.name, targets: [], fromCache, childAdded: false };
  addTargets(delegation, servers, trail);
  return delegation;
}

/** Adds the name servers of an NS set that the delegation does not have yet. */
export function addTargets(delegation: Delegation, servers: RecordSet, trail: Trail): void {
  for (const rdata of servers.rdatas) {
    if (delegation.targets.length >= NS_MAX) return;
    const name = nameFromBytes(rdata);
    if (name === undefined) continue;
    if (delegation.targets.some((target) => nameEqual(target.name, name))) continue;
    const target: NsTarget = { name, ips: [], lookedUp: [] };
    addCachedAddresses(target, trail);
    delegation.targets.push(target);
  }
}

/** Adds the addresses of a name server that stand in the cache, from glue and from its own zone. */
export function addCachedAddresses(target: NsTarget, trail: Trail): void {
  const { rrsets } = trail.memory;
  for (const side of ["zone", "parent"] as const) {
    for (const type of [rrType.A, rrType.AAAA]) {
      const cached = rrsets.find(side, target.name, type, rrClass.IN, trail.nowMs);
      if (cached?.kind !== "set") continue;
      for (const ip of cached.set.rdatas) addIp(target, ip);
    }
  }
}

/** Adds one address, once, within the bound. */
export function addIp(target: NsTarget, ip: Uint8Array): void {
  if (target.ips.length >= IPS_MAX) return;
  if (target.ips.some((known) => known.length === ip.length && known.every((b, i) => b === ip[i])))
    return;
  target.ips.push(ip);
}

/**
 * Keeps what a referral from a server of `from` says, on the parent's side, and gives the
 * delegation that it makes.
 *
 * A cut between the two that was known before is forgotten: its parent has not named it.
 */
export function follow(referral: Referral, from: Name, trail: Trail): Delegation {
  const { rrsets } = trail.memory;
  const to = referral.servers.name;
  for (let cut = parentOf(to); isUnder(cut, from); cut = parentOf(cut)) {
    rrsets.remove("parent", cut, rrType.NS, referral.servers.class);
  }
  rrsets.store("parent", referral.servers, trust.referral, "indeterminate", trail.nowMs);
  const delegation = delegationOf(referral.servers, trail, false);
  for (const glue of referral.glue) {
    const target = delegation.targets.find((t) => nameEqual(t.name, glue.name));
    if (target === undefined) continue;
    rrsets.store("parent", glue, trust.referral, "indeterminate", trail.nowMs);
    for (const ip of glue.rdatas) addIp(target, ip);
  }
  return delegation;
}

/**
 * The closest delegation that is known for a question, or undefined where not even the root's is.
 *
 * A DS set belongs to the parent (RFC 4035 §3.1.4.1), so its question starts above the name.
 */
export function nearestDelegation(
  question: Question,
  trail: Trail,
  notBelow?: Name,
): Delegation | undefined {
  let from = question.type === rrType.DS ? parentOf(question.name) : question.name;
  if (notBelow !== undefined && isAtOrUnder(from, notBelow)) from = parentOf(notBelow);
  const cached = trail.memory.rrsets.nearestDelegation(from, question.class, trail.nowMs);
  return cached === undefined ? undefined : delegationOf(cached.set, trail, true);
}

/** The root's delegation as the hints have it. */
export function delegationFromHints(hints: readonly RootHint[]): Delegation {
  const targets = hints.map((hint) => ({
    name: hint.name,
    ips: hint.ips.slice(0, IPS_MAX),
    lookedUp: [rrType.A, rrType.AAAA],
  }));
  return { zone: ROOT, targets, fromCache: false, childAdded: true };
}

/** Adds hinted addresses to root servers that the root's own NS set names without glue. */
export function addHintedAddresses(delegation: Delegation, hints: readonly RootHint[]): void {
  const byName = new Map(hints.map((hint) => [nameKey(hint.name), hint.ips]));
  for (const target of delegation.targets) {
    if (target.ips.length > 0) continue;
    for (const ip of byName.get(nameKey(target.name)) ?? []) addIp(target, ip);
  }
}
