/** Addresses that a parent told beside the NS set of a zone, put to its name servers. */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { GlueAddress } from "./packed-sets.ts";

/**
 * The addresses of the name servers of an NS set, and the shortest TTL of all of it.
 *
 * `glue` are addresses of names in the parent's zone, `outside` those of others.
 */
export function glueOf(
  servers: RecordSet,
  glue: readonly RecordSet[],
  outside: readonly RecordSet[],
): { readonly addresses: readonly GlueAddress[]; readonly ttl: number } {
  let { ttl } = servers;
  const addresses: GlueAddress[] = [];
  for (const [index, rdata] of servers.rdatas.entries()) {
    for (const set of [...glue, ...outside]) {
      if (!nameEqual(set.name, rdata as Name)) continue;
      const isOutside = outside.includes(set);
      ttl = Math.min(ttl, set.ttl);
      for (const ip of set.rdatas) addresses.push({ index, ip, isOutside });
    }
  }
  return { addresses, ttl };
}
