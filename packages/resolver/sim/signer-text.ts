/**
 * Signed test zones as files that other people's programs read: each record in the generic form
 * of RFC 3597 §5, which needs no knowledge of its type.
 */
import { type Name, labelsOf } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";

/** The records as a zone file. */
export function zoneText(records: readonly ResourceRecord[]): string {
  return `${records.map(recordText).join("\n")}\n`;
}

function recordText({ name, type, ttl, rdata }: ResourceRecord): string {
  return `${escapedName(name)} ${ttl} IN TYPE${type} \\# ${rdata.length} ${rdata.toHex()}`;
}

/** The name with every octet that is no letter or digit escaped as `\DDD`. */
function escapedName(name: Name): string {
  const labels = labelsOf(name).map((label) =>
    Array.from(label, (octet) => {
      const letter = String.fromCharCode(octet);
      return /[0-9A-Za-z]/.test(letter) ? letter : `\\${String(octet).padStart(3, "0")}`;
    }).join(""),
  );
  return `${labels.join(".")}.`;
}
