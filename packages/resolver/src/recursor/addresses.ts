/**
 * Looks up addresses of name servers that came without glue.
 *
 * Each lookup is a question of its own, joined through the mesh, which refuses cycles. Delegations
 * without glue are what NXNSAttack and NRDelegationAttack are made of, so lookups are counted per
 * task, and names that have no address end them early.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { limits } from "../base/limits.ts";
import { type Delegation, type NsTarget, addCachedAddresses, addIp } from "./delegation.ts";
import { type Task, join, spawn } from "./effect.ts";
import { mayAsk } from "./pick-server.ts";
import type { Trail } from "./trail.ts";

const LOOKUPS_MAX = limits.addressLookupsPerTaskMax.value;
const FAILED_MAX = limits.addressLookupsFailedMax.value;

/** Looks up addresses of one more name server; says whether there are addresses that were not there. */
export function* findMoreAddresses(delegation: Delegation, trail: Trail): Task<boolean> {
  for (const target of delegation.targets) {
    if (target.lookedUp) continue;
    target.lookedUp = true;
    const known = target.ips.length;
    addCachedAddresses(target, trail);
    if (target.ips.slice(known).some((ip) => mayAsk(ip, trail))) return true;
    if (yield* lookUp(target, trail)) return true;
    if (trail.addressLookups >= LOOKUPS_MAX || trail.addressLookupsFailed >= FAILED_MAX)
      return false;
  }
  return false;
}

function* lookUp(target: NsTarget, trail: Trail): Task<boolean> {
  const types: number[] = [];
  if (trail.options.ipv4 && trail.memory.servers.hasRoute(4, trail.nowMs)) types.push(rrType.A);
  if (trail.options.ipv6 && trail.memory.servers.hasRoute(16, trail.nowMs)) types.push(rrType.AAAA);
  for (const [i, type] of types.entries()) {
    if (trail.addressLookups >= LOOKUPS_MAX) break;
    trail.addressLookups++;
    const outcome = yield* join({ name: target.name, type, class: rrClass.IN });
    if (outcome.kind === "failed" && outcome.ttlS === 0) trail.isHampered = true;
    const set = outcome.kind === "answered" ? outcome.answer.at(-1) : undefined;
    if (set?.type !== type) continue;
    for (const ip of set.rdatas) addIp(target, ip);
    if (!set.rdatas.some((ip) => mayAsk(ip, trail))) continue;
    const other = types[i + 1];
    if (other !== undefined && trail.options.fetchAhead) {
      yield* spawn({ name: target.name, type: other, class: rrClass.IN });
    }
    return true;
  }
  trail.addressLookupsFailed++;
  return false;
}
