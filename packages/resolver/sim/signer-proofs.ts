/** Proven sets of test zones, for tests of what is judged from them. */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import type { ProvenSet, ZoneKeys } from "../src/dnssec/judge-set.ts";
import type { Terms } from "../src/dnssec/judging.ts";
import { WorkBudget } from "../src/dnssec/work-budget.ts";
import { type SigningKey, makeSigningKey } from "./signer-keys.ts";
import { type Lies, signSet } from "./signer.ts";

/** The time at which test zones are judged. */
export const PROOF_TIME_S = 1_800_000_000;

/** Terms with a fresh budget. */
export function freshTerms(): Terms {
  return { nowS: PROOF_TIME_S, trustsSha1: false, work: new WorkBudget() };
}

/** A zone with one Ed25519 key for everything. */
export interface OneKeyZone extends ZoneKeys {
  readonly signing: SigningKey;
}

/** Makes such a zone; its key follows from the seed. */
export function oneKeyZone(zone: Name, seed = 1): OneKeyZone {
  const signing = makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed });
  return { zone, keys: [signing.key], signing };
}

/** The set with a signature by the zone's key. */
export function signedSet(
  { zone, signing }: OneKeyZone,
  set: { readonly name: Name; readonly type: number; readonly rdatas: readonly Uint8Array[] },
  lies: Lies & { readonly inceptionS?: number; readonly expirationS?: number } = {},
): RecordSet {
  const bare: RecordSet = { ...set, class: 1, ttl: 3600, signatures: [] };
  const validity = {
    apex: zone,
    inceptionS: lies.inceptionS ?? PROOF_TIME_S - 3600,
    expirationS: lies.expirationS ?? PROOF_TIME_S + 86400,
  };
  return { ...bare, signatures: [signSet(bare, signing, validity, lies).rdata] };
}

/** A set as if it had been proven. */
export function provenSet(
  name: Name,
  type: number,
  rdata: Uint8Array,
  closestEncloser?: Name,
): ProvenSet {
  const set = { name, type, class: 1, ttl: 3600, rdatas: [rdata], signatures: [] };
  return { kind: "secure", set, ttlS: 3600, closestEncloser };
}
