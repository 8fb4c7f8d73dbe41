/**
 * The canonical form and order of records: what is signed, byte by byte (RFC 4034 §6).
 */
import { compareBytes, getU16, setU16, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  FOLD,
  type Name,
  ancestorWithLabels,
  labelCount,
  lowerCase,
  nameFromBytes,
  uncompressedNameBytes,
} from "@lethe/wire/name.ts";
import { rdataLayout } from "@lethe/wire/rdata-names.ts";

const A6 = 38;
const ASTERISK = 0x2a;

/**
 * Types whose names in RDATA are folded to small letters (RFC 4034 §6.2).
 *
 * RFC 6840 §5.1 takes NSEC from that list, and RRSIG only counts for the bytes to be signed,
 * where its signer is folded anyway. HINFO stands in it by mistake: it holds no name.
 */
const FOLDED: ReadonlySet<number> = new Set([
  rrType.NS,
  3, // MD
  4, // MF
  rrType.CNAME,
  rrType.SOA,
  7, // MB
  8, // MG
  9, // MR
  rrType.PTR,
  14, // MINFO
  rrType.MX,
  17, // RP
  18, // AFSDB
  21, // RT
  24, // SIG
  26, // PX
  30, // NXT
  rrType.SRV,
  35, // NAPTR
  36, // KX
  A6,
  rrType.DNAME,
  rrType.RRSIG,
]);

/** RDATA in canonical form. Names in it are uncompressed; what is malformed stays as it is. */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  if (!FOLDED.has(type)) return rdata;
  let canonical: Uint8Array | undefined;
  for (const [from, to] of namesIn(type, rdata)) {
    for (let i = from; i < to; i++) {
      if (FOLD[rdata[i]!] === rdata[i]) continue;
      canonical ??= rdata.slice();
      canonical[i] = FOLD[rdata[i]!]!;
    }
  }
  return canonical ?? rdata;
}

/** Where names stand in RDATA, as pairs of offsets. */
function namesIn(type: number, rdata: Uint8Array): (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = [];
  let at = 0;
  for (const field of type === A6 ? a6Layout(rdata) : (rdataLayout(type) ?? [])) {
    if (field === "name") {
      const size = uncompressedNameBytes(rdata, at, rdata.length);
      if (size === 0) return found;
      found.push([at, at + size]);
      at += size;
    } else {
      at += field === "string" ? 1 + (rdata[at] ?? 0) : field;
    }
  }
  return found;
}

/** RFC 2874 §3.1: the length of a prefix, the rest of the address, and the name of the prefix. */
function a6Layout(rdata: Uint8Array): readonly (number | "name")[] {
  const prefixBits = rdata[0] ?? 0;
  return prefixBits > 128 ? [] : [1 + Math.ceil((128 - prefixBits) / 8), "name"];
}

/** The RDATA of a record set, canonical, in canonical order, each once (RFC 4034 §6.3). */
export function canonicalRdatas(type: number, rdatas: readonly Uint8Array[]): Uint8Array[] {
  const sorted = rdatas.map((rdata) => canonicalRdata(type, rdata)).toSorted(compareBytes);
  return sorted.filter((rdata, i) => i === 0 || compareBytes(sorted[i - 1]!, rdata) !== 0);
}

/** Says whether the first label of a name is an asterisk (RFC 4592 §2.1.1). */
export function isWildcard(name: Name): boolean {
  return name[0] === 1 && name[1] === ASTERISK;
}

/** The name of the wildcard below `closestEncloser`; undefined where that is too long a name. */
export function wildcardBelow(closestEncloser: Name): Name | undefined {
  const name = new Uint8Array(closestEncloser.length + 2);
  name[0] = 1;
  name[1] = ASTERISK;
  name.set(closestEncloser, 2);
  return nameFromBytes(name);
}

/** How many labels an RRSIG of this owner's set would have: root and asterisk do not count. */
export function signedLabels(owner: Name): number {
  return labelCount(owner) - (isWildcard(owner) ? 1 : 0);
}

/**
 * The owner name that was signed (RFC 4035 §5.3.2): the owner itself, or the wildcard that it
 * was made from where the signature has fewer labels.
 */
export function signedOwner(owner: Name, labels: number): Name {
  const canonical = lowerCase(owner);
  if (labels >= signedLabels(owner)) return canonical;
  // Shorter than the owner by at least one label, so it fits.
  return wildcardBelow(ancestorWithLabels(canonical, labels))!;
}

/**
 * The bytes that a signature signs (RFC 4034 §3.1.8.1): its own RDATA up to the signature, then
 * each record.
 */
export function signedBytes(
  signatureHead: Uint8Array,
  owner: Name,
  type: number,
  rrclass: number,
  rdatas: readonly Uint8Array[],
): Uint8Array {
  const head = canonicalRdata(rrType.RRSIG, signatureHead);
  const labels = head[3]!;
  const name = signedOwner(owner, labels);
  const sorted = canonicalRdatas(type, rdatas);
  let size = head.length;
  for (const rdata of sorted) size += name.length + 10 + rdata.length;
  const bytes = new Uint8Array(size);
  bytes.set(head);
  let at = head.length;
  for (const rdata of sorted) {
    bytes.set(name, at);
    at += name.length;
    setU16(bytes, at, type);
    setU16(bytes, at + 2, rrclass);
    // The original TTL stands in the signature at 4.
    setU32(bytes, at + 4, (getU16(head, 4) << 16) | getU16(head, 6));
    setU16(bytes, at + 8, rdata.length);
    bytes.set(rdata, at + 10);
    at += 10 + rdata.length;
  }
  return bytes;
}
