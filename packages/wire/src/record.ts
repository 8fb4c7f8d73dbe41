/** Records and record sets as the slow lane sees them: plain data, names in RDATA uncompressed. */
import { type Name, nameEqual } from "./name.ts";

/** One resource record (RFC 1035 §3.2.1). */
export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  /** Seconds; a value with its highest bit set was read as 0 (RFC 2181 §8). */
  readonly ttl: number;
  /** RDATA with the names inside it uncompressed. */
  readonly rdata: Uint8Array;
}

/** Records of one name, class and type (RFC 2181 §5), with the signatures that cover them. */
export interface RecordSet {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  /** Seconds: the smallest of the records' (RFC 2181 §5.2). */
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
  /** RDATA of the RRSIG records that cover this type. */
  readonly signatures: readonly Uint8Array[];
}

/** Says whether a record belongs to the set of `name`, `type` and `class`. */
export function isRecordOf(
  record: ResourceRecord,
  name: Name,
  type: number,
  rrclass: number,
): boolean {
  return record.type === type && record.class === rrclass && nameEqual(record.name, name);
}
