/** An attacking zone of the sandbox before it is made, and what all of them are made with. */
import { setU16 } from "@lethe/wire/bytes.ts";
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, labelsOf, nameFromLabels } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import type { DnsKey } from "../src/dnssec/key.ts";
import type { Behaviour } from "./authority-behaviour.ts";
import type { Denial } from "./signer-denial.ts";
import type { SigningKey } from "./signer-keys.ts";
import type { Validity } from "./signer.ts";

export const TTL_S = 600;

/** A zone as it stands before it becomes an attack; the functions make what is dear. */
export interface AttackDraft extends Validity {
  readonly apex: Name;
  readonly seed: number;
  readonly ksk: SigningKey;
  readonly zsk: SigningKey;
  denial: Denial;
  readonly behaviours: Behaviour[];
  /** RDATA of the DS records that the parent has. */
  ds: () => Uint8Array[];
  /** Keys beside the two that sign. */
  moreKeys: () => DnsKey[];
  moreRecords: () => ResourceRecord[];
  changeUnsigned: (records: ResourceRecord[]) => ResourceRecord[];
  changeSigned: (records: ResourceRecord[]) => ResourceRecord[];
  /** Zones that the same server has; `records` are those of the attacking zone. */
  moreZones: (records: readonly ResourceRecord[]) => AttackZone[];
}

/** A zone to be served, and what its server makes of it. */
export interface AttackZone {
  readonly apex: Name;
  readonly records: readonly ResourceRecord[];
  readonly behaviours: readonly Behaviour[];
}

/** Makes a sound zone an attack. */
export type Change = (draft: AttackDraft) => void;

/** Says whether a record is an RRSIG that covers a type. */
export function isSignatureOf(record: ResourceRecord, type: number): boolean {
  return record.type === rrType.RRSIG && coveredType(record.rdata) === type;
}

/** The name one label longer. */
export function below(label: string, apex: Name): Name {
  return nameFromLabels([new TextEncoder().encode(label), ...labelsOf(apex)])!;
}

/** An address of the sandbox at a name; the number tells several apart. */
export function address(name: Name, number = 0): ResourceRecord {
  const rdata = Uint8Array.of(198, 18, 8, 1);
  setU16(rdata, 2, 0x0801 + number);
  return { name, type: rrType.A, class: rrClass.IN, ttl: TTL_S, rdata };
}
