/** What makes each zone of `sandbox-attacks.ts` an attack, as a table. */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import { type DnsKey, keyFlag } from "../src/dnssec/key.ts";
import {
  type AttackDraft,
  type Change,
  TTL_S,
  address,
  below,
  isSignatureOf,
} from "./attack-draft.ts";
import { collidingKeys, dearRsaKey, wrongSignatures } from "./attack-keys.ts";
import { bypasses } from "./sandbox-bypasses.ts";
import { Dice } from "./seeded.ts";
import { joined } from "./signer-bytes.ts";
import { dnsKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata } from "./signer.ts";

const { ECDSAP256SHA256, ECDSAP384SHA384, RSASHA256, RSASHA512, ED25519, ED448 } = algorithm;
/** Keys of one tag, signatures of a set, DS records: four times what is looked at. */
const MANY = 32;
/** DS records that are looked at. */
const SOME = 8;
const TAG = 0x5eed;
const SET_RECORDS = 400;

export const attackChanges: Readonly<Record<string, Change>> = {
  keytrap: signedWrongly(MANY, dearKeys(MANY)),
  sigjam: signedWrongly(MANY, dearKeys(1)),
  lockcram: signedWrongly(1, dearKeys(MANY)),
  rsa: signedWrongly(MANY, ({ seed }) => [dearRsaKey(seed)]),
  algorithms: signedWrongly(2, ({ seed }) => oneOfEach(seed)),
  records: signedWrongly(MANY, dearKeys(1), SET_RECORDS),
  chaintrap: (draft) => {
    const keys = (): DnsKey[] => collidingKeys(ECDSAP256SHA256, SOME, TAG, draft.seed);
    draft.moreKeys = keys;
    draft.ds = () => keys().map((key) => dsRdata(draft.apex, key, digestType.SHA256));
    draft.changeSigned = (records) => {
      const others = records.filter((one) => !isSignatureOf(one, rrType.DNSKEY));
      return [...others, ...signaturesOf(draft, draft.apex, rrType.DNSKEY, MANY, keys()[0]!)];
    };
  },
  hashtrap: (draft) => {
    draft.moreKeys = () => dearKeys(MANY)(draft);
    draft.ds = () => {
      const dice = new Dice(draft.seed);
      const head = Uint8Array.of(TAG >> 8, TAG & 255, ECDSAP384SHA384, digestType.SHA384);
      return Array.from({ length: MANY }, () => joined(head, dice.bytes(48)));
    };
  },
  ds: (draft) => {
    const { ds } = draft;
    draft.ds = () => {
      const dice = new Dice(draft.seed);
      const head = (): Uint8Array => joined(dice.bytes(2), Uint8Array.of(ECDSAP256SHA256, 2));
      return [...Array.from({ length: MANY }, () => joined(head(), dice.bytes(32))), ...ds()];
    };
  },
  nsec3: (draft) => {
    const salt = new Uint8Array(255);
    draft.denial = { kind: "nsec3", iterations: 50, salt, isOptOut: false };
  },
  "nsec3-iterations": (draft) => {
    const salt = new Uint8Array(0);
    draft.denial = { kind: "nsec3", iterations: 500, salt, isOptOut: false };
  },
  "nsec3-records": (draft) => {
    const salt = new Uint8Array(0);
    draft.denial = { kind: "nsec3", iterations: 50, salt, isOptOut: false };
    draft.moreRecords = () =>
      Array.from({ length: MANY }, (_, i) => address(below(`n${i}`, draft.apex)));
    draft.behaviours.push({ kind: "tells-all-denials" });
  },
  ...bypasses,
};

/** A wildcard address whose signatures are all wrong, with keys that the zone has for them. */
function signedWrongly(
  count: number,
  keysOf: (draft: AttackDraft) => DnsKey[],
  records = 1,
): Change {
  return (draft) => {
    const owner = below("*", draft.apex);
    draft.moreKeys = () => keysOf(draft);
    draft.moreRecords = () => Array.from({ length: records }, (_, i) => address(owner, i));
    draft.changeSigned = (all) => {
      const others = all.filter(
        (one) => !nameEqual(one.name, owner) || !isSignatureOf(one, rrType.A),
      );
      const tags = new Map(keysOf(draft).map((key) => [`${key.algorithm} ${key.tag}`, key]));
      const wrong = [...tags.values()].flatMap((key) =>
        signaturesOf(draft, owner, rrType.A, count, key),
      );
      return [...others, ...wrong];
    };
  };
}

function dearKeys(count: number): (draft: AttackDraft) => DnsKey[] {
  return ({ seed }) => collidingKeys(ECDSAP384SHA384, count, TAG, seed);
}

/** A key of each algorithm that is checked. */
function oneOfEach(seed: number): DnsKey[] {
  const ecdsa = [ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448].map(
    (number, i) => makeSigningKey({ algorithm: number, role: "rest", seed: seed + 2 + i }).key,
  );
  const { publicKey } = dearRsaKey(seed);
  const rsa = [RSASHA256, RSASHA512].map((number) => dnsKey(keyFlag.zone, number, publicKey));
  return [...rsa, ...ecdsa];
}

function signaturesOf(
  draft: AttackDraft,
  owner: Name,
  type: number,
  count: number,
  key: DnsKey,
): ResourceRecord[] {
  const { apex, inceptionS, expirationS, seed } = draft;
  const claim = { owner, type, ttl: TTL_S, signer: apex, key, inceptionS, expirationS };
  return wrongSignatures(count, claim, seed);
}
