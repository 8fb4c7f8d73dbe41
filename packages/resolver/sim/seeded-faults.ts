/**
 * What may be wrong with a signed zone beyond the cases of the study: one thing, by dice.
 *
 * Each takes the records that are served and gives others. Not all of it is a fault: some only
 * looks like one, and the zone must still be believed.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, labelsOf, nameEqual, nameFromLabels } from "@lethe/wire/name.ts";
import { coveredType } from "@lethe/wire/rdata-names.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { signedLabels } from "../src/dnssec/canonical.ts";
import { gatherSets } from "../src/recursor/sets.ts";
import type { Dice } from "./seeded.ts";
import type { Draft } from "./signer-breaks.ts";
import { typeBitmap } from "./signer-denial.ts";
import { dnsKey } from "./signer-keys.ts";
import { joined } from "./signer-bytes.ts";
import { type Lies, signSet } from "./signer.ts";
import { plainName } from "./signer-zone.ts";

type Records = readonly ResourceRecord[];
type Fault = (all: Records, draft: Draft, dice: Dice) => Records;

const DAY_S = 86400;

/** Faults that are put into what was signed. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "a spoilt signature": atSignature((rdata) => rdata.with(-1 + rdata.length, rdata.at(-1)! ^ 1)),
  "a signature cut short": atSignature((rdata) => rdata.slice(0, -1)),
  "an empty signature": atSignature((rdata, signer) => rdata.slice(0, 18 + signer)),
  "a signature of another key": atSignature((rdata) => rdata.with(17, rdata[17]! ^ 1)),
  "a signature of another algorithm": atSignature((rdata) => rdata.with(2, rdata[2]! ^ 2)),
  "a signature of an unknown algorithm": atSignature((rdata) => rdata.with(2, 77)),
  "a set without signature": atSet((set) => ({ ...set, signatures: [] })),
  "an expired signature": signedAgain({}, -9, -2),
  "a signature from the future": signedAgain({}, 2, 9),
  "a window that ends before it begins": signedAgain({}, 9, -9),
  "a signer above": signedAgain((_, { apex }) => ({ signer: aboveOf(apex) })),
  "a signer beside": signedAgain((_, { apex }) => ({ signer: besideOf(apex) })),
  "a signer below": signedAgain((set) => ({ signer: set.name })),
  "a label less than there are": signedAgain(({ name }) => ({ labels: signedLabels(name) - 1 })),
  "a label more than there are": signedAgain(({ name }) => ({ labels: signedLabels(name) + 1 })),
  "an original TTL below the TTL": signedAgain({ originalTtlS: 60 }),
  "an original TTL above the TTL": signedAgain({ originalTtlS: 90_000 }),
  "spoilt signatures before the right one": atSet((set, _, dice) => ({
    ...set,
    signatures: [...junk(set, dice.between(1, 3)), ...set.signatures],
  })),
  "a set that is gone": (all, _, dice) => {
    const gone = dice.pick(dataOf(all));
    const isOf = ({ name, type, rdata }: ResourceRecord): boolean =>
      nameEqual(name, gone.name) &&
      (type === gone.type || (type === rrType.RRSIG && coveredType(rdata) === gone.type));
    return all.filter((record) => !isOf(record));
  },
  "a denial that is gone": (all, _, dice) => {
    const denials = all.filter(isDenial);
    if (denials.length === 0) return all;
    const gone = dice.pick(denials);
    return all.filter(({ name, type, rdata }) => {
      if (!nameEqual(name, gone.name)) return true;
      return type !== gone.type && !(type === rrType.RRSIG && coveredType(rdata) === gone.type);
    });
  },
};

/**
 * Faults that are put into what is signed afterwards.
 *
 * NSEC3 of another salt or hash are not among them: nsd 4.6 ends when it reads some such zones.
 */
export const FAULTS_BEFORE: Readonly<Record<string, Fault>> = {
  "a denial that leads outside": atDenial((rdata, { apex }, type) =>
    type === rrType.NSEC ? withNext(rdata, besideOf(apex)) : rdata,
  ),
  "a denial that leads to itself": (all) => all.map(selfish),
  "a denial of all types": atDenial((rdata, _, type) => withTypes(rdata, type, [rrType.RRSIG])),
  "a denial with the types of a cut": atDenial((rdata, _, type) =>
    withTypes(rdata, type, [rrType.NS, rrType.RRSIG]),
  ),
  "a denial with the types of an apex": atDenial((rdata, _, type) =>
    withTypes(rdata, type, [rrType.NS, rrType.SOA, rrType.RRSIG, rrType.DNSKEY]),
  ),
  "a denial with the type of an alias": atDenial((rdata, _, type) =>
    withTypes(rdata, type, [rrType.CNAME, rrType.RRSIG]),
  ),
  "a denial with the type of a DNAME": atDenial((rdata, _, type) =>
    withTypes(rdata, type, [rrType.DNAME, rrType.RRSIG]),
  ),
  "unknown flags": atNsec3((rdata) => rdata.with(1, rdata[1]! | 2)),
  "opt-out where there is none": atNsec3((rdata) => rdata.with(1, rdata[1]! ^ 1)),
  "a second key of the same tag": (all, draft) => withTwins(all, draft),
  "keys of another protocol": (all) =>
    all.map((record) =>
      record.type === rrType.DNSKEY ? { ...record, rdata: record.rdata.with(2, 4) } : record,
    ),
};

function isDenial({ type }: { readonly type: number }): boolean {
  return type === rrType.NSEC || type === rrType.NSEC3;
}

/** Sets that carry signatures. */
function signedOf(all: Records): RecordSet[] {
  return gatherSets(all).filter((set) => set.signatures.length > 0);
}

/** Types that a zone cannot do without. */
const OF_THE_ZONE: ReadonlySet<number> = new Set([
  rrType.SOA,
  rrType.DNSKEY,
  rrType.NSEC,
  rrType.NSEC3,
  rrType.NS,
]);

/** Signed sets that somebody asks for. */
function dataOf(all: Records): RecordSet[] {
  return signedOf(all).filter((set) => !OF_THE_ZONE.has(set.type));
}

/** Changes one set and its signatures. */
function atSet(change: (set: RecordSet, draft: Draft, dice: Dice) => RecordSet): Fault {
  return (all, draft, dice) => {
    const signed = signedOf(all);
    if (signed.length === 0) return all;
    const set = dice.pick(signed);
    const made = change(set, draft, dice);
    const isSignature = ({ name, type, rdata }: ResourceRecord): boolean =>
      type === rrType.RRSIG && nameEqual(name, set.name) && coveredType(rdata) === set.type;
    const { name, ttl } = set;
    const signatures = made.signatures.map((rdata) => {
      return { name, type: rrType.RRSIG, class: 1, ttl, rdata };
    });
    return [...all.filter((record) => !isSignature(record)), ...signatures];
  };
}

/** Changes all signatures of one set. */
function atSignature(change: (rdata: Uint8Array, signerBytes: number) => Uint8Array): Fault {
  return atSet((set, { apex }) => ({
    ...set,
    signatures: set.signatures.map((rdata) => change(rdata, apex.length)),
  }));
}

/** Signs one set anew, with lies. */
function signedAgain(
  lies: Lies | ((set: RecordSet, draft: Draft) => Lies),
  fromDays = -1,
  toDays = 20,
): Fault {
  return atSet((set, draft) => {
    const { nowS, apex, ksk, zsk } = draft;
    const window = {
      apex,
      inceptionS: nowS + fromDays * DAY_S,
      expirationS: nowS + toDays * DAY_S,
    };
    const key = set.type === rrType.DNSKEY ? ksk : zsk;
    const told = typeof lies === "function" ? lies(set, draft) : lies;
    return { ...set, signatures: [signSet(set, key, window, told).rdata] };
  });
}

/** Signatures that look like the set's own and are not. */
function junk(set: RecordSet, count: number): Uint8Array[] {
  const right = set.signatures[0]!;
  return Array.from({ length: count }, (_, i) => right.with(right.length - 2 - i, right[9]! ^ 85));
}

/** One denial in three. */
function atDenial(change: (rdata: Uint8Array, draft: Draft, type: number) => Uint8Array): Fault {
  return (all, draft, dice) =>
    all.map((record) => {
      if (!isDenial(record) || dice.chance(0.67)) return record;
      return { ...record, rdata: change(record.rdata, draft, record.type) };
    });
}

function atNsec3(change: (rdata: Uint8Array) => Uint8Array): Fault {
  return (all, _, dice) => {
    const isAll = dice.chance(0.5);
    return all.map((record) => {
      if (record.type !== rrType.NSEC3 || (!isAll && dice.chance(0.67))) return record;
      return { ...record, rdata: change(record.rdata) };
    });
  };
}

/** Where the type bitmap of a denial begins. */
function bitmapAt(rdata: Uint8Array, type: number): number {
  if (type === rrType.NSEC3) {
    const hashAt = 5 + rdata[4]!;
    return hashAt + 1 + rdata[hashAt]!;
  }
  let at = 0;
  while (rdata[at] !== 0) at += 1 + rdata[at]!;
  return at + 1;
}

function withTypes(rdata: Uint8Array, type: number, types: readonly number[]): Uint8Array {
  const own = type === rrType.NSEC ? [...types, rrType.NSEC] : types;
  return joined(rdata.subarray(0, bitmapAt(rdata, type)), typeBitmap(own));
}

function withNext(rdata: Uint8Array, next: Name): Uint8Array {
  return joined(next, rdata.subarray(bitmapAt(rdata, rrType.NSEC)));
}

/** An NSEC whose next name is its own: of a zone with one name it is right, of others not. */
function selfish(record: ResourceRecord): ResourceRecord {
  if (record.type !== rrType.NSEC) return record;
  return { ...record, rdata: withNext(record.rdata, record.name) };
}

/** A key that only looks like the zone's: the words of its public part stand in another order. */
function withTwins(all: Records, { apex, zsk, ksk }: Draft): Records {
  const twins = [zsk, ksk].map(({ key }) => {
    const publicKey = key.publicKey.slice();
    const at = publicKey.length & ~1;
    // Two words apart: the tag is the sum of the words (RFC 4034 §B).
    const [a, b] = [publicKey.slice(at - 4, at - 2), publicKey.slice(at - 2, at)];
    publicKey.set(b, at - 4);
    publicKey.set(a, at - 2);
    return dnsKey(key.flags, key.algorithm, publicKey).rdata;
  });
  const added = twins.map((rdata) => {
    return { name: apex, type: rrType.DNSKEY, class: 1, ttl: 3600, rdata };
  });
  return [...added, ...all];
}

function aboveOf(apex: Name): Name {
  return nameFromLabels(labelsOf(apex).slice(1))!;
}

function besideOf(apex: Name): Name {
  return nameFromLabels([plainLabel("zzz"), ...labelsOf(apex).slice(1)])!;
}

function plainLabel(text: string): Uint8Array {
  return labelsOf(plainName(text))[0]!;
}
