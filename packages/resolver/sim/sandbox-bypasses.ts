/**
 * Zones that claim what their keys do not let them claim: the ways around DNSSEC that were found
 * in resolvers in 2026, as a table.
 *
 * Where a zone has a `victim`, that is a cut with a DS record, whose server answers without a
 * signature and forges the reply to the question for the DS.
 */
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  isAtOrUnder,
  labelsOf,
  nameEqual,
  nameFromLabels,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import type { DnsKey } from "../src/dnssec/key.ts";
import { gatherSets } from "../src/recursor/sets.ts";
import {
  type AttackDraft,
  type Change,
  TTL_S,
  address,
  below,
  isSignatureOf,
} from "./attack-draft.ts";
import type { Behaviour, Forge } from "./authority-behaviour.ts";
import { joined } from "./signer-bytes.ts";
import { type Denial, typeBitmap } from "./signer-denial.ts";
import { makeSigningKey } from "./signer-keys.ts";
import { type Lies, dsRdata, signSet, signZone } from "./signer.ts";
import type { Told } from "./zone-answer.ts";
import type { Zone } from "./zone.ts";

export const bypasses: Readonly<Record<string, Change>> = {
  "few-labels": (draft) => {
    draft.changeSigned = (records) => resigned(draft, records, "www", rrType.A, { labels: 2 });
  },
  "next-outside": (draft) => {
    draft.changeUnsigned = (records) =>
      records.map((one) => {
        if (one.type !== rrType.NSEC || !nameEqual(one.name, draft.apex)) return one;
        const next = below("zzz", parentOf(draft.apex));
        return { ...one, rdata: joined(next, typeBitmap([rrType.SOA, rrType.NS])) };
      });
  },
  "nsec3-below": (draft) => {
    draft.denial = { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false };
    draft.changeUnsigned = (records) => records.map((one) => withDeeperHash(one));
    draft.behaviours.push({ kind: "tells-all-denials" });
  },
  "wildcard-nsec": withVictim((told, zone, { name }) => {
    const nsec = setAt(zone, below("*", zone.origin), rrType.NSEC);
    return denies(told, zone, { ...nsec, name });
  }),
  "wildcard-alias": withVictim((told, zone, { name }) => {
    const alias = setAt(zone, below("*", zone.origin), rrType.CNAME);
    return { ...told, answer: [{ ...alias, name }], authority: [], proof: [] };
  }),
  "from-above": (draft) => {
    const victim = below("victim", draft.apex);
    const [ksk, zsk] = [5, 6].map((more) =>
      makeSigningKey({
        algorithm: algorithm.ECDSAP256SHA256,
        role: more === 5 ? "keys" : "rest",
        seed: draft.seed + more,
      }),
    );
    draft.moreRecords = () => cutAt(victim, draft, ksk!.key);
    draft.moreZones = (records) => {
      // What the zone above says of a cut, shown as if it spoke of names below the cut.
      const nsec = gatherSets(records).find(
        (set) => set.type === rrType.NSEC && nameEqual(set.name, victim),
      )!;
      const own = records
        .filter(({ name, type }) => nameEqual(name, draft.apex) && isApexType(type))
        .map((one) => ({ ...one, name: victim }));
      const forge: Forge = (told, zone, { name, type }) => {
        if (nameEqual(name, victim)) return told;
        return type === rrType.DS ? denies(told, zone, nsec) : unsigned(told, name);
      };
      const denial: Denial = { kind: "nsec" };
      const signing = { ...draft, apex: victim, keys: [ksk!, zsk!], denial };
      const behaviours: Behaviour[] = [{ kind: "forges", forge }];
      return [{ apex: victim, records: signZone(own, signing), behaviours }];
    };
  },
  "dname-alias": (draft) => {
    const { apex } = draft;
    draft.moreRecords = () => [
      { ...address(below("moved", apex)), type: rrType.DNAME, rdata: apex },
      address(below("evil", apex), 665),
    ];
    draft.behaviours.push({
      kind: "forges",
      forge: (told, zone) => ({
        ...told,
        answer: told.answer.map((set) =>
          set.type === rrType.CNAME ? { ...set, rdatas: [below("evil", zone.origin)] } : set,
        ),
      }),
    });
  },
};

/** A zone with a signed cut whose server answers by itself, and forges what is asked of its DS. */
function withVictim(forge: Forge): Change {
  return (draft) => {
    const { apex, ksk } = draft;
    const victim = below("victim", apex);
    draft.moreRecords = () => [
      ...cutAt(victim, draft, ksk.key),
      { ...address(below("*", apex)), type: rrType.CNAME, rdata: below("www", apex) },
    ];
    draft.behaviours.push({
      kind: "forges",
      forge: (told, zone, question) => {
        const { name, type } = question;
        if (!isAtOrUnder(name, victim)) return told;
        if (type === rrType.DS) return forge({ ...told, authoritative: true }, zone, question);
        return type === rrType.A ? unsigned(told, name) : told;
      },
    });
  };
}

function isApexType(type: number): boolean {
  return type === rrType.SOA || type === rrType.NS;
}

/** A cut at a name, with the attacking zone's own server, and the DS record of a key. */
function cutAt(name: Name, { apex }: AttackDraft, key: DnsKey): ResourceRecord[] {
  return [
    { ...address(name), type: rrType.NS, rdata: below("ns", apex) },
    { ...address(name), type: rrType.DS, rdata: dsRdata(name, key, digestType.SHA256) },
  ];
}

/** An answer of the victim's server, without a signature. */
function unsigned(told: Told, name: Name): Told {
  const { rdata } = address(name, 665);
  const set = { name, type: rrType.A, class: 1, ttl: TTL_S, rdatas: [rdata], signatures: [] };
  return { ...told, rcode: 0, authoritative: true, answer: [set], authority: [], proof: [] };
}

function denies(told: Told, zone: Zone, nsec: RecordSet): Told {
  return { ...told, answer: [], authority: [zone.soa], proof: [nsec] };
}

function setAt(zone: Zone, name: Name, type: number): RecordSet {
  return zone.nodes.get(nameKey(name))!.sets.get(type)!;
}

/** An NSEC3 whose owner stands below a name that a user of the zone may have. */
function withDeeperHash(one: ResourceRecord): ResourceRecord {
  if (one.type !== rrType.NSEC3) return one;
  const [hash, ...apex] = labelsOf(one.name);
  const labels = [hash!, new TextEncoder().encode("user"), ...apex];
  return { ...one, name: nameFromLabels(labels)! };
}

/** The records with one set signed anew by the zone's own key, which lies. */
function resigned(
  draft: AttackDraft,
  records: readonly ResourceRecord[],
  label: string,
  type: number,
  lies: Lies,
): ResourceRecord[] {
  const owner = below(label, draft.apex);
  const isAt = ({ name }: { readonly name: Name }): boolean => nameEqual(name, owner);
  const set = gatherSets(records).find((one) => one.type === type && isAt(one))!;
  const others = records.filter((one) => !isAt(one) || !isSignatureOf(one, type));
  return [...others, signSet(set, draft.zsk, draft, lies)];
}
