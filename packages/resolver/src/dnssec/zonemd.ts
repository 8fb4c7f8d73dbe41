/**
 * ZONEMD: the digest of a whole zone, in the zone itself (RFC 8976).
 *
 *   | serial u32 | scheme u8 | hash algorithm u8 | digest … |
 *
 * Whether the ZONEMD record may be believed is for its signature to say (RFC 8976 §4); this is
 * about the digest alone.
 */
import { equalBytes, getU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isAtOrUnder, lowerCase, nameEqual } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { canonicalRdata } from "./canonical.ts";
import { zoneHash } from "./crypto.ts";
import { distinctInOrder, putRecord, recordsBytes } from "./zone-records.ts";

const SCHEME_SIMPLE = 1;
const FIXED_BYTES = 6;
/** RFC 8976 §2.2.4: shorter digests are malformed. */
const DIGEST_BYTES_MIN = 12;
/** The last fields of an SOA: serial, refresh, retry, expire, minimum. */
const SOA_NUMBERS_BYTES = 20;

const HASHES: ReadonlyMap<number, "sha384" | "sha512"> = new Map([
  [1, "sha384"],
  [2, "sha512"],
]);

/**
 * `unknown`: no record has a scheme and hash that are known, or those that have are not usable.
 */
export type ZoneDigest = "matches" | "differs" | "absent" | "unknown";

/** Compares a zone, given as all its records, with the digests that it holds (RFC 8976 §4). */
export function checkZoneDigest(records: readonly ResourceRecord[], apex: Name): ZoneDigest {
  const atApex = records.filter((record) => nameEqual(record.name, apex));
  const soa = atApex.find((record) => record.type === rrType.SOA)?.rdata;
  const digests = distinctInOrder(atApex.filter((record) => record.type === rrType.ZONEMD));
  if (digests.length === 0) return "absent";
  if (soa === undefined || soa.length < SOA_NUMBERS_BYTES) return "unknown";
  const serial = getU32(soa, soa.length - SOA_NUMBERS_BYTES);
  let found: ZoneDigest = "unknown";
  for (const { rdata } of digests) {
    const hash = HASHES.get(rdata[5] ?? 0);
    if (hash === undefined || rdata[4] !== SCHEME_SIMPLE) continue;
    if (rdata.length < FIXED_BYTES + DIGEST_BYTES_MIN || getU32(rdata, 0) !== serial) continue;
    // Two of one kind: neither is believed (RFC 8976 §4).
    if (digests.some((other) => other.rdata !== rdata && isOfKind(other.rdata, rdata))) continue;
    const made = zoneDigest(hash, records, apex);
    if (equalBytes(made, rdata.subarray(FIXED_BYTES))) return "matches";
    found = "differs";
  }
  return found;
}

/** The digest of a zone's records, those of its digests left out (RFC 8976 §3.3.1). */
export function zoneDigest(
  hash: "sha384" | "sha512",
  records: readonly ResourceRecord[],
  apex: Name,
): Uint8Array {
  return zoneHash(hash, digestedBytes(records, apex));
}

/** Says whether two ZONEMD records have the same scheme and hash. */
function isOfKind(a: Uint8Array, b: Uint8Array): boolean {
  return a[4] === b[4] && a[5] === b[5];
}

/** The bytes that are digested: all records of the zone, canonical and in order (RFC 8976 §3.3). */
function digestedBytes(records: readonly ResourceRecord[], apex: Name): Uint8Array {
  const own = records
    .filter((record) => isAtOrUnder(record.name, apex) && !isDigest(record, apex))
    .map((record) => {
      return {
        ...record,
        name: lowerCase(record.name),
        rdata: canonicalRdata(record.type, record.rdata),
      };
    });
  const sorted = distinctInOrder(own);
  const bytes = new Uint8Array(recordsBytes(sorted));
  let at = 0;
  for (const record of sorted) at = putRecord(bytes, at, record);
  return bytes;
}

/** A digest cannot cover itself, nor the signature that is made over it afterwards. */
function isDigest({ name, type, rdata }: ResourceRecord, apex: Name): boolean {
  if (!nameEqual(name, apex)) return false;
  return type === rrType.ZONEMD || (type === rrType.RRSIG && coveredType(rdata) === rrType.ZONEMD);
}
