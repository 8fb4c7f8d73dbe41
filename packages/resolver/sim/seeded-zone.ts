/**
 * A signed zone made from a seed: what it holds, how it is signed, and what is wrong with it.
 *
 *   z17.nsec3 ─┬─ data, aliases, wildcards, a DNAME, an empty non-terminal
 *              ├─ signed     a zone with a DS
 *              ├─ unsigned   a zone without
 *              ├─ island     a signed zone without a DS
 *              └─ broken     a zone whose DS fits no key
 *
 * Half of the zones are sound, in one of many ways; the others have one fault. The seed alone
 * decides, but for the nonces of ECDSA and the time, from which signatures count.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { assert } from "../src/base/assert.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import { FAULTS, FAULTS_BEFORE } from "./seeded-faults.ts";
import { ALGORITHMS, DS_PLANS, KEY_PLANS } from "./seeded-keys.ts";
import { Dice } from "./seeded.ts";
import { type Draft, makeDrafted, soundDraft } from "./signer-breaks.ts";
import { CASES } from "./signer-cases.ts";
import type { Denial } from "./signer-denial.ts";
import { makeSigningKey } from "./signer-keys.ts";
import { plainName } from "./signer-zone.ts";
import { dsRdata, signZone } from "./signer.ts";

/** The zones above; each denies in a way of its own. */
export const TOPS = ["nsec", "nsec3", "optout"] as const;

export type Top = (typeof TOPS)[number];

/** Zones below each top that aliases lead to: sound, unsigned, and with wrong signatures. */
const TARGETS = ["good", "plain", "bogus"] as const;

export interface ServedZone {
  readonly apex: string;
  readonly records: readonly ResourceRecord[];
  /** Where it is served: beside its parent, or somewhere else. */
  readonly server: "zones" | "children";
}

export interface SeededQuestion {
  /** What is asked for, in a few words that are the same for all zones. */
  readonly what: string;
  readonly name: string;
  readonly type: string;
}

export interface SeededZone {
  readonly seed: number;
  readonly top: Top;
  readonly apex: string;
  /** How it was made, in words. */
  readonly recipe: Readonly<Record<"algorithm" | "denial" | "keys" | "ds" | "fault", string>>;
  /** The zone, and those below it. */
  readonly zones: readonly ServedZone[];
  /** What its parent has of it: NS, glue and DS. */
  readonly delegation: readonly ResourceRecord[];
  readonly questions: readonly SeededQuestion[];
}

/** Addresses of the servers. */
export interface ServerIps {
  readonly zones: string;
  readonly children: string;
}

const HOUR_S = 3600;
const VALID_S = 20 * 86400;
const TTL_S = 3600;
const QUESTIONS = 14;

/** Cases of the study that lie in the zone or its DS, not in how it is served. */
const OWN_CASES = Object.keys(CASES).filter(
  (name) => !/^(valid|unsigned|allow|not-auth|v4-doc|v6-doc|ed448|nsec3-iter)/.test(name),
);

/** Makes the zone of a seed. */
export function seededZone(seed: number, nowS: number, ips: ServerIps): SeededZone {
  const dice = new Dice(seed);
  const top = dice.pick(TOPS);
  const apex = `z${seed}.${top}`;
  const number = dice.weighted(ALGORITHMS);
  const draft = soundDraft(plainName(apex), nowS, number, dice.uint32());
  draft.denial = aDenial(dice);
  const keys = dice.chance(0.5) ? "ksk and zsk" : dice.pick(Object.keys(KEY_PLANS));
  KEY_PLANS[keys]!(draft, dice);
  const ds = dice.chance(0.6) ? "sha-256" : dice.pick(Object.keys(DS_PLANS));
  DS_PLANS[ds]!(draft, dice);
  const fault = dice.chance(0.5) ? "none" : addFault(draft, keys, dice);
  const children = childrenOf(apex, nowS, ips, dice);
  const own = recordsOf(apex, contentOf(ips, dice));
  const made = makeDrafted(draft, [...own, ...children.flatMap((child) => child.delegation)]);
  const delegation = [
    ...recordsOf(apex, `@ NS ns\nns A ${ips.zones}`),
    ...made.ds.map((rdata) => dsRecord(draft.apex, rdata)),
  ];
  return {
    seed,
    top,
    apex,
    recipe: { algorithm: String(number), denial: denialText(draft.denial), keys, ds, fault },
    zones: [
      { apex, records: made.records, server: "zones" },
      ...children.map((child) => child.served),
    ],
    delegation,
    questions: questionsOf(apex, dice),
  };
}

function aDenial(dice: Dice): Denial {
  if (dice.chance(0.45)) return NSEC;
  const iterations = dice.weighted([
    [6, 0],
    [1, 1],
    [1, 50],
    [0.4, 51],
    [0.3, 150],
    [0.3, 151],
  ]);
  const salt = dice.bytes(dice.pick([0, 0, 0, 4, 8]));
  return { kind: "nsec3", iterations, salt, isOptOut: dice.chance(0.3) };
}

function denialText(denial: Denial): string {
  if (denial.kind !== "nsec3") return denial.kind;
  const { isOptOut, iterations, salt } = denial;
  return `nsec3${isOptOut ? " opt-out" : ""} ${iterations} iterations salt of ${salt.length}`;
}

/** Puts one fault into the draft and says which. */
function addFault(draft: Draft, keys: string, dice: Dice): string {
  // A case of the study changes the two keys that a zone usually has.
  const kind = dice.pick(
    keys === "ksk and zsk" ? ["case", "after", "before"] : ["after", "before"],
  );
  const throws = dice.fork();
  if (kind === "case") {
    const name = dice.pick(OWN_CASES);
    const { changeDs, denial } = draft;
    CASES[name]!(draft);
    const changed = draft.changeDs;
    if (changed !== changeDs) draft.changeDs = (all) => changed(changeDs(all));
    if (name.includes("nsec3")) draft.denial = denial.kind === "nsec3" ? denial : NSEC3;
    return name;
  }
  if (kind === "after") {
    const name = dice.pick(Object.keys(FAULTS));
    draft.changeSigned = (all) => [...FAULTS[name]!(all, draft, throws)];
    return name;
  }
  const name = dice.pick(Object.keys(FAULTS_BEFORE));
  draft.changeUnsigned = (all) => [...FAULTS_BEFORE[name]!(all, draft, throws)];
  return name;
}

const NSEC: Denial = { kind: "nsec" };
const NSEC3: Denial = { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false };

/** What stands in the zone, as a master file. */
function contentOf(ips: ServerIps, dice: Dice): string {
  const target = (): string => `${dice.pick(TARGETS)}.${dice.pick(TOPS)}.`;
  return `@ SOA ns hostmaster 1 7200 3600 86400 300
@ NS ns
@ MX 10 www
ns A ${ips.zones}
www A 192.0.2.1
www A 192.0.2.2
www TXT "hello"
alias CNAME www
far CNAME ${dice.pick(["www", "nothing", "x.wild"])}.${target()}
gone CNAME nothing
loop CNAME loop
*.wild A 192.0.2.3
there.wild A 192.0.2.4
*.star CNAME ${dice.chance(0.5) ? "www" : `www.${target()}`}
deep.in.empty A 192.0.2.5
away DNAME ${dice.chance(0.5) ? "empty" : target()}
`;
}

/** Names that are asked for, of which each zone is asked some, in an order of its own. */
const QUESTIONS_OF: readonly (readonly [what: string, name: string, type: string])[] = [
  ["data", "www", "A"],
  ["data", "www", "TXT"],
  ["data at the apex", "", "MX"],
  ["the SOA", "", "SOA"],
  ["the keys", "", "DNSKEY"],
  ["the DS", "", "DS"],
  ["the servers", "", "NS"],
  ["no data", "www", "AAAA"],
  ["no data at the apex", "", "TXT"],
  ["no name", "nothing", "A"],
  ["no name", "a.b.nothing", "TXT"],
  ["no name below a name", "x.www", "A"],
  ["a wildcard", "x.wild", "A"],
  ["a wildcard, deeper", "a.b.wild", "A"],
  ["no data of a wildcard", "x.wild", "TXT"],
  ["a name beside a wildcard", "there.wild", "A"],
  ["no name below one beside a wildcard", "x.there.wild", "A"],
  ["the wildcard itself", "*.wild", "A"],
  ["an empty non-terminal", "empty", "A"],
  ["an empty non-terminal", "in.empty", "TXT"],
  ["an alias", "alias", "A"],
  ["an alias, itself", "alias", "CNAME"],
  ["no data behind an alias", "alias", "MX"],
  ["an alias elsewhere", "far", "A"],
  ["an alias to no name", "gone", "A"],
  ["a circle of aliases", "loop", "A"],
  ["an alias of a wildcard", "x.star", "A"],
  ["a name below a DNAME", "deep.in.away", "A"],
  ["a name below a DNAME", "www.away", "A"],
  ["a DNAME, itself", "away", "DNAME"],
  ["no data beside a DNAME", "away", "A"],
  ["data of a signed zone below", "www.signed", "A"],
  ["no name of a signed zone below", "nothing.signed", "A"],
  ["the DS of a signed zone below", "signed", "DS"],
  ["data of an unsigned zone below", "www.unsigned", "A"],
  ["no name of an unsigned zone below", "nothing.unsigned", "A"],
  ["the DS of an unsigned zone below", "unsigned", "DS"],
  ["data of an island", "www.island", "A"],
  ["data of a broken zone below", "www.broken", "A"],
];

function questionsOf(apex: string, dice: Dice): SeededQuestion[] {
  const left = [...QUESTIONS_OF];
  return Array.from({ length: QUESTIONS }, () => {
    const [[what, label, type]] = left.splice(dice.between(0, left.length - 1), 1) as [
      (typeof QUESTIONS_OF)[number],
    ];
    return { what, name: `${label === "" ? "" : `${label}.`}${apex}.`, type };
  });
}

interface Child {
  readonly served: ServedZone;
  readonly delegation: readonly ResourceRecord[];
}

const CHILDREN = ["signed", "unsigned", "island", "broken"] as const;

function childrenOf(above: string, nowS: number, ips: ServerIps, dice: Dice): Child[] {
  return CHILDREN.map((kind) => {
    const server = dice.pick(["zones", "children"] as const);
    return childZone(kind, `${kind}.${above}`, nowS, { server, ip: ips[server] }, dice);
  });
}

/** A small zone: signed or not, with a DS that fits, does not fit, or is not there. */
export function childZone(
  kind: (typeof CHILDREN)[number],
  apex: string,
  nowS: number,
  { server, ip }: { readonly server: ServedZone["server"]; readonly ip: string },
  dice: Dice,
): Child {
  const delegated = recordsOf(apex, `@ NS ns\nns A ${ip}`);
  const plain = recordsOf(
    apex,
    `@ SOA ns hostmaster 1 7200 3600 86400 300
@ NS ns
ns A ${ip}
www A 192.0.2.9
*.wild A 192.0.2.10
`,
  );
  const name = plainName(apex);
  const number = dice.pick([algorithm.ECDSAP256SHA256, algorithm.ED25519]);
  const key = makeSigningKey({ algorithm: number, role: "all", seed: dice.uint32() });
  const denial = dice.chance(0.5) ? NSEC : NSEC3;
  const window = { inceptionS: nowS - HOUR_S, expirationS: nowS + VALID_S };
  if (kind === "unsigned") {
    return { served: { apex, server, records: plain }, delegation: delegated };
  }
  const records = signZone(plain, { apex: name, keys: [key], denial, ...window });
  const served: ServedZone = { apex, server, records };
  if (kind === "island") return { served, delegation: delegated };
  const rdata = dsRdata(name, key.key, digestType.SHA256);
  const told = kind === "broken" ? rdata.with(9, rdata[9]! ^ 1) : rdata;
  return { served, delegation: [...delegated, dsRecord(name, told)] };
}

/** A DS record. */
export function dsRecord(name: Name, rdata: Uint8Array): ResourceRecord {
  return { name, type: rrType.DS, class: rrClass.IN, ttl: TTL_S, rdata };
}

/** The records of a master file whose names are relative to `apex`. */
export function recordsOf(apex: string, text: string): readonly ResourceRecord[] {
  const read = readZoneFile(text, { origin: plainName(apex), ttlS: TTL_S });
  assert(!("kind" in read), "a seeded zone is written as a master file is");
  return read.records;
}
