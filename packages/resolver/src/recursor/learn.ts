/**
 * Keeps what was proven of one question for the use of others (RFC 8198 §5).
 *
 * Denials go to the cache of denials, sets from a wildcard under the wildcard's own name. Both were
 * proven by the keys of their zone.
 */
import { getU32 } from "@lethe/wire/bytes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import type { ProvenDenial, Secure } from "../dnssec/judge-answer.ts";
import type { ProvenSet } from "../dnssec/judge-set.ts";
import { parseNsec3 } from "../dnssec/nsec3.ts";
import { rrType } from "@lethe/wire/codes.ts";
import type { Trail } from "./trail.ts";
import { trust } from "./trust.ts";

/** Says whether proven denials answer for other names. */
export function isAggressive({ options }: Trail): boolean {
  return options.validation !== undefined && options.aggressive !== false;
}

/** Keeps what proved an answer, and where it came from a wildcard, the wildcard. */
export function learnFrom(secure: Secure, sets: readonly RecordSet[], trail: Trail): void {
  if (!isAggressive(trail)) return;
  if (secure.denial !== undefined) learnDenial(secure.denial, trail);
  const { closestEncloser, ttlS } = secure;
  const [set] = sets;
  const name = closestEncloser && wildcardBelow(closestEncloser);
  if (name === undefined || set === undefined) return;
  const { rrsets } = trail.memory;
  const ttl = Math.min(set.ttl, ttlS);
  rrsets.store({ ...set, name, ttl }, trust.proven, "secure", trail.nowMs);
}

/**
 * Keeps the records of a proven denial.
 *
 * None is used for longer than a denial of its zone may be kept, whatever its own TTL says
 * (RFC 9077 §3.4).
 */
export function learnDenial({ zone, soa, sets }: ProvenDenial, trail: Trail): void {
  if (!isAggressive(trail)) return;
  const { memory, nowMs, options } = trail;
  let maxS = options.negativeTtlMaxS;
  if (soa !== undefined) {
    maxS = Math.min(maxS, keptS(soa), minimumS(soa.set));
    memory.denials.storeSoa(zone, soa.set, maxS, nowMs);
  }
  for (const proven of sets) {
    const { set } = proven;
    const ttlS = Math.min(maxS, keptS(proven));
    if (set.type === rrType.NSEC) memory.denials.storeNsec(zone, set, ttlS, nowMs);
    else {
      const nsec3 = parseNsec3(set.name, set.rdatas[0]!, zone);
      if (nsec3 === undefined) continue;
      memory.denials.storeNsec3(zone, set, nsec3, ttlS, nowMs);
    }
  }
}

function keptS({ set, ttlS }: ProvenSet): number {
  return Math.min(set.ttl, ttlS);
}

/** The last field of an SOA: how long a denial may be kept (RFC 2308 §4). */
function minimumS({ rdatas: [rdata] }: RecordSet): number {
  return rdata === undefined ? 0 : getU32(rdata, rdata.length - 4);
}
