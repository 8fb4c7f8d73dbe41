/**
 * Looks up addresses of name servers that came without glue, or whose glue led nowhere.
 *
 * Each lookup is a question of its own, joined through the mesh, which refuses cycles. Delegations
 * without glue are what NXNSAttack and NRDelegationAttack are made of, so lookups are counted per
 * task, and names that have no address end them early. A family without a route is left out.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { ROOT, isAtOrUnder, labelCount } from "@lethe/wire/name.ts";
import { type Delegation, type NsTarget, addCachedAddresses, addIp } from "./delegation.ts";
import { type Task, join, spawn } from "./effect.ts";
import { mayAsk, mayBeOnLoopback } from "./pick-server.ts";
import type { Trail } from "./trail.ts";

/**
 * Looks up addresses of one more name server; says whether there are any that were not there.
 *
 * `isServed`: a server of the zone has replied, and not as a stranger to it. The address of a name
 * server inside the zone can be had of such a one only: where all are silent or lame, each lookup
 * would ask the same servers again, and look up the others' addresses on its way. (Where none has
 * an address, the parent is asked for the glue that it left out.)
 */
export function* findMoreAddresses(
  delegation: Delegation,
  isServed: boolean,
  trail: Trail,
): Task<boolean> {
  const families = usableFamilies(trail);
  const hasGlue = delegation.targets.some((target) => target.ips.length > 0);
  const targets = nearestFirst(
    delegation.targets.filter(
      ({ name, lookedUp }) =>
        families.some((type) => !lookedUp.includes(type)) &&
        (!hasGlue || isServed || !isAtOrUnder(name, delegation.zone)),
    ),
    trail,
  );
  for (const type of families) {
    for (const target of targets) {
      if (target.lookedUp.includes(type)) continue;
      target.lookedUp.push(type);
      const known = target.ips.length;
      addCachedAddresses(target, trail);
      const loopback = mayBeOnLoopback(delegation, trail);
      if (target.ips.slice(known).some((ip) => mayAsk(ip, trail, loopback))) return true;
      if (!trail.budget.takeAddressLookup()) return false;
      if (yield* lookUp(target, type, loopback, trail)) {
        yield* lookAhead(target, families, trail);
        return true;
      }
      if (type === families.at(-1)) trail.budget.countAddressLookupFailed();
    }
  }
  return false;
}

/**
 * Name servers in the order of what is between them and a zone whose servers are known: each label
 * may be a zone of its own, with servers that are slow or dead.
 */
function nearestFirst(targets: readonly NsTarget[], trail: Trail): readonly NsTarget[] {
  if (targets.length < 2) return targets;
  const { rrsets } = trail.memory;
  return targets
    .map((target) => {
      const cut = rrsets.nearestCut(target.name, rrClass.IN, trail.nowMs)?.servers.name ?? ROOT;
      return { target, labels: labelCount(target.name) - labelCount(cut) };
    })
    .toSorted((a, b) => a.labels - b.labels)
    .map(({ target }) => target);
}

/** The address types that are worth a question, in the order in which they are asked for. */
function usableFamilies(trail: Trail): number[] {
  const { options, memory, nowMs } = trail;
  const types: number[] = [];
  if (options.ipv4 && memory.servers.hasRoute(4, nowMs)) types.push(rrType.A);
  if (options.ipv6 && memory.servers.hasRoute(16, nowMs)) types.push(rrType.AAAA);
  return types;
}

/** Asks for one address set; says whether it holds an address that is new and may be asked. */
function* lookUp(target: NsTarget, type: number, loopback: boolean, trail: Trail): Task<boolean> {
  const known = target.ips.length;
  // Another name server may be found sooner: no one of them is waited for to the end of the time.
  const patienceMs = trail.budget.timeLeftMs(trail.nowMs) / 2;
  const question = { name: target.name, type, class: rrClass.IN };
  const outcome = yield* join(question, { patienceMs });
  if (outcome.kind === "failed" && outcome.ttlS === 0) trail.isHampered = true;
  const set = outcome.kind === "answered" ? outcome.answer.at(-1) : undefined;
  if (set?.type !== type) return false;
  for (const ip of set.rdatas) addIp(target, ip);
  return target.ips.slice(known).some((ip) => mayAsk(ip, trail, loopback));
}

/** Has the other family's addresses looked up while nobody waits for them. */
function* lookAhead(target: NsTarget, families: readonly number[], trail: Trail): Task<void> {
  if (!trail.options.fetchAhead) return;
  for (const type of families) {
    if (target.lookedUp.includes(type)) continue;
    yield* spawn({ name: target.name, type, class: rrClass.IN });
  }
}
