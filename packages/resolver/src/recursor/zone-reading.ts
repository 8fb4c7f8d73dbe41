/**
 * What an authority with a zone would reply, as the recursor reads it (RFC 1034 §4.3.2).
 *
 *   a cut above the name          referral, with the DS set or the proof that there is none
 *   a DNAME above it, a CNAME     alias: whoever asks goes on with its target
 *   the name                      data, or no data with its proof
 *   a wildcard over it            the same, and the proof that the name itself is not there
 *   nothing                       no name, with its proof
 */
import { getU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  isAtOrUnder,
  labelCount,
  nameFromBytes,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import { aliasByCname, aliasByDname } from "./alias.ts";
import type { Ending, Referral, Telling } from "./classify.ts";
import type { ZoneCopy } from "./zone-copy.ts";
import { ZoneProofs } from "./zone-proofs.ts";

/** What the zone says of a question for a name in it. */
export function readingFrom(zone: ZoneCopy, apex: Name, question: Question): Telling | Referral {
  const { name, type } = question;
  const proofs = new ZoneProofs(zone, apex);
  const { cut, dname } = aboveName(zone, apex, name, type);
  if (cut !== undefined) return referralTo(cut, zone, apex, proofs);
  if (dname !== undefined) {
    const { sets, target } = aliasByDname(dname, name);
    const isData = type === rrType.CNAME && target !== undefined;
    return telling(sets, isData ? { kind: "data" } : { kind: "alias", target });
  }
  const soa = negativeSoa(zone, apex);
  if (zone.has(name)) {
    const found = answerAt(zone, zone.setsAt(name), question, apex);
    if (found !== undefined) return found;
    return telling([], { kind: "no-data", name, authority: [...soa, ...proofs.noData(name)] });
  }
  const encloser = closestEncloser(zone, name);
  const wildcard = wildcardBelow(encloser);
  if (wildcard === undefined || !zone.has(wildcard)) {
    const authority = [...soa, ...proofs.noName(name, encloser)];
    return telling([], { kind: "no-name", name, authority });
  }
  const made = zone.setsAt(wildcard).map((set) => ({ ...set, name }));
  const found = answerAt(zone, made, question, apex);
  if (found !== undefined) return { ...found, proofs: proofs.wildcard(name, encloser) };
  const authority = [...soa, ...proofs.noName(name, encloser)];
  return telling([], { kind: "no-data", name, authority });
}

/** The SOA set as it stands beside denials, with the TTL that these have (RFC 2308 §3). */
function negativeSoa(zone: ZoneCopy, apex: Name): RecordSet[] {
  return zone.setsAt(apex).flatMap((set) => {
    const rdata = set.type === rrType.SOA ? set.rdatas[0] : undefined;
    if (rdata === undefined) return [];
    return [{ ...set, ttl: Math.min(set.ttl, getU32(rdata, rdata.length - 4)) }];
  });
}

/** What the sets at a name answer, where they have something of the type or an alias. */
function answerAt(
  zone: ZoneCopy,
  sets: readonly RecordSet[],
  { type }: Question,
  apex: Name,
): Telling | undefined {
  const all = type === rrType.ANY ? sets.filter((set) => set.rdatas.length > 0) : [];
  if (all.length > 0) return telling(all, { kind: "data" });
  const data = sets.find((set) => set.type === type && set.rdatas.length > 0);
  if (data !== undefined) {
    const additional = type === rrType.NS ? addressesOf(data, zone, apex) : [];
    return telling([data], { kind: "data" }, additional);
  }
  const cname = sets.find((set) => set.type === rrType.CNAME && set.rdatas.length > 0);
  if (cname === undefined) return undefined;
  const { target } = aliasByCname(cname);
  return telling([cname], { kind: "alias", target });
}

/**
 * The first that stands over a name on the way down from the apex: the NS set of a zone below, or
 * a DNAME. A DS set is on this side of a cut.
 */
function aboveName(
  zone: ZoneCopy,
  apex: Name,
  name: Name,
  type: number,
): { readonly cut?: RecordSet; readonly dname?: RecordSet } {
  const labels = labelCount(name);
  for (let count = labelCount(apex); count <= labels; count++) {
    const sets = zone.setsAt(ancestorWithLabels(name, count));
    const find = (wanted: number): RecordSet | undefined =>
      sets.find((set) => set.type === wanted && set.rdatas.length > 0);
    const isAtName = count === labels;
    const cut = count === labelCount(apex) ? undefined : find(rrType.NS);
    if (cut !== undefined && !(isAtName && type === rrType.DS)) return { cut };
    const dname = isAtName ? undefined : find(rrType.DNAME);
    if (dname !== undefined) return { dname };
  }
  return {};
}

function referralTo(servers: RecordSet, zone: ZoneCopy, apex: Name, proofs: ZoneProofs): Referral {
  const ds = zone
    .setsAt(servers.name)
    .filter((set) => set.type === rrType.DS && set.rdatas.length > 0);
  return {
    kind: "referral",
    servers,
    glue: addressesOf(servers, zone, apex),
    signed: ds.length > 0 ? ds : proofs.noData(servers.name),
    outside: [],
  };
}

/** The addresses that a zone has of name servers. */
function addressesOf(servers: RecordSet, zone: ZoneCopy, apex: Name): RecordSet[] {
  return servers.rdatas.flatMap((rdata) => {
    const name = nameFromBytes(rdata);
    if (name === undefined || !isAtOrUnder(name, apex)) return [];
    return zone.setsAt(name).filter(({ type }) => type === rrType.A || type === rrType.AAAA);
  });
}

/** The nearest name above one that exists (RFC 4592 §3.3.1). */
function closestEncloser(zone: ZoneCopy, name: Name): Name {
  let encloser = name;
  while (labelCount(encloser) > 0 && !zone.has(encloser)) encloser = parentOf(encloser);
  return encloser;
}

function telling(
  sets: readonly RecordSet[],
  ending: Ending,
  additional: readonly RecordSet[] = [],
): Telling {
  return {
    kind: "telling",
    sets,
    ending,
    proofs: [],
    authoritative: true,
    zoneServers: undefined,
    additional,
    secondHand: false,
    hasFalseAlias: false,
    isDamaged: false,
  };
}
