/**
 * Which zones of a hostile world are signed, with what wrong, and what that makes of them.
 *
 * The root is signed and believed. Of the zones below some are signed, and their parents have the
 * DS set, have none, or have a wrong one; some zones are signed badly as a whole, in some a set is.
 *
 *   secure   every zone from the root down is signed and vouched for
 *   insecure a zone on the way is proven to be unsigned, or signed with what nobody checks
 *   bogus    a zone on the way should be signed and cannot be proven
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { lowerCase } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import type { TrustAnchor } from "../src/dnssec/anchor.ts";
import { parseDs } from "../src/dnssec/ds.ts";
import { type Tree, type TreeZone, nameOf } from "./hostile-tree.ts";
import type { Dice } from "./seeded.ts";
import type { Denial } from "./signer-denial.ts";
import { type SigningKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata, signZone } from "./signer.ts";

/** When a world with signed zones begins, in seconds since 1970. */
export const SIGNED_AT_S = 1_800_000_000;

/** What is true of a zone or of data. */
export type Truth = "secure" | "insecure" | "bogus";

/** How a zone is signed. */
interface Signing {
  readonly key: SigningKey;
  readonly denial: Denial;
  readonly ds: "right" | "none" | "wrong";
  readonly fault: "none" | "expired" | "spoilt-keys" | "no-denials";
  /** Sets whose signatures are spoilt, as `owner type`. */
  readonly spoilt: ReadonlySet<string>;
}

const DSA = 3;
const DAY_S = 86400;
const DS_TTL_S = 3600;

/** Types whose sets may be spoilt one by one: what holds a zone together is spoilt as a whole. */
const SPOILT_TYPES = ["A", "AAAA", "TXT", "CNAME", "DNAME"];

export class HostileSigning {
  readonly #of = new Map<TreeZone, Signing>();

  constructor(tree: Tree, dice: Dice) {
    for (const zone of tree.zones) {
      const isRoot = zone.parent === undefined;
      if (isRoot || dice.chance(0.7)) this.#of.set(zone, aSigning(zone, isRoot, dice));
    }
  }

  /** What is believed of the root. */
  get anchor(): TrustAnchor {
    const [[root, { key }]] = this.#of as unknown as [[TreeZone, Signing]];
    const zone = nameOf(root.apex);
    return { zone, ds: [parseDs(dsRdata(zone, key.key, digestType.SHA256))!], keys: [] };
  }

  /** How far the chain of trust reaches: to the zone, or not. */
  standingOf(zone: TreeZone): Truth {
    if (zone.parent === undefined) return "secure";
    const above = this.standingOf(zone.parent);
    if (above !== "secure") return above;
    const own = this.#of.get(zone);
    if (own === undefined || own.ds === "none") {
      return this.#of.get(zone.parent)!.fault === "no-denials" ? "bogus" : "insecure";
    }
    if (own.key.key.algorithm === DSA) return "insecure";
    const isBroken = own.ds === "wrong" || own.fault === "expired" || own.fault === "spoilt-keys";
    return isBroken ? "bogus" : "secure";
  }

  /** What is true of a set, or of a denial, that a zone's servers tell. */
  truthOf(zone: TreeZone, told: Piece): Truth | "secure or insecure" {
    const standing = this.standingOf(zone);
    if (standing !== "secure") return standing;
    const { denial, fault, spoilt } = this.#of.get(zone)!;
    if (told.kind === "set" && spoilt.has(`${told.owner} ${told.type}`)) return "bogus";
    if (told.kind === "set" && !told.isWildcard) return "secure";
    if (fault === "no-denials") return "bogus";
    const isOptOut = denial.kind === "nsec3" && denial.isOptOut;
    if (!isOptOut) return "secure";
    // Below an opt-out span somebody may have an unsigned zone (RFC 5155 §12.2); an empty name
    // above such a zone has no record of its own.
    return told.kind === "no-data" && !told.isWildcard ? "secure or insecure" : "insecure";
  }

  /** Zones that may be proven only by servers that send what proofs are made of. */
  needsProofs(zone: TreeZone): boolean {
    return this.standingOf(zone) !== "insecure" || this.#of.has(zone);
  }

  /** The records of a zone as it is served: with the DS sets of its children, and signatures. */
  signed(zone: TreeZone, plain: readonly ResourceRecord[]): readonly ResourceRecord[] {
    const own = this.#of.get(zone);
    if (own === undefined) return plain;
    const days = own.fault === "expired" ? -DAY_S : 20 * DAY_S;
    const all = signZone([...plain, ...zone.children.flatMap((child) => this.#dsOf(child))], {
      apex: nameOf(zone.apex),
      keys: [own.key],
      denial: own.denial,
      inceptionS: SIGNED_AT_S - 30 * DAY_S,
      expirationS: SIGNED_AT_S + days,
    });
    const kept = own.fault === "no-denials" ? all.filter((record) => !isDenial(record)) : all;
    return kept.map((record) => (isSpoilt(record, own) ? withSpoiltEnd(record) : record));
  }

  #dsOf(child: TreeZone): ResourceRecord[] {
    const signing = this.#of.get(child);
    if (signing === undefined || signing.ds === "none") return [];
    const name = nameOf(child.apex);
    const right = dsRdata(name, signing.key.key, digestType.SHA256);
    const rdata = signing.ds === "right" ? right : right.with(8, right[8]! ^ 1);
    return [{ name, type: rrType.DS, class: rrClass.IN, ttl: DS_TTL_S, rdata }];
  }
}

/** One thing that an answer is made of. */
export type Piece =
  /** A set under its owner's name in the zone: a wildcard's is `*.…`. */
  | {
      readonly kind: "set";
      readonly owner: string;
      readonly type: string;
      readonly isWildcard: boolean;
    }
  | { readonly kind: "no-data"; readonly isWildcard: boolean }
  | { readonly kind: "no-name"; readonly isWildcard: boolean };

/** The weakest of all pieces. */
export function weakest(
  truths: readonly (Truth | "secure or insecure")[],
): Truth | "secure or insecure" {
  const order = ["bogus", "insecure", "secure or insecure"] as const;
  return order.find((truth) => truths.includes(truth)) ?? "secure";
}

function aSigning(zone: TreeZone, isRoot: boolean, dice: Dice): Signing {
  const number = !isRoot && dice.chance(0.05) ? DSA : algorithm.ED25519;
  const key = makeSigningKey({ algorithm: number, role: "all", seed: dice.uint32() });
  const ds = isRoot
    ? "right"
    : dice.weighted<Signing["ds"]>([
        [20, "right"],
        [2, "none"],
        [1, "wrong"],
      ]);
  const fault = isRoot
    ? "none"
    : dice.weighted<Signing["fault"]>([
        [30, "none"],
        [1, "expired"],
        [1, "spoilt-keys"],
        [1, "no-denials"],
      ]);
  const spoilt = new Set<string>();
  if (dice.chance(0.3)) {
    for (const [owner, types] of zone.records) {
      for (const type of types.keys()) {
        if (SPOILT_TYPES.includes(type) && dice.chance(0.15)) spoilt.add(`${owner} ${type}`);
      }
    }
  }
  return { key, denial: aDenial(dice), ds, fault, spoilt };
}

function aDenial(dice: Dice): Denial {
  if (dice.chance(0.5)) return { kind: "nsec" };
  const salt = dice.bytes(dice.pick([0, 0, 4]));
  return { kind: "nsec3", iterations: dice.pick([0, 0, 1, 10]), salt, isOptOut: dice.chance(0.3) };
}

function isDenial({ type, rdata }: ResourceRecord): boolean {
  const covered = type === rrType.RRSIG ? coveredType(rdata) : type;
  return covered === rrType.NSEC || covered === rrType.NSEC3;
}

function isSpoilt({ name, type, rdata }: ResourceRecord, own: Signing): boolean {
  if (type !== rrType.RRSIG) return false;
  const covered = coveredType(rdata);
  if (own.fault === "spoilt-keys") return covered === rrType.DNSKEY;
  if (own.spoilt.size === 0) return false;
  const owner = nameToText(lowerCase(name));
  return SPOILT_TYPES.some(
    (text) => typeFromText(text) === covered && own.spoilt.has(`${owner} ${text}`),
  );
}

function withSpoiltEnd(record: ResourceRecord): ResourceRecord {
  const { rdata } = record;
  return { ...record, rdata: rdata.with(rdata.length - 1, rdata.at(-1)! ^ 1) };
}
