/**
 * Which NSEC or NSEC3 sets prove that something is not in a zone; none where it is unsigned.
 *
 * RFC 4035 §3.1.3 for NSEC, RFC 5155 §7.2 for NSEC3.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  compareNames,
  labelCount,
  nameEqual,
  nameKey,
} from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { nsec3Hash, nsec3Owner } from "./signer-denial.ts";
import { type Zone, wildcardBelow } from "./zone.ts";

/** The sets that prove a name absent, of which `encloser` is the closest name that is there. */
export function provesNoName(zone: Zone, name: Name, encloser: Name): RecordSet[] {
  if (zone.nsec3.length === 0) {
    return distinct([nsecAt(zone, name), nsecAt(zone, wildcardBelow(encloser))]);
  }
  const provable = provableEncloser(zone, name);
  if (provable === undefined) return [];
  return distinct([...closestEncloser(zone, name), nsec3At(zone, wildcardBelow(provable))]);
}

/** The sets that prove a name to be without a type, or a cut to be without a DS. */
export function provesNoData(zone: Zone, name: Name): RecordSet[] {
  if (zone.nsec3.length === 0) return distinct([nsecAt(zone, name)]);
  const match = nsec3At(zone, name);
  if (match !== undefined && isOf(zone, match, name)) return [match];
  // An opt-out span hides the name: RFC 5155 §7.2.4.
  return closestEncloser(zone, name);
}

/** The sets that prove an answer to be a wildcard's: the name itself is not there. */
export function provesWildcard(zone: Zone, name: Name, encloser: Name): RecordSet[] {
  if (zone.nsec3.length === 0) return distinct([nsecAt(zone, name)]);
  return distinct([nsec3At(zone, nextCloser(name, encloser))]);
}

/** The sets that prove a wildcard that stands for a name to be without a type. */
export function provesWildcardNoData(zone: Zone, name: Name, encloser: Name): RecordSet[] {
  const wildcard = wildcardBelow(encloser);
  if (zone.nsec3.length === 0) return distinct([nsecAt(zone, name), nsecAt(zone, wildcard)]);
  return distinct([
    nsec3At(zone, encloser),
    nsec3At(zone, nextCloser(name, encloser)),
    nsec3At(zone, wildcard),
  ]);
}

/** The NSEC3 set of the closest provable encloser, and the set that covers the next closer name. */
function closestEncloser(zone: Zone, name: Name): RecordSet[] {
  const encloser = provableEncloser(zone, name);
  if (encloser === undefined) return [];
  return distinct([nsec3At(zone, encloser), nsec3At(zone, nextCloser(name, encloser))]);
}

/** The closest encloser that has an NSEC3 record: an opt-out span may hide closer ones. */
function provableEncloser(zone: Zone, name: Name): Name | undefined {
  for (let labels = labelCount(name); labels >= labelCount(zone.origin); labels--) {
    const ancestor = ancestorWithLabels(name, labels);
    // Only what is there has a record; hashing every label of a deep name is the asker's attack.
    if (!zone.nodes.has(nameKey(ancestor))) continue;
    const found = nsec3At(zone, ancestor);
    if (found !== undefined && isOf(zone, found, ancestor)) return ancestor;
  }
  return undefined;
}

function nextCloser(name: Name, encloser: Name): Name {
  return ancestorWithLabels(name, labelCount(encloser) + 1);
}

function distinct(sets: readonly (RecordSet | undefined)[]): RecordSet[] {
  return [...new Set(sets)].filter((set) => set !== undefined);
}

/** The NSEC set of a name, or the one whose span the name lies in. */
function nsecAt(zone: Zone, name: Name | undefined): RecordSet | undefined {
  return name === undefined ? undefined : lastAtOrBefore(zone.nsec, name);
}

/** The NSEC3 set whose owner is the hash of a name, or the one whose span the hash lies in. */
function nsec3At(zone: Zone, name: Name | undefined): RecordSet | undefined {
  const owner = name === undefined ? undefined : hashedOwner(zone, name);
  if (owner === undefined) return undefined;
  return lastAtOrBefore(zone.nsec3, owner) ?? zone.nsec3.at(-1);
}

function lastAtOrBefore(sorted: readonly RecordSet[], name: Name): RecordSet | undefined {
  return sorted.findLast((set) => compareNames(set.name, name) <= 0);
}

function isOf(zone: Zone, nsec3: RecordSet, name: Name): boolean {
  const owner = hashedOwner(zone, name);
  return owner !== undefined && nameEqual(nsec3.name, owner);
}

/** The owner that an NSEC3 record of a name has, by the parameters of the zone. */
function hashedOwner(zone: Zone, name: Name): Name | undefined {
  const parameters = parametersOf(zone);
  if (parameters === undefined) return undefined;
  return nsec3Owner(nsec3Hash(name, parameters.iterations, parameters.salt), zone.origin);
}

interface Nsec3Parameters {
  readonly iterations: number;
  readonly salt: Uint8Array;
}

function parametersOf(zone: Zone): Nsec3Parameters | undefined {
  const apex = zone.nodes.get(nameKey(zone.origin));
  const rdata = apex?.sets.get(rrType.NSEC3PARAM)?.rdatas[0] ?? zone.nsec3[0]?.rdatas[0];
  if (rdata === undefined) return undefined;
  return { iterations: getU16(rdata, 2), salt: rdata.subarray(5, 5 + rdata[4]!) };
}
