/**
 * Aliases: CNAME (RFC 1034 §3.6.2) and DNAME (RFC 6672).
 *
 * A DNAME redirects everything below its owner. The CNAME that a server sends with it is never
 * believed: it is made here from the DNAME (RFC 6672 §3.4), so a server cannot say one thing in
 * the DNAME and another in the CNAME.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isUnder, nameFromBytes, replaceSuffix } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { findSet } from "./sets.ts";

/** Where an alias leads, with the sets that say so; no `target` where that would be too long. */
export interface Alias {
  readonly sets: readonly RecordSet[];
  readonly target: Name | undefined;
}

/** The alias that stands at `name` among these sets, or undefined. */
export function aliasAt(sets: readonly RecordSet[], name: Name): Alias | undefined {
  for (const set of sets) {
    if (set.type === rrType.DNAME && set.rdatas.length > 0 && isUnder(name, set.name)) {
      return aliasByDname(set, name);
    }
  }
  const cname = findSet(sets, name, rrType.CNAME);
  return cname === undefined ? undefined : aliasByCname(cname);
}

/** What a CNAME set says. */
export function aliasByCname(cname: RecordSet): Alias {
  return { sets: [cname], target: nameFromBytes(cname.rdatas[0]!) };
}

/** What a DNAME set says of a name below it: the set and the CNAME made from it. */
export function aliasByDname(dname: RecordSet, name: Name): Alias {
  const to = nameFromBytes(dname.rdatas[0]!);
  const target = to === undefined ? undefined : replaceSuffix(name, dname.name, to);
  if (target === undefined) return { sets: [dname], target: undefined };
  const synthesized: RecordSet = {
    name,
    type: rrType.CNAME,
    class: dname.class,
    ttl: dname.ttl,
    rdatas: [target],
    signatures: [],
  };
  return { sets: [dname, synthesized], target };
}

/** Says whether a set is the CNAME that follows from the DNAME before it. */
export function isMade(sets: readonly RecordSet[], i: number): boolean {
  return sets[i]!.type === rrType.CNAME && sets[i - 1]?.type === rrType.DNAME;
}
