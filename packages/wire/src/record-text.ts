/** A record as one line of a master file (RFC 1035 §5.1). */
import { classToText, typeToText } from "./codes-text.ts";
import { nameToText } from "./name-text.ts";
import { rdataToText } from "./rdata-text.ts";
import type { ResourceRecord } from "./record.ts";

/** Owner, TTL in seconds, class, type and RDATA, separated by tabs. */
export function recordToText(record: ResourceRecord): string {
  return [
    nameToText(record.name),
    record.ttl,
    classToText(record.class),
    typeToText(record.type),
    rdataToText(record.type, record.rdata),
  ].join("\t");
}
