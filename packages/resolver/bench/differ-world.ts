/**
 * Seeded zones served by nsd: a signed root, three signed zones below it that deny in different
 * ways, and below these the zones of a batch and those that their aliases lead to.
 *
 *   127.0.2.53   .
 *   127.0.2.54   nsec, nsec3, optout
 *   127.0.2.55   good, plain, bogus and the seeded zones
 *   127.0.2.56   some of the zones below these
 */
import { join } from "node:path";
import { toHex } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import {
  type SeededZone,
  type ServedZone,
  TOPS,
  type Top,
  childZone,
  dsRecord,
  recordsOf,
} from "../sim/seeded-zone.ts";
import { Dice } from "../sim/seeded.ts";
import type { Denial } from "../sim/signer-denial.ts";
import { makeSigningKey } from "../sim/signer-keys.ts";
import { zoneText } from "../sim/signer-text.ts";
import { plainName } from "../sim/signer-zone.ts";
import { dsRdata, signZone } from "../sim/signer.ts";
import { startNsd } from "./nsd.ts";
import { type Running, stop } from "./processes.ts";

const IPS = {
  root: "127.0.2.53",
  tops: "127.0.2.54",
  zones: "127.0.2.55",
  children: "127.0.2.56",
} as const;

/** Where seeded zones and those below them are served. */
export const zoneIps = { zones: IPS.zones, children: IPS.children };

/** The root hints that lead here. */
export const differHints = `. 3600 NS ns.root.\nns.root. 3600 A ${IPS.root}\n`;

const DENIALS: Readonly<Record<Top, Denial>> = {
  nsec: { kind: "nsec" },
  nsec3: { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false },
  optout: { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: true },
};

const SOA = "@ SOA ns hostmaster 1 7200 3600 86400 300\n@ NS ns";
const SEEDS: Readonly<Record<string, number>> = { "": 1, nsec: 2, nsec3: 3, optout: 4 };

/** The key that signs the root or a zone right below it. */
function keyOf(zone: string) {
  const seed = SEEDS[zone]!;
  return makeSigningKey({ algorithm: algorithm.ECDSAP256SHA256, role: "all", seed });
}

/** The fields of the root's DS record. */
export function differAnchor(): readonly string[] {
  const { key } = keyOf("");
  const digest = toHex(dsRdata(plainName(""), key, digestType.SHA256).subarray(4));
  return [String(key.tag), String(key.algorithm), String(digestType.SHA256), digest];
}

/** The zones by the address that serves them. */
function worldZones(
  zones: readonly SeededZone[],
  nowS: number,
): readonly (readonly [ip: string, zones: readonly ServedZone[]])[] {
  const targets = TOPS.flatMap((top) => targetsOf(top, nowS));
  const tops = TOPS.map((top) => topZone(top, zones, targets, nowS));
  const root: ServedZone = { apex: "", server: "zones", records: rootRecords(nowS) };
  const below = zones.flatMap((zone) => zone.zones);
  const own = [...targets.map(({ served }) => served), ...below];
  return [
    [IPS.root, [root]],
    [IPS.tops, tops],
    [IPS.zones, own.filter(({ server }) => server === "zones")],
    [IPS.children, own.filter(({ server }) => server === "children")],
  ];
}

/** Starts the servers of these zones; `directory` is theirs alone. */
export async function startWorld(
  directory: string,
  zones: readonly SeededZone[],
  nowS: number,
  core: number,
): Promise<Running[]> {
  const running: Running[] = [];
  try {
    for (const [ip, at] of worldZones(zones, nowS)) {
      const texts = at.map(({ apex, records }) => [`${apex}.`, zoneText(records)] as const);
      running.push(await startNsd(join(directory, `nsd-${ip}`), ip, texts, core));
    }
  } catch (failure) {
    for (const one of running) await stop(one);
    throw failure;
  }
  return running;
}

type Delegated = ReturnType<typeof childZone>;

/** The zones that aliases lead to. */
function targetsOf(top: Top, nowS: number): Delegated[] {
  const at = { server: "zones", ip: IPS.zones } as const;
  const dice = new Dice(SEEDS[top]!);
  const bogus = childZone("signed", `bogus.${top}`, nowS, at, dice);
  const records = bogus.served.records.map(spoilt);
  return [
    childZone("signed", `good.${top}`, nowS, at, dice),
    childZone("unsigned", `plain.${top}`, nowS, at, dice),
    { ...bogus, served: { ...bogus.served, records } },
  ];
}

/** A record with a bit of its signature turned, where it signs an address. */
function spoilt(record: ResourceRecord): ResourceRecord {
  const { type, rdata } = record;
  if (type !== rrType.RRSIG || coveredType(rdata) !== rrType.A) return record;
  return { ...record, rdata: rdata.with(rdata.length - 1, rdata.at(-1)! ^ 1) };
}

function topZone(
  top: Top,
  zones: readonly SeededZone[],
  targets: readonly Delegated[],
  nowS: number,
): ServedZone {
  const delegations = [
    ...targets.filter(({ served }) => served.apex.endsWith(`.${top}`)),
    ...zones.filter((zone) => zone.top === top),
  ].flatMap(({ delegation }) => delegation);
  const plain = [...recordsOf(top, `${SOA}\nns A ${IPS.tops}`), ...delegations];
  return { apex: top, server: "zones", records: signed(top, plain, DENIALS[top], nowS) };
}

function rootRecords(nowS: number): ResourceRecord[] {
  const delegations = TOPS.flatMap((top) => [
    ...recordsOf(top, `@ NS ns\nns A ${IPS.tops}`),
    dsRecord(plainName(top), dsRdata(plainName(top), keyOf(top).key, digestType.SHA256)),
  ]);
  const own = recordsOf(
    "",
    `@ SOA ns.root. hostmaster.root. 1 7200 3600 86400 300
@ NS ns.root.
ns.root. A ${IPS.root}
`,
  );
  return signed("", [...own, ...delegations], DENIALS.nsec, nowS);
}

function signed(
  zone: string,
  records: readonly ResourceRecord[],
  denial: Denial,
  nowS: number,
): ResourceRecord[] {
  const window = { inceptionS: nowS - 3600, expirationS: nowS + 20 * 86400 };
  return signZone(records, { apex: plainName(zone), keys: [keyOf(zone)], denial, ...window });
}
