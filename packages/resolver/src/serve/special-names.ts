/**
 * Names that are not looked up in the DNS of the Internet: answered here, each with its reason.
 *
 * Asking the root for them would tell others what somebody's own network is like, and get no
 * answer. All of them are denied, but for `localhost`, which has the loopback addresses.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { assert } from "../base/assert.ts";

/** What is done with names at and under a special one. */
export type Special =
  /** The name does not exist. */
  | "no-name"
  /** Addresses of this host itself. */
  | "loopback";

interface Row {
  readonly name: Name;
  readonly special: Special;
}

const DENIED = [
  "invalid.", // RFC 6761 §6.4
  "test.", // RFC 6761 §6.2
  "onion.", // RFC 7686 §2
  "alt.", // RFC 9476 §2
  "local.", // RFC 6762 §22.1
  "home.arpa.", // RFC 8375 §4
  "resolver.arpa.", // RFC 9462: no designated resolver to tell of yet
  "0.in-addr.arpa.", // this and the following: RFC 6303 §4
  "127.in-addr.arpa.",
  "254.169.in-addr.arpa.",
  "2.0.192.in-addr.arpa.",
  "100.51.198.in-addr.arpa.",
  "113.0.203.in-addr.arpa.",
  "255.255.255.255.in-addr.arpa.",
  "10.in-addr.arpa.",
  "168.192.in-addr.arpa.",
  ...Array.from({ length: 16 }, (_, i) => `${i + 16}.172.in-addr.arpa.`),
  `${"0.".repeat(32)}ip6.arpa.`,
  `1.${"0.".repeat(31)}ip6.arpa.`,
  "d.f.ip6.arpa.",
  "8.e.f.ip6.arpa.",
  "9.e.f.ip6.arpa.",
  "a.e.f.ip6.arpa.",
  "b.e.f.ip6.arpa.",
  "8.b.d.0.1.0.0.2.ip6.arpa.",
] as const;

const TABLE: readonly Row[] = [
  { name: known("localhost."), special: "loopback" }, // RFC 6761 §6.3
  ...DENIED.map((text): Row => ({ name: known(text), special: "no-name" })),
];

function known(text: string): Name {
  const name = nameFromText(text);
  assert(name !== undefined, "the table holds names");
  return name;
}

/** What is special about a name, or undefined: then the DNS is asked. */
export function specialOf(name: Name): Special | undefined {
  return TABLE.find((row) => isAtOrUnder(name, row.name))?.special;
}

/** The loopback address of a type, or undefined where the type is none of addresses. */
export function loopbackAddress(type: number): Uint8Array | undefined {
  if (type === rrType.A) return Uint8Array.of(127, 0, 0, 1);
  if (type !== rrType.AAAA) return undefined;
  const address = new Uint8Array(16);
  address[15] = 1;
  return address;
}
