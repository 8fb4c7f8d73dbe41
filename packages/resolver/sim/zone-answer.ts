/**
 * What a zone says to a question: the algorithm of RFC 1034 §4.3.2 with what came since.
 *
 *   node        data, alias, or no data
 *   cut         referral with glue
 *   redirected  DNAME with its CNAME, and on with the target (RFC 6672 §3.2)
 *   wildcard    as a node, under the name asked for (RFC 4592 §3.3)
 *   nothing     no such name
 *
 * Sets come with their signatures and denials with their proofs where the zone holds any; who
 * writes the message leaves both away where they were not asked for.
 */
import { getU32 } from "@lethe/wire/bytes.ts";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { type Name, isAtOrUnder, nameFromBytes, nameKey, replaceSuffix } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { provesNoData, provesNoName, provesWildcard, provesWildcardNoData } from "./zone-denial.ts";
import { type Place, type Zone, type ZoneNode, find } from "./zone.ts";

/** The sections of an answer. */
export interface Told {
  rcode: number;
  authoritative: boolean;
  readonly answer: RecordSet[];
  readonly authority: RecordSet[];
  /** NSEC and NSEC3 sets, for the authority section where DO is set. */
  readonly proof: RecordSet[];
  readonly additional: RecordSet[];
  /** The additional section is needed to go on: glue (RFC 9471 §3). */
  isReferral: boolean;
}

/** What the zone says to a question for its origin or a name below it. */
export function tell(zone: Zone, question: Question): Told {
  const told: Told = {
    rcode: rcode.NOERROR,
    authoritative: true,
    answer: [],
    authority: [],
    proof: [],
    additional: [],
    isReferral: false,
  };
  const passed = new Set<string>();
  let name: Name | undefined = question.name;
  while (name !== undefined && isAtOrUnder(name, zone.origin) && !passed.has(nameKey(name))) {
    passed.add(nameKey(name));
    name = follow(zone, { ...question, name }, told);
  }
  return told;
}

/** Takes what stands at one name; gives the target where it is an alias. */
function follow(zone: Zone, question: Question, told: Told): Name | undefined {
  const place = find(zone, question.name, question.type);
  switch (place.kind) {
    case "node":
    case "wildcard":
      return tellNode(zone, place, question, told);
    case "cut":
      refer(zone, place.node, told);
      return undefined;
    case "redirected":
      return redirect(place.dname, question, told);
    case "nothing":
      break;
  }
  told.rcode = rcode.NXDOMAIN;
  told.authority.push(negativeSoa(zone));
  told.proof.push(...provesNoName(zone, question.name, place.encloser));
  return undefined;
}

function tellNode(
  zone: Zone,
  place: Place & { kind: "node" | "wildcard" },
  question: Question,
  told: Told,
): Name | undefined {
  const { name, type } = question;
  const { node } = place;
  const own = setsOf(node, type);
  // An alias stands for every type but those that stand beside it: NSEC, RRSIG, itself.
  const alias = own.length === 0 ? node.sets.get(rrType.CNAME) : undefined;
  const sets = alias === undefined ? own : [alias];
  if (sets.length === 0) {
    told.authority.push(negativeSoa(zone));
    const isWildcard = place.kind === "wildcard";
    told.proof.push(
      ...(isWildcard ? provesWildcardNoData(zone, name, place.encloser) : provesNoData(zone, name)),
    );
    return undefined;
  }
  for (const set of sets) {
    told.answer.push(place.kind === "wildcard" ? { ...set, name } : set);
    addAddresses(zone, set, told);
  }
  if (place.kind === "wildcard") told.proof.push(...provesWildcard(zone, name, place.encloser));
  return alias === undefined ? undefined : nameFromBytes(alias.rdatas[0]!);
}

/** The sets of a node that answer a type. */
function setsOf(node: ZoneNode, type: number): RecordSet[] {
  const all = [...node.sets.values()];
  if (type === rrType.ANY) return all.filter((set) => set.rdatas.length > 0);
  if (type === rrType.RRSIG) {
    const rdatas = all.flatMap((set) => set.signatures);
    const first = all[0];
    return first === undefined || rdatas.length === 0
      ? []
      : [{ ...first, type, rdatas, signatures: [] }];
  }
  const set = node.sets.get(type);
  return set === undefined || set.rdatas.length === 0 ? [] : [set];
}

/** The DNAME and the CNAME that follows from it, which has no signature (RFC 6672 §5.3.1). */
function redirect(dname: RecordSet, question: Question, told: Told): Name | undefined {
  told.answer.push(dname);
  const target = nameFromBytes(dname.rdatas[0]!);
  const replaced = target && replaceSuffix(question.name, dname.name, target);
  if (replaced === undefined) {
    told.rcode = rcode.YXDOMAIN;
    return undefined;
  }
  told.answer.push({
    ...dname,
    name: question.name,
    type: rrType.CNAME,
    rdatas: [replaced],
    signatures: [],
  });
  return question.type === rrType.CNAME || question.type === rrType.ANY ? undefined : replaced;
}

/** A referral: the NS set of the cut, its DS set or the proof that there is none, and glue. */
function refer(zone: Zone, cut: ZoneNode, told: Told): void {
  const servers = cut.sets.get(rrType.NS)!;
  told.isReferral = true;
  if (told.answer.length === 0) told.authoritative = false;
  told.authority.push(servers);
  const ds = cut.sets.get(rrType.DS);
  if (ds !== undefined) told.proof.push(ds);
  else told.proof.push(...provesNoData(zone, cut.name));
  addAddresses(zone, servers, told);
}

/** Where a server's name stands in RDATA of the types that want its address (RFC 1035 §3.3). */
const SERVER_NAME_AT: ReadonlyMap<number, number> = new Map<number, number>([
  [rrType.NS, 0],
  [rrType.MX, 2],
  [rrType.SRV, 6],
]);

/** Adds the addresses that the zone has of the servers which a set names, glue included. */
function addAddresses(zone: Zone, set: RecordSet, told: Told): void {
  const at = SERVER_NAME_AT.get(set.type);
  if (at === undefined) return;
  for (const rdata of set.rdatas) {
    const server = nameFromBytes(rdata.subarray(at));
    const node = server === undefined ? undefined : zone.nodes.get(nameKey(server));
    for (const type of [rrType.A, rrType.AAAA]) {
      const addresses = node?.sets.get(type);
      if (addresses !== undefined) told.additional.push(addresses);
    }
  }
}

/** The SOA as a denial has it: its TTL is how long the denial counts (RFC 2308 §3). */
export function negativeSoa(zone: Zone): RecordSet {
  const rdata = zone.soa.rdatas[0]!;
  return { ...zone.soa, ttl: Math.min(zone.soa.ttl, getU32(rdata, rdata.length - 4)) };
}
