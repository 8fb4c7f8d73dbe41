/** The sandbox's root zone as a whole, with a digest of itself (RFC 8976), for who copies it. */
import { getU32, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { zoneDigest } from "../src/dnssec/zonemd.ts";
import { readZoneRecords } from "./sandbox-zones.ts";
import { signedRecords } from "./sandbox-signing.ts";

const SIMPLE = 1;
const SHA384 = 1;
const DIGEST_BYTES = 48;
const FIXED_BYTES = 6;
/** Where serial and refresh stand in the RDATA of a SOA, from its end. */
const SERIAL_FROM_END = 20;
const REFRESH_FROM_END = 16;

export interface RootPlan {
  /** When signatures begin to count, in seconds since 1970. */
  readonly nowS: number;
  /** The serial; that of the file where absent. */
  readonly serial?: number;
  /** When to look for a newer one, in seconds; as the file says where absent. */
  readonly refreshS?: number;
  /** Records beside those of the file. */
  readonly more?: readonly ResourceRecord[];
}

/** All records of the root: signed, with its digest. */
export function sandboxRootZone(plan: RootPlan): ResourceRecord[] {
  const { nowS, more = [] } = plan;
  const records = readZoneRecords(".").map((record) => withNumbers(record, plan));
  const soa = records.find((record) => record.type === rrType.SOA);
  assert(soa !== undefined, "the root has a SOA record");
  const rdata = new Uint8Array(FIXED_BYTES + DIGEST_BYTES);
  setU32(rdata, 0, getU32(soa.rdata, soa.rdata.length - SERIAL_FROM_END));
  rdata[4] = SIMPLE;
  rdata[5] = SHA384;
  const zonemd = { ...soa, type: rrType.ZONEMD, rdata };
  const unsigned = [...records, ...more, zonemd];
  // Signed once for what the digest covers, and once more with it.
  rdata.set(zoneDigest("sha384", signedRecords(".", unsigned, nowS), ROOT), FIXED_BYTES);
  return [...signedRecords(".", unsigned, nowS)];
}

function withNumbers(record: ResourceRecord, { serial, refreshS }: RootPlan): ResourceRecord {
  if (record.type !== rrType.SOA) return record;
  const rdata = record.rdata.slice();
  if (serial !== undefined) setU32(rdata, rdata.length - SERIAL_FROM_END, serial);
  if (refreshS !== undefined) setU32(rdata, rdata.length - REFRESH_FROM_END, refreshS);
  return { ...record, rdata };
}
