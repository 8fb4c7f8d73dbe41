/**
 * The denial chains of a signed test zone: NSEC (RFC 4034 §4) or NSEC3 (RFC 5155 §7.1).
 */
import { compareBytes, equalBytes, getU32, setU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  type NameKey,
  compareNames,
  isUnder,
  lowerCase,
  nameEqual,
  nameFromLabels,
  labelsOf,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { sha1 } from "../src/dnssec/crypto.ts";
import { joined } from "./signer-bytes.ts";

export type Denial =
  | { readonly kind: "nsec" }
  | {
      readonly kind: "nsec3";
      readonly iterations: number;
      readonly salt: Uint8Array;
      readonly isOptOut: boolean;
    }
  | { readonly kind: "none" };

/** A name of the zone with what the zone has there. */
interface Owner {
  readonly name: Name;
  readonly types: Set<number>;
}

/** Says whether a name lies below a cut of the zone: glue, which is not the zone's own. */
export function cutsOf(records: readonly ResourceRecord[], apex: Name): Name[] {
  return records
    .filter((record) => record.type === rrType.NS && !nameEqual(record.name, apex))
    .map((record) => record.name);
}

/** The zone's records with those that deny. TTLs are those of negative answers (RFC 9077 §3). */
export function withDenial(
  records: readonly ResourceRecord[],
  apex: Name,
  denial: Denial,
): ResourceRecord[] {
  if (denial.kind === "none") return [...records];
  if (denial.kind === "nsec") return [...records, ...nsecChain(records, apex)];
  const rdata = nsec3Parameters(denial.iterations, denial.salt);
  const all = [...records, { name: apex, type: rrType.NSEC3PARAM, class: 1, ttl: 0, rdata }];
  return [...all, ...nsec3Chain(all, apex, denial)];
}

/** RDATA of an NSEC3PARAM, and the head of an NSEC3's (RFC 5155 §4.2). */
export function nsec3Parameters(iterations: number, salt: Uint8Array, flags = 0): Uint8Array {
  const rdata = new Uint8Array(5 + salt.length);
  rdata[0] = 1;
  rdata[1] = flags;
  setU16(rdata, 2, iterations);
  rdata[4] = salt.length;
  rdata.set(salt, 5);
  return rdata;
}

/** The type bitmap of these types (RFC 4034 §4.1.2). */
export function typeBitmap(types: Iterable<number>): Uint8Array {
  const windows = new Map<number, Uint8Array>();
  for (const type of types) {
    const bits = windows.get(type >>> 8) ?? new Uint8Array(32);
    bits[(type & 0xff) >>> 3]! |= 0x80 >>> (type & 7);
    windows.set(type >>> 8, bits);
  }
  const parts = [...windows]
    .toSorted((a, b) => a[0] - b[0])
    .map(([window, bits]) => {
      const size = bits.findLastIndex((octet) => octet !== 0) + 1;
      return Uint8Array.of(window, size, ...bits.subarray(0, size));
    });
  return joined(...parts);
}

/** The hash of a name (RFC 5155 §5), without a budget. */
export function nsec3Hash(name: Name, iterations: number, salt: Uint8Array): Uint8Array {
  let hash = sha1(joined(lowerCase(name), salt));
  for (let i = 0; i < iterations; i++) hash = sha1(joined(hash, salt));
  return hash;
}

/** The owner name of the NSEC3 with this hash. */
export function nsec3Owner(hash: Uint8Array, apex: Name): Name {
  const digits = "0123456789abcdefghijklmnopqrstuv";
  let text = "";
  let bits = 0;
  let held = 0;
  for (const octet of hash) {
    bits = (bits << 8) | octet;
    held += 8;
    while (held >= 5) {
      held -= 5;
      text += digits[(bits >>> held) & 31]!;
    }
    bits &= (1 << held) - 1;
  }
  const name = nameFromLabels([new TextEncoder().encode(text), ...labelsOf(apex)]);
  assert(name !== undefined, "test zones have short names");
  return name;
}

function ownersOf(records: readonly ResourceRecord[], apex: Name): Owner[] {
  const cuts = cutsOf(records, apex);
  const owners = new Map<NameKey, Owner>();
  for (const { name, type } of records) {
    if (cuts.some((cut) => isUnder(name, cut))) continue;
    const isCut = cuts.some((cut) => nameEqual(name, cut));
    if (isCut && type !== rrType.NS && type !== rrType.DS) continue;
    const owner = owners.get(nameKey(name)) ?? { name, types: new Set() };
    owner.types.add(type);
    owners.set(nameKey(name), owner);
  }
  return [...owners.values()].toSorted((a, b) => compareNames(a.name, b.name));
}

function negativeTtlS(records: readonly ResourceRecord[]): number {
  const soa = records.find((record) => record.type === rrType.SOA);
  assert(soa !== undefined, "a zone has an SOA");
  return Math.min(soa.ttl, getU32(soa.rdata, soa.rdata.length - 4));
}

function nsecChain(records: readonly ResourceRecord[], apex: Name): ResourceRecord[] {
  const owners = ownersOf(records, apex);
  const ttl = negativeTtlS(records);
  return owners.map(({ name, types }, i) => {
    const next = owners[(i + 1) % owners.length]!.name;
    const bitmap = typeBitmap([...types, rrType.RRSIG, rrType.NSEC]);
    const rdata = joined(next, bitmap);
    return { name, type: rrType.NSEC, class: 1, ttl, rdata };
  });
}

function nsec3Chain(
  records: readonly ResourceRecord[],
  apex: Name,
  denial: Denial & { kind: "nsec3" },
): ResourceRecord[] {
  const { iterations, salt, isOptOut } = denial;
  const isLeftOut = ({ name, types }: Owner): boolean =>
    isOptOut && !nameEqual(name, apex) && types.has(rrType.NS) && !types.has(rrType.DS);
  const owners = ownersOf(records, apex).filter((owner) => !isLeftOut(owner));
  const all = new Map(owners.map((owner) => [nameKey(owner.name), owner]));
  for (const { name } of owners) {
    for (let above = name; !nameEqual(above, apex); above = parentOf(above)) {
      if (!all.has(nameKey(above))) all.set(nameKey(above), { name: above, types: new Set() });
    }
  }
  const hashed = [...all.values()]
    .map(({ name, types }) => ({ hash: nsec3Hash(name, iterations, salt), name, types }))
    .toSorted((a, b) => compareBytes(a.hash, b.hash));
  assert(
    hashed.every(({ hash }, i) => i === 0 || !equalBytes(hash, hashed[i - 1]!.hash)),
    "hashes of a zone do not collide",
  );
  const head = nsec3Parameters(iterations, salt, isOptOut ? 1 : 0);
  const ttl = negativeTtlS(records);
  return hashed.map(({ hash, name, types }, i) => {
    const nextHash = hashed[(i + 1) % hashed.length]!.hash;
    const isUnsignedCut = types.has(rrType.NS) && !types.has(rrType.DS) && !nameEqual(name, apex);
    const isSigned = types.size > 0 && !isUnsignedCut;
    const bitmap = typeBitmap(isSigned ? [...types, rrType.RRSIG] : types);
    const rdata = joined(head, Uint8Array.of(nextHash.length), nextHash, bitmap);
    return { name: nsec3Owner(hash, apex), type: rrType.NSEC3, class: 1, ttl, rdata };
  });
}
