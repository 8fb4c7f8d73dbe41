/**
 * Signs test zones: from a list of records to the list that an authority serves.
 *
 *   records → withKeys → withDenial → withSignatures
 *
 * The steps stand alone so that a zone can be broken between any two of them
 * (`signer-breaks.ts`).
 */
import { setU16, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isUnder, lowerCase, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { signedBytes, signedLabels } from "../src/dnssec/canonical.ts";
import { digest } from "../src/dnssec/crypto.ts";
import type { DnsKey } from "../src/dnssec/key.ts";
import { gatherSets } from "../src/recursor/sets.ts";
import { assert } from "../src/base/assert.ts";
import { type Denial, cutsOf, withDenial } from "./signer-denial.ts";
import { type SigningKey, signBytes } from "./signer-keys.ts";
import { joined } from "./signer-bytes.ts";

/** Seconds since 1970. */
export interface Validity {
  readonly inceptionS: number;
  readonly expirationS: number;
}

export interface Signing extends Validity {
  readonly apex: Name;
  readonly keys: readonly SigningKey[];
  readonly denial: Denial;
}

const KEY_TTL_S = 3600;

/** The zone with its keys, its denials and the signatures of all of it. */
export function signZone(records: readonly ResourceRecord[], signing: Signing): ResourceRecord[] {
  const keys = signing.keys.map((key) => key.key);
  const keyed = withKeys(records, signing.apex, keys);
  return withSignatures(withDenial(keyed, signing.apex, signing.denial), signing);
}

/** The zone with the DNSKEY records of these keys. */
export function withKeys(
  records: readonly ResourceRecord[],
  apex: Name,
  keys: readonly DnsKey[],
): ResourceRecord[] {
  const added = keys.map(({ rdata }) => {
    return { name: apex, type: rrType.DNSKEY, class: 1, ttl: KEY_TTL_S, rdata };
  });
  return [...records, ...added];
}

/**
 * The zone with a signature of each set that is its own: no glue, no delegation (RFC 4035 §2.2).
 */
export function withSignatures(
  records: readonly ResourceRecord[],
  signing: Signing,
): ResourceRecord[] {
  const cuts = cutsOf(records, signing.apex);
  const isOwn = ({ name, type }: RecordSet): boolean => {
    if (cuts.some((cut) => isUnder(name, cut))) return false;
    if (!cuts.some((cut) => nameEqual(name, cut))) return true;
    return type === rrType.DS || type === rrType.NSEC;
  };
  const signatures = gatherSets(records)
    .filter(isOwn)
    .flatMap((set) =>
      signing.keys.filter((key) => signs(key, set)).map((key) => signSet(set, key, signing)),
    );
  return [...records, ...signatures];
}

function signs({ role }: SigningKey, set: RecordSet): boolean {
  return role === "all" || set.type === rrType.DNSKEY || role === "rest";
}

/** What may be told of a signature against the truth. */
export interface Lies {
  readonly labels?: number;
  readonly signer?: Name;
  readonly originalTtlS?: number;
}

/** The RRSIG of a set by a key (RFC 4034 §3). */
export function signSet(
  set: RecordSet,
  key: SigningKey,
  { apex, inceptionS, expirationS }: Validity & { readonly apex: Name },
  lies: Lies = {},
): ResourceRecord {
  const signer = lies.signer ?? lowerCase(apex);
  const head = new Uint8Array(18 + signer.length);
  setU16(head, 0, set.type);
  head[2] = key.key.algorithm;
  head[3] = lies.labels ?? signedLabels(set.name);
  setU32(head, 4, lies.originalTtlS ?? set.ttl);
  setU32(head, 8, expirationS);
  setU32(head, 12, inceptionS);
  setU16(head, 16, key.key.tag);
  head.set(signer, 18);
  const signature = signBytes(key, signedBytes(head, set.name, set.type, set.class, set.rdatas));
  const rdata = joined(head, signature);
  return { name: set.name, type: rrType.RRSIG, class: set.class, ttl: set.ttl, rdata };
}

/** RDATA of the DS that the parent of `apex` has for a key (RFC 4034 §5). */
export function dsRdata(apex: Name, key: DnsKey, digestType: number): Uint8Array {
  const made = digest(digestType, joined(lowerCase(apex), key.rdata));
  assert(made !== undefined, "the digest type is one that we can make");
  const rdata = new Uint8Array(4 + made.length);
  setU16(rdata, 0, key.tag);
  rdata[2] = key.algorithm;
  rdata[3] = digestType;
  rdata.set(made, 4);
  return rdata;
}
