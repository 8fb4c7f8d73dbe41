/** The keys of a seeded zone: how they are split, and each phase of replacing them. */
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import { keyFlag } from "../src/dnssec/key.ts";
import type { Dice } from "./seeded.ts";
import type { Draft } from "./signer-breaks.ts";
import { type Role, type SigningKey, dnsKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata } from "./signer.ts";

type Plan = (draft: Draft, dice: Dice) => void;

/** Algorithms by how often they occur; SHA-1 rarely, since Lethe does not believe it. */
export const ALGORITHMS: readonly (readonly [number, number])[] = [
  [4, algorithm.RSASHA256],
  [2, algorithm.RSASHA512],
  [6, algorithm.ECDSAP256SHA256],
  [3, algorithm.ECDSAP384SHA384],
  [4, algorithm.ED25519],
  [2, algorithm.ED448],
  [0.1, algorithm.RSASHA1],
  [0.1, algorithm.RSASHA1_NSEC3_SHA1],
];

/** Ways to hold and to replace keys (RFC 6781 §4.1, RFC 7583 §3, RFC 5011 §2.1). */
export const KEY_PLANS: Readonly<Record<string, Plan>> = {
  "ksk and zsk": () => {},
  "one key": (draft, dice) => {
    const both = another(draft, "all", dice);
    draft.ksk = both;
    draft.zsk = both;
    draft.published = [both];
    draft.dsKey = both;
  },
  "next zsk published": (draft, dice) => {
    draft.published.push(another(draft, "rest", dice));
  },
  "next zsk signs, old one published": (draft, dice) => {
    const next = another(draft, "rest", dice);
    draft.published.push(next);
    draft.zsk = next;
  },
  "two zsks sign": (draft, dice) => {
    const next = another(draft, "rest", dice);
    draft.published.push(next);
    draft.others.push(next);
  },
  "zsk replaced too early": (draft, dice) => {
    draft.zsk = another(draft, "rest", dice);
  },
  "two ksks, ds of the old one": twoKsks("old"),
  "two ksks, ds of both": twoKsks("both"),
  "two ksks, ds of the new one": twoKsks("new"),
  "ksk replaced too early": (draft, dice) => {
    const next = another(draft, "keys", dice);
    draft.published = [next, draft.zsk];
    draft.ksk = next;
  },
  "ds of a key that is kept back": (draft, dice) => {
    alsoDs(draft, another(draft, "keys", dice));
  },
  "old ksk revoked": (draft, dice) => {
    const old = revoked(another(draft, "keys", dice));
    draft.published.push(old);
    draft.others.push(old);
  },
  "only ksk revoked": (draft) => {
    const old = revoked(draft.ksk);
    draft.ksk = old;
    draft.dsKey = old;
    draft.published = [old, draft.zsk];
  },
  "two algorithms": twoAlgorithms("published", "signs"),
  "next algorithm signs": twoAlgorithms("hidden", "signs"),
  "next algorithm published": twoAlgorithms("published", "idle"),
  "two algorithms, ds of both": (draft, dice) => {
    const [ksk] = nextAlgorithm(draft, dice, "published", "signs");
    alsoDs(draft, ksk);
  },
  "ds of two algorithms, one signs": (draft, dice) => {
    const [ksk] = nextAlgorithm(draft, dice, "published", "idle");
    alsoDs(draft, ksk);
  },
};

/** Ways to choose the digests of a DS set (RFC 4509 §3, RFC 6605 §2). */
export const DS_PLANS: Readonly<Record<string, Plan>> = {
  "sha-256": () => {},
  "sha-384": digests(digestType.SHA384),
  "sha-1": digests(digestType.SHA1),
  "sha-1 and sha-256": digests(digestType.SHA1, digestType.SHA256),
  "sha-256 and sha-384": digests(digestType.SHA256, digestType.SHA384),
  "sha-256 and one unknown": (draft) => {
    addDs(draft, (right) => right.with(3, UNKNOWN_DIGEST));
  },
  "sha-256 and a wrong sha-1": (draft) => {
    addDs(draft, () => spoilt(dsRdata(draft.apex, draft.dsKey.key, digestType.SHA1)));
  },
  "sha-256 and a wrong sha-384": (draft) => {
    addDs(draft, () => spoilt(dsRdata(draft.apex, draft.dsKey.key, digestType.SHA384)));
  },
  "sha-384 and a wrong sha-256": (draft) => {
    addDs(draft, () => dsRdata(draft.apex, draft.dsKey.key, digestType.SHA384));
    changeDs(draft, ([first, ...more]) => [spoilt(first!), ...more]);
  },
  "a right sha-1 and a wrong sha-256": (draft) => {
    changeDs(draft, (all) => [
      ...all.map(spoilt),
      dsRdata(draft.apex, draft.dsKey.key, digestType.SHA1),
    ]);
  },
};

const UNKNOWN_DIGEST = 77;

function another(draft: Draft, role: Role, dice: Dice): SigningKey {
  return makeSigningKey({ algorithm: draft.ksk.key.algorithm, role, seed: dice.uint32() });
}

function twoKsks(which: "old" | "both" | "new"): Plan {
  return (draft, dice) => {
    const next = another(draft, "keys", dice);
    draft.published.push(next);
    draft.others.push(next);
    if (which === "both") alsoDs(draft, next);
    if (which === "new") draft.dsKey = next;
  };
}

function twoAlgorithms(shown: "published" | "hidden", signing: "signs" | "idle"): Plan {
  return (draft, dice) => {
    nextAlgorithm(draft, dice, shown, signing);
  };
}

/** A KSK and a ZSK of another algorithm than the zone's own. */
function nextAlgorithm(
  draft: Draft,
  dice: Dice,
  shown: "published" | "hidden",
  signing: "signs" | "idle",
): readonly [SigningKey, SigningKey] {
  const own = draft.ksk.key.algorithm;
  const number = own === algorithm.ECDSAP256SHA256 ? algorithm.ED25519 : algorithm.ECDSAP256SHA256;
  const ksk = makeSigningKey({ algorithm: number, role: "keys", seed: dice.uint32() });
  const zsk = makeSigningKey({ algorithm: number, role: "rest", seed: dice.uint32() });
  if (shown === "published") draft.published.push(ksk, zsk);
  if (signing === "signs") draft.others.push(ksk, zsk);
  return [ksk, zsk];
}

function revoked(old: SigningKey): SigningKey {
  const { flags, algorithm: number, publicKey } = old.key;
  return { ...old, key: dnsKey(flags | keyFlag.revoke, number, publicKey) };
}

function changeDs(draft: Draft, change: (all: Uint8Array[]) => Uint8Array[]): void {
  const before = draft.changeDs;
  draft.changeDs = (all) => change(before(all));
}

function addDs(draft: Draft, make: (right: Uint8Array) => Uint8Array): void {
  changeDs(draft, (all) => [...all, make(all[0]!)]);
}

function alsoDs(draft: Draft, { key }: SigningKey): void {
  addDs(draft, () => dsRdata(draft.apex, key, digestType.SHA256));
}

function digests(...types: readonly number[]): Plan {
  return (draft) => {
    changeDs(draft, ([, ...more]) => [
      ...types.map((type) => dsRdata(draft.apex, draft.dsKey.key, type)),
      ...more,
    ]);
  };
}

function spoilt(rdata: Uint8Array): Uint8Array {
  return rdata.with(rdata.length - 1, rdata.at(-1)! ^ 1);
}
