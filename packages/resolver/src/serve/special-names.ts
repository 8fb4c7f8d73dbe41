/**
 * Special-use names (RFC 6761) and zones that every resolver serves by itself (RFC 6303).
 *
 * Questions for these never leave: servers upstream could only say that there is no such name, and
 * would learn who uses it. A zone that is configured here by its operator wins over this table.
 */
import { setU32 } from "@lethe/wire/bytes.ts";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  isAtOrUnder,
  labelCount,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Answered } from "../recursor/outcome.ts";
import { localAnswer, localOutcome, plainName } from "./local-answers.ts";

/**
 * How a name and those below it are answered.
 *
 * - `empty`: a zone with nothing but its SOA and NS; nothing exists below
 * - `no-name`: neither the name nor anything below exists
 * - `no-data`: everything exists and has no data
 * - `loopback`: everything has the loopback addresses and nothing else
 */
type Manner = "empty" | "no-name" | "no-data" | "loopback";

/** Names by manner. Each group has the document that asks for it. */
const TABLE: readonly (readonly [Manner, readonly string[]])[] = [
  ["loopback", ["localhost."]], // RFC 6761 §6.3
  ["no-name", ["invalid."]], // RFC 6761 §6.4
  ["no-name", ["test."]], // RFC 6761 §6.2
  ["no-name", ["local."]], // RFC 6762 §22.1: multicast DNS
  ["no-name", ["onion."]], // RFC 7686 §2: Tor
  ["no-name", ["alt."]], // RFC 9476: names of other systems
  ["empty", ["home.arpa."]], // RFC 8375 §4: homenets
  ["no-data", ["resolver.arpa."]], // RFC 9462 §6.4: but for discovery.ts
  ["empty", ["service.arpa."]], // RFC 9665: service registration
  ["empty", ["10.in-addr.arpa.", "168.192.in-addr.arpa."]], // RFC 6303 §4.1
  ["empty", octets(16, 31).map((octet) => `${octet}.172.in-addr.arpa.`)], // RFC 6303 §4.1
  ["empty", ["0.in-addr.arpa.", "127.in-addr.arpa.", "254.169.in-addr.arpa."]], // RFC 6303 §4.2
  ["empty", ["2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa."]], // RFC 6303 §4.2
  ["empty", ["113.0.203.in-addr.arpa.", "255.255.255.255.in-addr.arpa."]], // RFC 6303 §4.2
  ["empty", ["0", "1"].map((nibble) => `${nibble}.${"0.".repeat(31)}ip6.arpa.`)], // RFC 6303 §4.3
  ["empty", ["d.f.ip6.arpa."]], // RFC 6303 §4.4
  ["empty", ["8", "9", "a", "b"].map((nibble) => `${nibble}.e.f.ip6.arpa.`)], // RFC 6303 §4.5
  ["empty", ["8.b.d.0.1.0.0.2.ip6.arpa."]], // RFC 6303 §4.6
  ["empty", octets(64, 127).map((octet) => `${octet}.100.in-addr.arpa.`)], // RFC 7793
];

interface SpecialZone {
  readonly apex: Name;
  readonly manner: Manner;
}

const ZONES: ReadonlyMap<string, SpecialZone> = new Map(
  TABLE.flatMap(([manner, names]) =>
    names.map((text) => {
      const apex = plainName(text);
      return [nameKey(apex), { apex, manner }] as const;
    }),
  ),
);

/** The last labels of the names above: all that most questions are compared with. */
const LAST_LABELS: ReadonlySet<string> = new Set(
  [...ZONES.values()].map(({ apex }) => nameKey(ancestorWithLabels(apex, 1))),
);

/** The labels of the longest name above, the reverse of ::1. */
const LABELS_MAX = 34;

/** TTL and contents of the SOA that RFC 6303 §3 shows. */
const TTL_S = 10_800;
const SOA_NUMBERS = [1, 3600, 1200, 604_800, TTL_S] as const;
const NOBODY = plainName("nobody.invalid.");

const LOOPBACK_V4 = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_V6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

export class SpecialNames {
  readonly #ownZones: readonly Name[];

  /** `ownZones` are configured here: stub, forward and local zones. */
  constructor(ownZones: readonly Name[]) {
    this.#ownZones = ownZones;
  }

  /** The answer to a question for a special name; undefined for all others. */
  answer(question: Question): Answered | undefined {
    const zone = zoneOf(question.name);
    if (zone === undefined) return undefined;
    if (this.#ownZones.some((own) => isAtOrUnder(question.name, own))) return undefined;
    const { apex, manner } = zone;
    const isApex = question.name.length === apex.length;
    if (isApex && question.type === rrType.DS && isDelegated(manner)) return undefined;
    if (manner === "loopback") return loopback(question) ?? denied(question, apex, rcode.NOERROR);
    if (manner === "empty" && isApex) {
      return ofApex(question) ?? denied(question, apex, rcode.NOERROR);
    }
    return denied(question, apex, manner === "no-data" ? rcode.NOERROR : rcode.NXDOMAIN);
  }
}

/**
 * Says whether the zone above delegates such a zone. There the DS question is answered, with the
 * proof that there is no such set: else a client that validates finds our answers bogus
 * (RFC 8375 §4).
 */
function isDelegated(manner: Manner): boolean {
  return manner === "empty" || manner === "no-data";
}

/** Says whether a name is or lies in a special zone: no public zone can be there. */
export function isSpecial(name: Name): boolean {
  return zoneOf(name) !== undefined;
}

/** The special zone that a name is or lies in. */
function zoneOf(name: Name): SpecialZone | undefined {
  if (!LAST_LABELS.has(nameKey(ancestorWithLabels(name, 1)))) return undefined;
  for (let at = ancestorWithLabels(name, LABELS_MAX); labelCount(at) > 0; at = parentOf(at)) {
    const zone = ZONES.get(nameKey(at));
    if (zone !== undefined) return zone;
  }
  return undefined;
}

function loopback(question: Question): Answered | undefined {
  if (question.type === rrType.A) return localAnswer(question, TTL_S, LOOPBACK_V4);
  if (question.type === rrType.AAAA) return localAnswer(question, TTL_S, LOOPBACK_V6);
  return undefined;
}

function ofApex(question: Question): Answered | undefined {
  if (question.type === rrType.SOA) return localAnswer(question, TTL_S, soaRdata(question.name));
  if (question.type === rrType.NS) return localAnswer(question, TTL_S, question.name);
  return undefined;
}

function denied(question: Question, apex: Name, code: number): Answered {
  const soa: RecordSet = {
    name: apex,
    type: rrType.SOA,
    class: question.class,
    ttl: TTL_S,
    rdatas: [soaRdata(apex)],
    signatures: [],
  };
  return localOutcome(code, [], [soa]);
}

function soaRdata(apex: Name): Uint8Array {
  const rdata = new Uint8Array(apex.length + NOBODY.length + 4 * SOA_NUMBERS.length);
  rdata.set(apex);
  rdata.set(NOBODY, apex.length);
  const numbersAt = apex.length + NOBODY.length;
  for (const [i, number] of SOA_NUMBERS.entries()) setU32(rdata, numbersAt + 4 * i, number);
  return rdata;
}

function octets(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
