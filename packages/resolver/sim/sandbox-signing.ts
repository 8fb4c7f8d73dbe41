/**
 * Which zones of the sandbox are signed, and with what.
 *
 *   . ──DS──► lethe ──DS──► good.lethe, bogus.lethe, ede.lethe, attacks.lethe
 *     └─DS──► com   ──DS──► example.com
 *
 * All others are proven to be unsigned. Keys are made from seeds, so the trust anchor is the same
 * each time; they protect nothing.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { assert } from "../src/base/assert.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import type { Denial } from "./signer-denial.ts";
import { type SigningKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata, signZone } from "./signer.ts";

const NSEC: Denial = { kind: "nsec" };
const NSEC3: Denial = {
  kind: "nsec3",
  iterations: 0,
  salt: new Uint8Array(0),
  isOptOut: false,
};

interface Plan {
  readonly denial: Denial;
  readonly algorithm: number;
  /** The signed zones right below. */
  readonly children: readonly string[];
}

const PLANS: Readonly<Record<string, Plan>> = {
  ".": { denial: NSEC, algorithm: algorithm.RSASHA256, children: ["lethe", "com"] },
  lethe: {
    denial: NSEC3,
    algorithm: algorithm.ECDSAP256SHA256,
    children: ["good.lethe", "bogus.lethe", "ede.lethe", "attacks.lethe"],
  },
  com: {
    denial: { ...NSEC3, isOptOut: true },
    algorithm: algorithm.ECDSAP256SHA256,
    children: ["example.com"],
  },
  "good.lethe": { denial: NSEC3, algorithm: algorithm.ED25519, children: [] },
  "bogus.lethe": { denial: NSEC3, algorithm: algorithm.ECDSAP256SHA256, children: [] },
  "example.com": { denial: NSEC, algorithm: algorithm.ECDSAP256SHA256, children: [] },
  // The zones below it are signed one by one: sandbox-cases.ts.
  "ede.lethe": { denial: NSEC3, algorithm: algorithm.ECDSAP256SHA256, children: [] },
  // Likewise: sandbox-attacks.ts.
  "attacks.lethe": { denial: NSEC3, algorithm: algorithm.ECDSAP256SHA256, children: [] },
};

/** The zone whose signatures of addresses do not verify. */
const BOGUS = "bogus.lethe";

const HOUR_S = 3600;
const VALID_S = 30 * 86400;
const DS_TTL_S = 3600;

/** A zone's records, signed where it is to be: valid from an hour before `nowS` for thirty days. */
export function signedRecords(
  zone: string,
  records: readonly ResourceRecord[],
  nowS: number,
): readonly ResourceRecord[] {
  const plan = PLANS[zone];
  if (plan === undefined) return records;
  const signed = signZone([...records, ...plan.children.map(dsOf)], {
    apex: apexOf(zone),
    keys: keysOf(zone),
    denial: plan.denial,
    inceptionS: nowS - HOUR_S,
    expirationS: nowS + VALID_S,
  });
  return zone === BOGUS ? signed.map(spoiled) : signed;
}

function apexOf(zone: string): Name {
  const apex = nameFromText(zone, ROOT);
  assert(apex !== undefined, "the table holds names");
  return apex;
}

/** The key that signs a zone's keys, and the one that signs the rest. */
function keysOf(zone: string): readonly [SigningKey, SigningKey] {
  const place = Object.keys(PLANS).indexOf(zone);
  const { algorithm: number } = PLANS[zone]!;
  return [
    makeSigningKey({ algorithm: number, role: "keys", seed: 2 * place }),
    makeSigningKey({ algorithm: number, role: "rest", seed: 2 * place + 1 }),
  ];
}

function dsOf(zone: string): ResourceRecord {
  const name = apexOf(zone);
  const rdata = dsRdata(name, keysOf(zone)[0].key, digestType.SHA256);
  return { name, type: rrType.DS, class: 1, ttl: DS_TTL_S, rdata };
}

/** A record with a bit of its signature turned, where it signs an address. */
function spoiled(record: ResourceRecord): ResourceRecord {
  if (record.type !== rrType.RRSIG || coveredType(record.rdata) !== rrType.A) return record;
  const rdata = record.rdata.slice();
  rdata[rdata.length - 1]! ^= 1;
  return { ...record, rdata };
}

/** The sandbox's trust anchor, as the DS record of its root in a master file. */
export function sandboxTrustAnchors(): string {
  return `${recordToText(dsOf(".")).replaceAll("\t", " ")}\n`;
}
