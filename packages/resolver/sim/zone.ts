/**
 * A zone as data: its names, where it is cut, and the order in which its denials stand.
 *
 * Names that hold nothing but stand above others are nodes too (empty non-terminals, RFC 4592
 * §2.2.2). NSEC3 records are kept apart: their owners are no names of the zone (RFC 5155 §7).
 */
import { coveredType } from "@lethe/wire/rdata-names.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  type NameKey,
  ancestorWithLabels,
  compareNames,
  isAtOrUnder,
  labelCount,
  labelsOf,
  nameFromLabels,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";

/** One name of a zone and what it owns; nothing, where it only stands above other names. */
export interface ZoneNode {
  readonly name: Name;
  /** By type. RRSIG records are the signatures of the sets that they cover. */
  readonly sets: ReadonlyMap<number, RecordSet>;
}

export interface Zone {
  readonly kind: "zone";
  readonly origin: Name;
  readonly soa: RecordSet;
  readonly nodes: ReadonlyMap<NameKey, ZoneNode>;
  /** The NSEC sets in canonical order of their owners. */
  readonly nsec: readonly RecordSet[];
  /** The NSEC3 sets in the order of their owners, which is that of their hashes. */
  readonly nsec3: readonly RecordSet[];
}

/** Why records are not a zone. */
export interface ZoneProblem {
  readonly kind: "zone-problem";
  readonly why: "no-soa" | "two-soas" | "record-outside" | "cname-with-other-data";
}

type MutableSet = RecordSet & { readonly rdatas: Uint8Array[]; readonly signatures: Uint8Array[] };

/** The zone at `origin` that these records make up, or why they make up none. */
export function zoneFromRecords(
  origin: Name,
  records: readonly ResourceRecord[],
): Zone | ZoneProblem {
  const nodes = new Map<NameKey, { name: Name; sets: Map<number, MutableSet> }>();
  const hashed = new Map<NameKey, MutableSet>();
  for (const record of records) {
    if (!isAtOrUnder(record.name, origin)) return { kind: "zone-problem", why: "record-outside" };
    const isSignature = record.type === rrType.RRSIG;
    const type = isSignature ? coveredType(record.rdata) : record.type;
    const key = nameKey(record.name);
    let set: MutableSet | undefined;
    if (type === rrType.NSEC3) {
      set = hashed.get(key) ?? emptySet(record, type);
      hashed.set(key, set);
    } else {
      const node = nodes.get(key) ?? { name: record.name, sets: new Map<number, MutableSet>() };
      nodes.set(key, node);
      set = node.sets.get(type) ?? emptySet(record, type);
      node.sets.set(type, set);
    }
    (isSignature ? set.signatures : set.rdatas).push(record.rdata);
  }
  for (const node of nodes.values()) {
    if (node.sets.has(rrType.CNAME) && hasOtherData(node)) {
      return { kind: "zone-problem", why: "cname-with-other-data" };
    }
    addNodesAbove(node.name, origin, nodes);
  }
  const soa = nodes.get(nameKey(origin))?.sets.get(rrType.SOA);
  if (soa === undefined) return { kind: "zone-problem", why: "no-soa" };
  if (soa.rdatas.length > 1) return { kind: "zone-problem", why: "two-soas" };
  const nsec = [...nodes.values()].flatMap((node) => node.sets.get(rrType.NSEC) ?? []);
  return {
    kind: "zone",
    origin,
    soa,
    nodes,
    nsec: nsec.toSorted((a, b) => compareNames(a.name, b.name)),
    nsec3: [...hashed.values()].toSorted((a, b) => compareNames(a.name, b.name)),
  };
}

function emptySet(record: ResourceRecord, type: number): MutableSet {
  const { name, class: rrclass, ttl } = record;
  return { name, type, class: rrclass, ttl, rdatas: [], signatures: [] };
}

/** Beside a CNAME only what proves and signs it may stand (RFC 4034 §4, RFC 2181 §10.1). */
function hasOtherData(node: ZoneNode): boolean {
  return [...node.sets.keys()].some((type) => type !== rrType.CNAME && type !== rrType.NSEC);
}

function addNodesAbove(
  name: Name,
  origin: Name,
  nodes: Map<NameKey, { name: Name; sets: Map<number, MutableSet> }>,
): void {
  for (let above = name; above.length > origin.length; above = parentOf(above)) {
    const key = nameKey(above);
    if (!nodes.has(key)) nodes.set(key, { name: above, sets: new Map() });
  }
}

/** Where the search for a name ends (RFC 1034 §4.3.2, steps 3a to 3c). */
export type Place =
  | { readonly kind: "node"; readonly node: ZoneNode }
  /** The name lies at or below a delegation. */
  | { readonly kind: "cut"; readonly node: ZoneNode }
  /** The name lies below a name with a DNAME (RFC 6672 §3.2). */
  | { readonly kind: "redirected"; readonly node: ZoneNode; readonly dname: RecordSet }
  /** The name is not there, but a wildcard below its closest encloser is. */
  | { readonly kind: "wildcard"; readonly node: ZoneNode; readonly encloser: Name }
  | { readonly kind: "nothing"; readonly encloser: Name };

const ASTERISK = Uint8Array.of(0x2a);

/** Looks for a name that is the zone's origin or lies below it. */
export function find(zone: Zone, name: Name, type: number): Place {
  const depth = labelCount(name);
  let encloser = zone.origin;
  for (let labels = labelCount(zone.origin); labels <= depth; labels++) {
    const node = zone.nodes.get(nameKey(ancestorWithLabels(name, labels)));
    if (node === undefined) break;
    encloser = node.name;
    const isLast = labels === depth;
    // What the parent says of a cut itself, it says with authority (RFC 4035 §3.1.4.1).
    const isOfParent = isLast && type === rrType.DS;
    if (isCut(node, zone) && !isOfParent) return { kind: "cut", node };
    if (isLast) return { kind: "node", node };
    const dname = node.sets.get(rrType.DNAME);
    if (dname !== undefined) return { kind: "redirected", node, dname };
  }
  const wildcard = wildcardBelow(encloser);
  const node = wildcard === undefined ? undefined : zone.nodes.get(nameKey(wildcard));
  return node === undefined ? { kind: "nothing", encloser } : { kind: "wildcard", node, encloser };
}

/** Says whether a node is where the zone ends and another begins. */
function isCut(node: ZoneNode, zone: Zone): boolean {
  return node.sets.has(rrType.NS) && node.name.length > zone.origin.length;
}

/** The wildcard name below an encloser; undefined where that would be too long a name. */
export function wildcardBelow(encloser: Name): Name | undefined {
  return nameFromLabels([ASTERISK, ...labelsOf(encloser)]);
}
