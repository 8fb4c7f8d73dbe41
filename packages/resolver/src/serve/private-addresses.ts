/**
 * Keeps private addresses out of answers from elsewhere, against DNS rebinding.
 *
 * A page of `evil.example` may talk to `evil.example`; if that name's address is a printer's at
 * home, it talks to the printer. So addresses in the operator's networks are taken out of what
 * others say: A and AAAA, IPv4 addresses inside of IPv6 ones, and the hints of SVCB and HTTPS
 * (RFC 9460 §7.3). What counts is the name that was asked for: an alias to a name at home is as
 * good to an attacker as the address.
 */
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isAtOrUnder, labelCount, uncompressedNameBytes } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { refusalReasons, tell } from "../base/extended-errors.ts";
import { NetworkTable } from "../privacy/networks.ts";
import type { Outcome } from "../recursor/outcome.ts";

export interface PrivateOptions {
  readonly networks: readonly { readonly ip: Uint8Array; readonly bits: number }[];
  /** Zones whose answers may hold private addresses. */
  readonly exempt: readonly Name[];
}

const PRIVATE = 1;
const PUBLIC = 0;

/** Keys of SVCB and HTTPS whose values are addresses (RFC 9460 §14.3.2). */
const IPV4_HINT = 4;
const IPV6_HINT = 6;

/** Where an IPv6 address holds an IPv4 one, and the bytes before it that say so. */
const V4_INSIDE: readonly (readonly [number, readonly number[]])[] = [
  [12, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
  [12, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  [12, [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]],
  [2, [0x20, 0x02]],
];

export class PrivateAddresses {
  readonly #table: NetworkTable | undefined;
  readonly #exempt: readonly Name[];

  /**
   * `ownZones`: those whose servers the operator names; they are exempt too. The root is not:
   * who forwards everything asks for everybody's names.
   */
  constructor(options: PrivateOptions | undefined, ownZones: readonly Name[]) {
    const networks = options?.networks ?? [];
    const rows = networks.map((network) => ({ ...network, view: PRIVATE }));
    this.#table = rows.length === 0 ? undefined : new NetworkTable(rows, PUBLIC);
    this.#exempt = [...(options?.exempt ?? []), ...ownZones.filter((zone) => labelCount(zone) > 0)];
  }

  /** An outcome without the records that hold private addresses; mostly the outcome as it is. */
  without(outcome: Outcome, question: Question): Outcome {
    if (this.#table === undefined || outcome.kind !== "answered") return outcome;
    if (this.#exempt.some((zone) => isAtOrUnder(question.name, zone))) return outcome;
    const answer = outcome.answer.map((set) => this.#withoutRecords(set));
    if (answer.every((set, index) => set === outcome.answer[index])) return outcome;
    const errors = [tell(refusalReasons.privateAddress, {}), ...outcome.errors];
    const left = answer.filter((set) => set.rdatas.length > 0);
    return { ...outcome, answer: left, verdict: "indeterminate", errors };
  }

  /** A set without records that hold private addresses; what is left is not what was signed. */
  #withoutRecords(set: RecordSet): RecordSet {
    if (!set.rdatas.some((rdata) => this.#isPrivate(set.type, rdata))) return set;
    const rdatas = set.rdatas.filter((rdata) => !this.#isPrivate(set.type, rdata));
    return { ...set, rdatas, signatures: [] };
  }

  #isPrivate(type: number, rdata: Uint8Array): boolean {
    if (type === rrType.A || type === rrType.AAAA) return this.#isWithin(rdata, 0, rdata.length);
    return (type === rrType.SVCB || type === rrType.HTTPS) && this.#hasPrivateHint(rdata);
  }

  /** Says whether the address of `size` bytes at `at` is private, or holds one that is. */
  #isWithin(bytes: Uint8Array, at: number, size: number): boolean {
    const table = this.#table!;
    if (table.lookup(bytes, at, size) === PRIVATE) return true;
    if (size !== 16) return false;
    return V4_INSIDE.some(
      ([inside, before]) =>
        before.every((byte, index) => bytes[at + index] === byte) &&
        table.lookup(bytes, at + inside, 4) === PRIVATE,
    );
  }

  /** Looks through the parameters behind priority and target. Input is hostile: never throws. */
  #hasPrivateHint(rdata: Uint8Array): boolean {
    const nameBytes = uncompressedNameBytes(rdata, 2, rdata.length);
    if (nameBytes === 0) return false;
    for (let at = 2 + nameBytes; at + 4 <= rdata.length;) {
      const key = getU16(rdata, at);
      const end = Math.min(at + 4 + getU16(rdata, at + 2), rdata.length);
      const size = key === IPV4_HINT ? 4 : key === IPV6_HINT ? 16 : 0;
      if (size > 0 && this.#holdsPrivate(rdata, at + 4, end, size)) return true;
      at = end;
    }
    return false;
  }

  /** Says whether one of the addresses of `size` bytes from `at` to `end` is private. */
  #holdsPrivate(bytes: Uint8Array, at: number, end: number, size: number): boolean {
    for (let ip = at; ip + size <= end; ip += size) {
      if (this.#isWithin(bytes, ip, size)) return true;
    }
    return false;
  }
}
