/**
 * The attacking zones of the sandbox: ATTACK.attacks.lethe, one for each way to make a validating
 * resolver work or believe what it should not.
 *
 * Each has a server of its own. Making them costs more than all of the rest of the sandbox, so a
 * zone is made when its server is first asked.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { ipFromText } from "../src/base/address.ts";
import { algorithm, digestType } from "../src/dnssec/algorithm.ts";
import type { AttackDraft, AttackZone } from "./attack-draft.ts";
import { attackChanges } from "./sandbox-attack-changes.ts";
import { withDenial } from "./signer-denial.ts";
import { makeSigningKey } from "./signer-keys.ts";
import { plainName } from "./signer-zone.ts";
import { dsRdata, withKeys, withSignatures } from "./signer.ts";

/** Above all attacks. */
export const ATTACKS_ZONE = "attacks.lethe";

/** One attacking zone: where it is served, and what its parent says of it. */
export interface SandboxAttack {
  readonly apex: Name;
  /** The address where its server listens. */
  readonly ip: string;
  /** The delegation: NS, glue and DS. */
  readonly delegation: readonly ResourceRecord[];
  /** The zone and those that its server has beside it. */
  readonly make: () => AttackZone[];
}

const TTL_S = 600;
const HOUR_S = 3600;
const THIRTY_DAYS_S = 30 * 86400;
/** The last octet of the first attack's address: 127.53.5.10. */
const HOST_FIRST = 10;
/** Keys of the attacks are made from seeds that no other zone uses. */
const SEED_FIRST = 2000;

/** All attacks. `nowS`: when signatures begin to count; `plain`: the zone without its server. */
export function sandboxAttacks(
  nowS: number,
  plain: (apex: Name) => readonly ResourceRecord[],
): SandboxAttack[] {
  return Object.entries(attackChanges).map(([name, change], i) => {
    const apex = plainName(`${name}.${ATTACKS_ZONE}`);
    const ip = `127.53.5.${HOST_FIRST + i}`;
    const server = plainName(`ns.${name}.${ATTACKS_ZONE}`);
    const seed = SEED_FIRST + 10 * i;
    const draft = (): AttackDraft => {
      const sound = soundDraft(apex, nowS, seed);
      change(sound);
      return sound;
    };
    const ds = draft().ds();
    return {
      apex,
      ip,
      delegation: [
        record(apex, rrType.NS, server),
        addressOf(server, ip),
        ...ds.map((rdata) => record(apex, rrType.DS, rdata)),
      ],
      make: () => made(draft(), [...plain(apex), addressOf(server, ip)]),
    };
  });
}

/** A zone with a KSK, a ZSK and NSEC, from which an attack departs. */
function soundDraft(apex: Name, nowS: number, seed: number): AttackDraft {
  const number = algorithm.ECDSAP256SHA256;
  const ksk = makeSigningKey({ algorithm: number, role: "keys", seed });
  return {
    apex,
    seed,
    ksk,
    zsk: makeSigningKey({ algorithm: number, role: "rest", seed: seed + 1 }),
    inceptionS: nowS - HOUR_S,
    expirationS: nowS + THIRTY_DAYS_S,
    denial: { kind: "nsec" },
    behaviours: [],
    ds: () => [dsRdata(apex, ksk.key, digestType.SHA256)],
    moreKeys: () => [],
    moreRecords: () => [],
    changeUnsigned: (records) => records,
    changeSigned: (records) => records,
    moreZones: () => [],
  };
}

function made(draft: AttackDraft, records: readonly ResourceRecord[]): AttackZone[] {
  const { apex, ksk, zsk, denial, behaviours } = draft;
  const keys = [ksk.key, zsk.key, ...draft.moreKeys()];
  const keyed = withKeys([...records, ...draft.moreRecords()], apex, keys);
  const denied = draft.changeUnsigned(withDenial(keyed, apex, denial));
  const signed = draft.changeSigned(withSignatures(denied, { ...draft, keys: [ksk, zsk] }));
  return [{ apex, records: signed, behaviours }, ...draft.moreZones(signed)];
}

function addressOf(name: Name, ip: string): ResourceRecord {
  const rdata = ipFromText(ip);
  assert(rdata !== undefined, "the table holds addresses");
  return record(name, rrType.A, rdata);
}

function record(name: Name, type: number, rdata: Uint8Array): ResourceRecord {
  return { name, type, class: rrClass.IN, ttl: TTL_S, rdata };
}
