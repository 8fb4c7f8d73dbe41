/**
 * Where names stand inside RDATA, by type: what decompression and canonical form need to know.
 *
 * A layout is read left to right: a number is that many plain bytes, "string" is a length octet
 * and its bytes, "name" a name. What follows the layout is plain. Names of the types of RFC 1035
 * may be compressed by a sender; of the others in this table a receiver must still be able to
 * read compressed names (RFC 3597 §4), but none may send them.
 */
import { getU16 } from "./bytes.ts";
import { readName } from "./name.ts";
import { rrClass, rrType } from "./codes.ts";
import type { ResourceRecord } from "./record.ts";

type Field = number | "string" | "name";

const LAYOUTS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [rrType.NS, ["name"]],
  [rrType.MD, ["name"]],
  [rrType.MF, ["name"]],
  [rrType.CNAME, ["name"]],
  [rrType.SOA, ["name", "name", 20]],
  [rrType.MB, ["name"]],
  [rrType.MG, ["name"]],
  [rrType.MR, ["name"]],
  [rrType.PTR, ["name"]],
  [rrType.MINFO, ["name", "name"]],
  [rrType.MX, [2, "name"]],
  [rrType.RP, ["name", "name"]],
  [rrType.AFSDB, [2, "name"]],
  [rrType.RT, [2, "name"]],
  [rrType.SIG, [18, "name"]],
  [rrType.PX, [2, "name", "name"]],
  [rrType.NXT, ["name"]],
  [rrType.SRV, [6, "name"]],
  [rrType.NAPTR, [4, "string", "string", "string", "name"]],
  [rrType.KX, [2, "name"]],
  [rrType.DNAME, ["name"]],
  [rrType.RRSIG, [18, "name"]],
  [rrType.NSEC, ["name"]],
]);

/** Types whose names a sender may compress: those of RFC 1035 (RFC 3597 §4). */
const COMPRESSIBLE: ReadonlySet<number> = new Set([
  rrType.NS,
  rrType.MD,
  rrType.MF,
  rrType.CNAME,
  rrType.SOA,
  rrType.MB,
  rrType.MG,
  rrType.MR,
  rrType.PTR,
  rrType.MINFO,
  rrType.MX,
]);

/** The layout of a type's RDATA, or undefined where it holds no name that concerns these rules. */
export function rdataLayout(type: number): readonly Field[] | undefined {
  return LAYOUTS.get(type);
}

/** Says whether a sender may compress the names inside RDATA of this type. */
export function mayCompressRdata(type: number): boolean {
  return COMPRESSIBLE.has(type);
}

/** Sizes of the RDATA of addresses. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map<number, number>([
  [rrType.A, 4],
  [rrType.AAAA, 16],
]);

/**
 * Says whether a record is an address that is too short or too long to be one.
 *
 * The rest of its message is sound all the same: readers of messages let such a record stand, and
 * whoever uses addresses asks here first.
 */
export function isMisshapenAddress(record: ResourceRecord): boolean {
  if (record.class !== rrClass.IN) return false;
  const sizeBytes = ADDRESS_BYTES.get(record.type);
  return sizeBytes !== undefined && record.rdata.length !== sizeBytes;
}

/** What records of the classes NONE and ANY hold in an UPDATE (RFC 2136 §2.4). */
const NO_RDATA = new Uint8Array(0);

/** RDATA out of a message: its names uncompressed, and how many pointers that took. */
export interface RdataAt {
  readonly rdata: Uint8Array;
  readonly pointers: number;
}

/**
 * Copies RDATA out of a message with its names uncompressed; undefined where these are malformed.
 *
 * Input is hostile: never throws.
 */
export function readRdata(
  message: Uint8Array,
  type: number,
  rrclass: number,
  at: number,
  end: number,
): RdataAt | undefined {
  if (at === end && (rrclass === rrClass.NONE || rrclass === rrClass.ANY)) {
    return { rdata: NO_RDATA, pointers: 0 };
  }
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return { rdata: message.slice(at, end), pointers: 0 };
  if (layout.length === 1 && isWholeLayout(type)) {
    const found = readName(message, at, end);
    if (found?.next !== end) return undefined;
    return { rdata: found.name, pointers: found.pointers };
  }
  return readFields(message, layout, isWholeLayout(type), at, end);
}

function readFields(
  message: Uint8Array,
  layout: readonly Field[],
  isWhole: boolean,
  at: number,
  end: number,
): RdataAt | undefined {
  const parts: Uint8Array[] = [];
  let cursor = at;
  let size = 0;
  let pointers = 0;
  for (const field of layout) {
    let part: Uint8Array;
    if (field === "name") {
      const found = readName(message, cursor, end);
      if (found === undefined) return undefined;
      part = found.name;
      pointers += found.pointers;
      cursor = found.next;
    } else {
      const bytes = field === "string" ? 1 + (message[cursor] ?? 0) : field;
      if (cursor + bytes > end) return undefined;
      part = message.subarray(cursor, cursor + bytes);
      cursor += bytes;
    }
    parts.push(part);
    size += part.length;
  }
  const rest = message.subarray(cursor, end);
  if (rest.length > 0 && isWhole) return undefined;
  const rdata = new Uint8Array(size + rest.length);
  let to = 0;
  for (const part of parts) {
    rdata.set(part, to);
    to += part.length;
  }
  rdata.set(rest, to);
  return { rdata, pointers };
}

/** Types whose RDATA goes on with plain bytes behind its layout. */
const CONTINUED: ReadonlySet<number> = new Set([rrType.SIG, rrType.NXT, rrType.RRSIG, rrType.NSEC]);

/** Says whether a type's RDATA must end where its layout ends. */
function isWholeLayout(type: number): boolean {
  return !CONTINUED.has(type);
}

/** The type that an RRSIG covers (RFC 4034 §3.1.1); 0 where its RDATA is too short. */
export function coveredType(rrsigRdata: Uint8Array): number {
  return rrsigRdata.length < 2 ? 0 : getU16(rrsigRdata, 0);
}
