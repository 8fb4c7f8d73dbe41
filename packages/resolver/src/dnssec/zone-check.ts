/**
 * Whether a zone that was got as a whole is what its owner published (RFC 8976 §4).
 *
 * Where a trust anchor stands at its apex, the keys in the zone are proven by it, and the SOA and
 * the digest by these; the digest then covers all the rest, glue too. A zone without a digest that
 * can be checked is not believed: a transfer that was cut or forged would look the same.
 */
import { getU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import type { TrustAnchor } from "./anchor.ts";
import { judgeKeys } from "./judge-keys.ts";
import { judgeSet } from "./judge-set.ts";
import { type Terms, judgeNow } from "./judging.ts";
import { type ZoneDigest, checkZoneDigest } from "./zonemd.ts";

/** The numbers of an SOA record that say how long a copy may be used (RFC 1035 §3.3.13). */
export interface ZoneTimes {
  readonly serial: number;
  readonly refreshS: number;
  readonly retryS: number;
  readonly expireS: number;
}

export type ZoneCheck =
  | { readonly kind: "good"; readonly times: ZoneTimes }
  /** `why` holds no name but that of the zone. */
  | { readonly kind: "bad"; readonly why: string };

const TELLING: Readonly<Record<Exclude<ZoneDigest, "matches">, string>> = {
  differs: "its digest is another's",
  absent: "it has no digest",
  unknown: "it has no digest of its serial that can be checked",
};

/** Whether a zone must have a digest, or is believed without; a wrong one is refused by both. */
export type DigestTerms = "required" | "if-there" | "ignored";

export interface ZoneTerms extends Terms {
  /** The zone's own trust anchor; undefined where it has none, or nothing is validated. */
  readonly anchor: TrustAnchor | undefined;
  readonly digest: DigestTerms;
}

/** Checks a zone, given as all its records. */
export function checkZone(
  records: readonly ResourceRecord[],
  apex: Name,
  terms: ZoneTerms,
): ZoneCheck {
  const { anchor } = terms;
  const at = (type: number): RecordSet => setAt(records, apex, type);
  const soa = at(rrType.SOA);
  const times = soa.rdatas.length === 1 ? zoneTimes(soa.rdatas[0]!) : undefined;
  if (times === undefined) return bad("it has no SOA record");
  if (terms.digest === "ignored") return { kind: "good", times };
  if (anchor !== undefined && isDue(at(rrType.ZONEMD), terms)) {
    const keys = judgeNow(judgeKeys(apex, anchor, at(rrType.DNSKEY), terms));
    if (keys.kind !== "secure") return bad("its keys are not those of the trust anchor");
    for (const [set, what] of [
      [soa, "SOA record"],
      [at(rrType.ZONEMD), "digest"],
    ] as const) {
      if (set.rdatas.length === 0) continue;
      const judged = judgeNow(judgeSet(set, keys, terms));
      if (judged.kind !== "secure") return bad(`its ${what}: ${judged.errors[0]?.text ?? ""}`);
    }
  }
  const digest = checkZoneDigest(records, apex);
  const isGood = digest === "matches" || (digest !== "differs" && terms.digest === "if-there");
  return isGood ? { kind: "good", times } : bad(TELLING[digest]);
}

/** Says whether keys have to prove a digest: where there is none to be had, none can. */
function isDue(digest: RecordSet, terms: ZoneTerms): boolean {
  return terms.digest === "required" || digest.rdatas.length > 0;
}

/** The numbers of an SOA record; undefined where it is cut short. */
export function zoneTimes(soa: Uint8Array): ZoneTimes | undefined {
  const at = soa.length - 20;
  if (at < 2) return undefined;
  const [serial, refreshS, retryS, expireS] = [0, 4, 8, 12].map((more) => getU32(soa, at + more));
  return { serial: serial!, refreshS: refreshS!, retryS: retryS!, expireS: expireS! };
}

function bad(why: string): ZoneCheck {
  return { kind: "bad", why };
}

function setAt(records: readonly ResourceRecord[], apex: Name, type: number): RecordSet {
  const own = records.filter((record) => nameEqual(record.name, apex));
  const data = own.filter((record) => record.type === type);
  const signatures = own.filter(
    (record) => record.type === rrType.RRSIG && coveredType(record.rdata) === type,
  );
  return {
    name: apex,
    type,
    class: data[0]?.class ?? 0,
    ttl: Math.min(...data.map((record) => record.ttl)),
    rdatas: data.map((record) => record.rdata),
    signatures: signatures.map((record) => record.rdata),
  };
}
