/**
 * A small zone to sign, with one of each thing that proofs must tell apart.
 *
 * Names are given as text without escapes: `www.example` is two labels.
 */
import { setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameFromLabels } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { joined } from "./signer-bytes.ts";

const TTL_S = 3600;
const NEGATIVE_TTL_S = 300;

/** The name of these labels, divided by dots; the empty text is the root. */
export function plainName(text: string): Name {
  if (text === "") return ROOT;
  const name = nameFromLabels(text.split(".").map((label) => new TextEncoder().encode(label)));
  assert(name !== undefined, "a name in a test is a name");
  return name;
}

/** A record of class IN. */
function plainRecord(name: string, type: number, rdata: Uint8Array): ResourceRecord {
  return { name: plainName(name), type, class: 1, ttl: TTL_S, rdata };
}

function soaRdata(apex: string): Uint8Array {
  const numbers = new Uint8Array(20);
  for (const [i, value] of [1, 7200, 3600, 86400, NEGATIVE_TTL_S].entries()) {
    setU32(numbers, 4 * i, value);
  }
  return joined(plainName(`ns.${apex}`), plainName(`hostmaster.${apex}`), numbers);
}

/**
 * The unsigned zone: an apex with a name server, `www`, a wildcard `*.wild`, an alias, a name
 * two labels below an empty one, a signed, an unsigned and a deep unsigned delegation, a DNAME.
 */
export function smallZone(apex: string): ResourceRecord[] {
  const address = Uint8Array.of(192, 0, 2, 1);
  const otherAddress = Uint8Array.of(192, 0, 2, 2);
  const text = Uint8Array.of(5, ...new TextEncoder().encode("hello"));
  const ds = Uint8Array.of(0x30, 0x39, 15, 2, ...new Uint8Array(32).fill(7));
  const cut = (name: string): ResourceRecord[] => [
    plainRecord(`${name}.${apex}`, rrType.NS, plainName(`ns.${name}.${apex}`)),
    plainRecord(`ns.${name}.${apex}`, rrType.A, address),
  ];
  return [
    plainRecord(apex, rrType.SOA, soaRdata(apex)),
    plainRecord(apex, rrType.NS, plainName(`ns.${apex}`)),
    plainRecord(apex, rrType.MX, joined(Uint8Array.of(0, 10), plainName(`www.${apex}`))),
    plainRecord(`ns.${apex}`, rrType.A, address),
    plainRecord(`www.${apex}`, rrType.A, address),
    plainRecord(`www.${apex}`, rrType.A, otherAddress),
    plainRecord(`www.${apex}`, rrType.TXT, text),
    plainRecord(`alias.${apex}`, rrType.CNAME, plainName(`www.${apex}`)),
    plainRecord(`*.wild.${apex}`, rrType.A, address),
    plainRecord(`deep.in.empty.${apex}`, rrType.A, address),
    plainRecord(`away.${apex}`, rrType.DNAME, plainName("elsewhere.test")),
    ...cut("signed"),
    plainRecord(`signed.${apex}`, rrType.DS, ds),
    ...cut("unsigned"),
    ...cut("unsigned.below"),
  ];
}
