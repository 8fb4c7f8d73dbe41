/**
 * A copy of the root zone, which answers in the place of the root's servers (RFC 8806).
 *
 * It says what a root server would say: referrals with the DS set or the proof that there is none,
 * the root's own data, denials with their NSEC. All of it is kept and judged as if it had been
 * told by one, so the copy is trusted no further than a server. Where there is none, or its time is
 * over, the servers are asked (RFC 8806 §3).
 * PRIVACY: nobody outside learns which names are asked for at the root, the mistyped ones least.
 */
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ROOT,
  ancestorWithLabels,
  isAtOrUnder,
  labelCount,
  nameEqual,
  nameFromBytes,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import type { Ending, Referral, Telling } from "./classify.ts";
import { ZoneCopy } from "./zone-copy.ts";

export class LocalRoot {
  #zone: ZoneCopy | undefined;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** Answers from a packed zone until a monotonic time; from none where it is undefined. */
  use(zone: SharedArrayBuffer | undefined, untilMs: number): void {
    this.#zone = zone === undefined ? undefined : new ZoneCopy(zone);
    this.#untilMs = untilMs;
  }

  /** Says whether there is a copy whose time is not over. */
  isThere(nowMs: number): boolean {
    return this.#zone !== undefined && nowMs < this.#untilMs;
  }

  /** What a root server would reply; undefined where one has to be asked. */
  reading(question: Question, nowMs: number): Telling | Referral | undefined {
    return this.isThere(nowMs) ? readingFrom(this.#zone!, ROOT, question) : undefined;
  }
}

/** What an authority with this zone would reply, as the recursor reads it. */
function readingFrom(zone: ZoneCopy, apex: Name, question: Question): Telling | Referral {
  const { name, type } = question;
  const cut = cutAbove(zone, apex, name, type);
  if (cut !== undefined) return referralTo(cut, zone, apex);
  const sets = zone.setsAt(name);
  const data = sets.find((set) => set.type === type && set.rdatas.length > 0);
  if (data !== undefined) {
    const additional = type === rrType.NS ? addressesOf(data, zone, apex) : [];
    return telling([data], { kind: "data" }, additional);
  }
  const soa = zone.setsAt(apex).filter((set) => set.type === rrType.SOA);
  if (zone.has(name)) {
    const authority = [...soa, ...denials(zone, name)];
    return telling([], { kind: "no-data", name, authority }, []);
  }
  const authority = [...soa, ...denials(zone, name, wildcardOver(zone, name))];
  return telling([], { kind: "no-name", name, authority }, []);
}

/** The NS set of the zone below that holds a name; a DS set is on this side of it. */
function cutAbove(zone: ZoneCopy, apex: Name, name: Name, type: number): RecordSet | undefined {
  const last = type === rrType.DS ? labelCount(name) - 1 : labelCount(name);
  for (let labels = labelCount(apex) + 1; labels <= last; labels++) {
    const sets = zone.setsAt(ancestorWithLabels(name, labels));
    const servers = sets.find((set) => set.type === rrType.NS && set.rdatas.length > 0);
    if (servers !== undefined) return servers;
  }
  return undefined;
}

function referralTo(servers: RecordSet, zone: ZoneCopy, apex: Name): Referral {
  const ds = zone.setsAt(servers.name).filter((set) => set.type === rrType.DS);
  return {
    kind: "referral",
    servers,
    glue: addressesOf(servers, zone, apex),
    signed: ds.length > 0 ? ds : denials(zone, servers.name),
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

/** What denies these names, each set once (RFC 4035 §3.1.3). */
function denials(zone: ZoneCopy, ...names: readonly (Name | undefined)[]): RecordSet[] {
  const found: RecordSet[] = [];
  for (const name of names) {
    const nsec = name && zone.denialOf(name);
    if (nsec === undefined || found.some((set) => nameEqual(set.name, nsec.name))) continue;
    found.push(nsec);
  }
  return found;
}

/** The wildcard that a name would have been made from. */
function wildcardOver(zone: ZoneCopy, name: Name): Name | undefined {
  let encloser = name;
  while (labelCount(encloser) > 0 && !zone.has(encloser)) encloser = parentOf(encloser);
  return wildcardBelow(encloser);
}

function telling(
  sets: readonly RecordSet[],
  ending: Ending,
  additional: readonly RecordSet[],
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
    isDamaged: false,
  };
}
