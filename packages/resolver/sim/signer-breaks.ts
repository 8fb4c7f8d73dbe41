/**
 * The 52 ways to configure a zone of the study of Extended DNS Errors (IMC 2023): each a zone, the
 * DS records that its parent has, and how its servers behave.
 *
 * A zone begins sound: a KSK and a ZSK, NSEC3 without salt and extra iterations, valid from an
 * hour ago for thirty days. A row then changes one thing: what is signed with, what stands in the
 * zone before it is signed, or what stands in it afterwards.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import { CASES } from "./signer-cases.ts";
import { type Denial, withDenial } from "./signer-denial.ts";
import { type SigningKey, makeSigningKey } from "./signer-keys.ts";
import { dsRdata, withKeys, withSignatures } from "./signer.ts";

/** How the servers of a zone behave. */
export type Serving =
  | "normal"
  | "refuses-everyone"
  | "refuses-all-but-loopback"
  | "not-authoritative"
  | "glue-in-ipv4-documentation-range"
  | "glue-in-ipv6-documentation-range";

/** A zone as it stands before one thing is changed. */
export interface Draft {
  readonly apex: Name;
  readonly nowS: number;
  ksk: SigningKey;
  zsk: SigningKey;
  /** Keys that sign beside these, in the midst of a rollover. */
  others: SigningKey[];
  /** The keys that stand in the zone; all sign whether they do or not. */
  published: SigningKey[];
  /** The key that the parent's DS is made of. */
  dsKey: SigningKey;
  inceptionS: number;
  expirationS: number;
  denial: Denial;
  isSigned: boolean;
  serving: Serving;
  /** Changes the parent's DS records. */
  changeDs: (rdatas: Uint8Array[]) => Uint8Array[];
  /** Changes the records before they are signed. */
  changeUnsigned: Change;
  /** Changes the signed records. */
  changeSigned: Change;
}

export type Change = (records: ResourceRecord[], draft: Draft) => ResourceRecord[];

/** A zone to be served, and what its parent says of it. */
export interface CaseZone {
  readonly records: readonly ResourceRecord[];
  readonly ds: readonly Uint8Array[];
  readonly serving: Serving;
}

/** The names of all cases: the subdomains of the study. */
export const CASE_NAMES: readonly string[] = Object.keys(CASES);

/** Algorithm of the sound zone. */
const ALGORITHM = algorithm.ECDSAP256SHA256;
const HOUR_S = 3600;
const THIRTY_DAYS_S = 30 * 86400;

/**
 * Makes the zone of a case from the unsigned records of `apex`, or undefined where there is no
 * such case. The same seed gives the same keys.
 */
export function makeCase(
  name: string,
  records: readonly ResourceRecord[],
  apex: Name,
  nowS: number,
  seed: number,
): CaseZone | undefined {
  const change = CASES[name];
  if (change === undefined) return undefined;
  const draft = soundDraft(apex, nowS, ALGORITHM, seed);
  change(draft);
  return makeDrafted(draft, records);
}

/** Makes the zone of a draft from its unsigned records. */
export function makeDrafted(draft: Draft, records: readonly ResourceRecord[]): CaseZone {
  const { apex, ksk, zsk, serving } = draft;
  if (!draft.isSigned) return { records, ds: [], serving };
  const published = draft.published.map((key) => key.key);
  const keyed = withKeys(records, apex, published);
  const denied = draft.changeUnsigned(withDenial(keyed, apex, draft.denial), draft);
  const keys = [...new Set([ksk, zsk, ...draft.others])];
  const signed = withSignatures(denied, { ...draft, keys });
  const ds = draft.changeDs([dsRdata(apex, draft.dsKey.key, digestType.SHA256)]);
  return { records: draft.changeSigned(signed, draft), ds, serving };
}

/** A draft with nothing wrong: a KSK and a ZSK of an algorithm, made from a seed. */
export function soundDraft(apex: Name, nowS: number, number: number, seed: number): Draft {
  const ksk = makeSigningKey({ algorithm: number, role: "keys", seed });
  const zsk = makeSigningKey({ algorithm: number, role: "rest", seed: seed + 1 });
  return {
    apex,
    nowS,
    ksk,
    zsk,
    others: [],
    published: [ksk, zsk],
    dsKey: ksk,
    inceptionS: nowS - HOUR_S,
    expirationS: nowS + THIRTY_DAYS_S,
    denial: { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: false },
    isSigned: true,
    serving: "normal",
    changeDs: (rdatas) => rdatas,
    changeUnsigned: (all) => all,
    changeSigned: (all) => all,
  };
}
