/**
 * Which NSEC or NSEC3 sets prove that something is not in a zone; none where it is unsigned.
 *
 * RFC 4035 §3.1.3 for NSEC, RFC 5155 §7.2 for NSEC3.
 */
import { createHash } from "node:crypto";
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  compareNames,
  labelCount,
  labelsOf,
  lowerCase,
  nameEqual,
  nameFromLabels,
  nameKey,
} from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type Zone, wildcardBelow } from "./zone.ts";

/** The sets that prove a name absent, of which `encloser` is the closest name that is there. */
export function provesNoName(zone: Zone, name: Name, encloser: Name): RecordSet[] {
  const wildcard = wildcardBelow(encloser);
  if (zone.nsec3.length === 0) return distinct([nsecAt(zone, name), nsecAt(zone, wildcard)]);
  return distinct([...closestEncloser(zone, name), nsec3At(zone, wildcard)]);
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

/**
 * The closest encloser that has an NSEC3 record, and the record that covers the next closer name.
 */
function closestEncloser(zone: Zone, name: Name): RecordSet[] {
  const originLabels = labelCount(zone.origin);
  for (let labels = labelCount(name); labels >= originLabels; labels--) {
    const ancestor = ancestorWithLabels(name, labels);
    const found = nsec3At(zone, ancestor);
    if (found === undefined || !isOf(zone, found, ancestor)) continue;
    if (labels === labelCount(name)) return [found];
    return distinct([found, nsec3At(zone, ancestorWithLabels(name, labels + 1))]);
  }
  return [];
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

/** The owner that an NSEC3 record of a name has, by the parameters of the zone's first one. */
function hashedOwner(zone: Zone, name: Name): Name | undefined {
  const parameters = parametersOf(zone);
  if (parameters === undefined) return undefined;
  const hash = nsec3Hash(name, parameters.salt, parameters.iterations);
  const label = new TextEncoder().encode(base32Hex(hash));
  return nameFromLabels([label, ...labelsOf(zone.origin)]);
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

/** The hash of RFC 5155 §5: SHA-1 of name and salt, and `iterations` times more. */
function nsec3Hash(name: Name, salt: Uint8Array, iterations: number): Uint8Array {
  let hash: Uint8Array = lowerCase(name);
  for (let i = 0; i <= iterations; i++) {
    hash = createHash("sha1").update(hash).update(salt).digest();
  }
  return hash;
}

const BASE32_HEX = "0123456789abcdefghijklmnopqrstuv";

/**
 * Base 32 with the extended hex alphabet and no padding (RFC 4648 §7); 20 bytes give 32 letters.
 */
function base32Hex(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value & 0x1f) << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32_HEX[(value >>> (bits - 5)) & 0x1f]!;
  }
  return text;
}
