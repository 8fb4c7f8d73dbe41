/** What each case of `signer-breaks.ts` changes, as a table. */
import { setU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import { keyFlag } from "../src/dnssec/key.ts";
import { gatherSets } from "../src/recursor/sets.ts";
import type { Change, Draft, Serving } from "./signer-breaks.ts";
import { nsec3Owner, nsec3Parameters } from "./signer-denial.ts";
import { type SigningKey, dnsKey, makeSigningKey } from "./signer-keys.ts";
import { signSet } from "./signer.ts";

const DSA = 3;
const RSAMD5 = 1;
const UNASSIGNED = 100;
const RESERVED = 200;
const DAY_S = 86400;

type Case = (draft: Draft) => void;

export const CASES: Readonly<Record<string, Case>> = {
  valid: () => {},
  unsigned: (draft) => {
    draft.isSigned = false;
  },
  "allow-query-none": serving("refuses-everyone"),
  "allow-query-localhost": serving("refuses-all-but-loopback"),
  "not-auth": serving("not-authoritative"),
  "v4-doc": serving("glue-in-ipv4-documentation-range"),
  "v6-doc": serving("glue-in-ipv6-documentation-range"),
  "no-ds": ds(() => []),

  "ds-bad-tag": ds((rdata) => [patched(rdata, 1, rdata[1]! ^ 1)]),
  "ds-bad-key-algo": ds((rdata) => [patched(rdata, 2, algorithm.RSASHA256)]),
  "ds-unassigned-key-algo": ds((rdata) => [patched(rdata, 2, UNASSIGNED)]),
  "ds-reserved-key-algo": ds((rdata) => [patched(rdata, 2, RESERVED)]),
  "ds-unassigned-digest-algo": ds((rdata) => [patched(rdata, 3, UNASSIGNED)]),
  "ds-bogus-digest-value": ds((rdata) => [patched(rdata, 4, rdata[4]! ^ 1)]),

  "rrsig-exp-all": window(-30, -7),
  "rrsig-exp-a": windowOf(rrType.A, -30, -7),
  "rrsig-not-yet-all": window(7, 30),
  "rrsig-not-yet-a": windowOf(rrType.A, 7, 30),
  "rrsig-exp-before-all": window(-7, -30),
  "rrsig-exp-before-a": windowOf(rrType.A, -7, -30),
  "rrsig-no-all": after((all) => all.filter((record) => record.type !== rrType.RRSIG)),
  "rrsig-no-a": after((all) => all.filter((record) => !isSignatureOf(record, rrType.A))),
  "no-rrsig-ksk": after((all, { ksk }) => all.filter((record) => !isKeySignature(record, ksk))),
  "no-rrsig-dnskey": after((all) => all.filter((record) => !isSignatureOf(record, rrType.DNSKEY))),
  "bad-rrsig-ksk": after((all, { ksk }) =>
    all.map((record) => (isKeySignature(record, ksk) ? spoilt(record) : record)),
  ),
  "bad-rrsig-dnskey": after((all) =>
    all.map((record) => (isSignatureOf(record, rrType.DNSKEY) ? spoilt(record) : record)),
  ),

  "no-zsk": (draft) => {
    draft.published = [draft.ksk];
  },
  "bad-zsk": (draft) => {
    draft.published = [draft.ksk, withSpoiltKey(draft.zsk)];
  },
  "no-ksk": (draft) => {
    draft.published = [draft.zsk];
  },
  "bad-ksk": (draft) => {
    draft.published = [withSpoiltKey(draft.ksk), draft.zsk];
  },
  "no-dnskey-256": (draft) => {
    useKeys(draft, draft.ksk, withoutZoneFlag(draft.zsk));
  },
  "no-dnskey-257": (draft) => {
    useKeys(draft, withoutZoneFlag(draft.ksk), draft.zsk);
  },
  "no-dnskey-256-257": (draft) => {
    useKeys(draft, withoutZoneFlag(draft.ksk), withoutZoneFlag(draft.zsk));
  },
  "bad-zsk-algo": publishedZskAlgorithm(algorithm.RSASHA256),
  "unassigned-zsk-algo": publishedZskAlgorithm(UNASSIGNED),
  "reserved-zsk-algo": publishedZskAlgorithm(RESERVED),

  "bad-nsec3-hash": before((all, { apex }) => all.map((record) => withOtherHash(record, apex))),
  "bad-nsec3-next": before((all) => all.map(withOtherNext)),
  "bad-nsec3-rrsig": after((all) =>
    all.map((record) => (isSignatureOf(record, rrType.NSEC3) ? spoilt(record) : record)),
  ),
  "bad-nsec3param-salt": before((all) =>
    all.map((record) => {
      if (record.type !== rrType.NSEC3PARAM) return record;
      return { ...record, rdata: nsec3Parameters(0, Uint8Array.of(0xab, 0xcd)) };
    }),
  ),
  "nsec3-missing": after(without(rrType.NSEC3)),
  "nsec3-rrsig-missing": after((all) =>
    all.filter((record) => !isSignatureOf(record, rrType.NSEC3)),
  ),
  "nsec3param-missing": after(without(rrType.NSEC3PARAM)),
  "no-nsec3param-nsec3": after(without(rrType.NSEC3PARAM, rrType.NSEC3)),
  "nsec3-iter-1": iterations(1),
  "nsec3-iter-51": iterations(51),
  "nsec3-iter-101": iterations(101),
  "nsec3-iter-151": iterations(151),
  "nsec3-iter-200": iterations(200),

  ed448: signedWith(algorithm.ED448),
  dsa: signedWith(DSA),
  rsamd5: signedWith(RSAMD5),
};

function serving(how: Serving): Case {
  return (draft) => {
    draft.serving = how;
  };
}

function ds(change: (rdata: Uint8Array) => Uint8Array[]): Case {
  return (draft) => {
    draft.changeDs = (rdatas) => rdatas.flatMap(change);
  };
}

function before(change: Change): Case {
  return (draft) => {
    draft.changeUnsigned = change;
  };
}

function after(change: Change): Case {
  return (draft) => {
    draft.changeSigned = change;
  };
}

/**
 * Signatures that are valid between these days from now: more than one away, which some resolvers
 * forgive as a wrong clock.
 */
function window(fromDays: number, toDays: number): Case {
  return (draft) => {
    draft.inceptionS = draft.nowS + fromDays * DAY_S;
    draft.expirationS = draft.nowS + toDays * DAY_S;
  };
}

/** The same for the sets of one type at the apex and elsewhere. */
function windowOf(type: number, fromDays: number, toDays: number): Case {
  return after((all, draft) => {
    const { apex, nowS } = draft;
    const inceptionS = nowS + fromDays * DAY_S;
    const expirationS = nowS + toDays * DAY_S;
    const sign = (set: RecordSet): ResourceRecord =>
      signSet(set, draft.zsk, { apex, inceptionS, expirationS });
    const signed = gatherSets(all).filter((set) => set.type === type && set.signatures.length > 0);
    return [...all.filter((record) => !isSignatureOf(record, type)), ...signed.map(sign)];
  });
}

function iterations(count: number): Case {
  return (draft) => {
    const salt = new Uint8Array(0);
    draft.denial = { kind: "nsec3", iterations: count, salt, isOptOut: false };
  };
}

/** The whole zone signed with another algorithm. */
function signedWith(number: number): Case {
  return (draft) => {
    const seed = draft.ksk.key.tag;
    const ksk = makeSigningKey({ algorithm: number, role: "keys", seed });
    useKeys(draft, ksk, makeSigningKey({ algorithm: number, role: "rest", seed: seed + 1 }));
  };
}

/** The ZSK stands in the zone under another algorithm than the one that it signs with. */
function publishedZskAlgorithm(number: number): Case {
  return (draft) => {
    const { key } = draft.zsk;
    const published = { ...draft.zsk, key: dnsKey(key.flags, number, key.publicKey) };
    draft.published = [draft.ksk, published];
  };
}

function useKeys(draft: Draft, ksk: SigningKey, zsk: SigningKey): void {
  draft.ksk = ksk;
  draft.zsk = zsk;
  draft.published = [ksk, zsk];
  draft.dsKey = ksk;
}

function withoutZoneFlag(signer: SigningKey): SigningKey {
  const { flags, algorithm: number, publicKey } = signer.key;
  return { ...signer, key: dnsKey(flags & ~keyFlag.zone, number, publicKey) };
}

/** The key with one bit of its public part changed, so that it is another key. */
function withSpoiltKey(signer: SigningKey): SigningKey {
  const { flags, algorithm: number, publicKey } = signer.key;
  const other = patched(publicKey, publicKey.length - 1, publicKey.at(-1)! ^ 1);
  return { ...signer, key: dnsKey(flags, number, other) };
}

/** The RRSIG of the key set that this key made. */
function isKeySignature(record: ResourceRecord, { key }: SigningKey): boolean {
  if (!isSignatureOf(record, rrType.DNSKEY)) return false;
  return ((record.rdata[16]! << 8) | record.rdata[17]!) === key.tag;
}

function spoilt(record: ResourceRecord): ResourceRecord {
  const at = record.rdata.length - 1;
  return { ...record, rdata: patched(record.rdata, at, record.rdata[at]! ^ 1) };
}

function patched(bytes: Uint8Array, at: number, octet: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = octet;
  return copy;
}

function without(...types: readonly number[]): Change {
  return (all) =>
    all.filter((record) => !types.includes(record.type) && !isSignatureOf(record, ...types));
}

/** An NSEC3 whose owner stands for another hash: it matches nothing. */
function withOtherHash(record: ResourceRecord, apex: Name): ResourceRecord {
  if (record.type !== rrType.NSEC3) return record;
  const next = nextHashOf(record.rdata).slice();
  // One less than the next hash: no name of the zone, and nothing lies in between.
  setU16(next, 18, ((next[18]! << 8) | next[19]!) - 1);
  return { ...record, name: nsec3Owner(next, apex) };
}

/** An NSEC3 whose next hash follows its own closely: it covers nothing. */
function withOtherNext(record: ResourceRecord): ResourceRecord {
  if (record.type !== rrType.NSEC3) return record;
  const rdata = new Uint8Array(record.rdata);
  nextHashOf(rdata).set(ownHash(record.name));
  const own = nextHashOf(rdata);
  setU16(own, 18, ((own[18]! << 8) | own[19]!) + 1);
  return { ...record, rdata };
}

/** The next hash in an NSEC3, in place. */
function nextHashOf(rdata: Uint8Array): Uint8Array {
  const at = 5 + rdata[4]! + 1;
  return rdata.subarray(at, at + 20);
}

function ownHash(owner: Name): Uint8Array {
  const digits = "0123456789abcdefghijklmnopqrstuv";
  let bits = "";
  for (const octet of owner.subarray(1, 33)) {
    bits += digits.indexOf(String.fromCharCode(octet)).toString(2).padStart(5, "0");
  }
  return Uint8Array.from({ length: 20 }, (_, i) =>
    Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2),
  );
}

/** Says whether a record is an RRSIG that covers one of these types. */
function isSignatureOf(record: ResourceRecord, ...types: readonly number[]): boolean {
  if (record.type !== rrType.RRSIG) return false;
  return types.includes((record.rdata[0]! << 8) | record.rdata[1]!);
}
