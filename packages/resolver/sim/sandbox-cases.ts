/**
 * The misconfigured zones of the sandbox: CASE.ede.lethe, one for each row of `signer-cases.ts`.
 *
 * They are the subdomains of the study of Extended DNS Errors (IMC 2023). Each has a server of its
 * own, so that what a resolver learns of one says nothing of another; ede.lethe, which delegates
 * them, is sound and signed.
 */
import { rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { ipFromText } from "../src/base/address.ts";
import type { Behaviour } from "./authority-behaviour.ts";
import { CASE_NAMES, type CaseZone, type Serving, makeCase } from "./signer-breaks.ts";
import { plainName } from "./signer-zone.ts";

/** Above all cases. */
export const CASES_ZONE = "ede.lethe";

/** One misconfigured zone: where it is served, and what its parent says of it. */
export interface SandboxCase {
  readonly apex: Name;
  /** The address where its server listens. */
  readonly ip: string;
  readonly records: readonly ResourceRecord[];
  readonly behaviours: readonly Behaviour[];
  /** The delegation: NS, glue and DS. */
  readonly delegation: readonly ResourceRecord[];
}

/** What is wrong with each zone. */
export const caseMeanings: Readonly<Record<string, string>> = {
  valid: "nothing",
  unsigned: "nothing; it is not signed",
  "allow-query-none": "its server refuses everybody",
  "allow-query-localhost": "its server refuses everybody but itself",
  "not-auth": "its server does not have it",
  "v4-doc": "glue is an address for documentation (RFC 5737)",
  "v6-doc": "glue is an IPv6 address for documentation (RFC 3849)",
  "no-ds": "it is signed, and no DS says so",
  "ds-bad-tag": "DS with the tag of no key",
  "ds-bad-key-algo": "DS with another algorithm than its key",
  "ds-unassigned-key-algo": "DS with an algorithm that nobody has defined (100)",
  "ds-reserved-key-algo": "DS with an algorithm that is reserved (200)",
  "ds-unassigned-digest-algo": "DS with a digest type that nobody has defined (100)",
  "ds-bogus-digest-value": "DS with the digest of another key",
  "rrsig-exp-all": "all signatures have expired",
  "rrsig-exp-a": "signatures of A have expired",
  "rrsig-not-yet-all": "no signature is valid yet",
  "rrsig-not-yet-a": "signatures of A are not valid yet",
  "rrsig-exp-before-all": "all signatures expired before they began",
  "rrsig-exp-before-a": "signatures of A expired before they began",
  "rrsig-no-all": "no signatures",
  "rrsig-no-a": "no signature of A",
  "no-rrsig-ksk": "keys without a signature by the KSK",
  "no-rrsig-dnskey": "keys without a signature",
  "bad-rrsig-ksk": "keys with a wrong signature by the KSK",
  "bad-rrsig-dnskey": "keys with wrong signatures",
  "no-zsk": "the ZSK is not among the keys",
  "bad-zsk": "another ZSK is among the keys",
  "no-ksk": "the KSK is not among the keys",
  "bad-ksk": "another KSK is among the keys",
  "no-dnskey-256": "the ZSK is not marked as a zone's key",
  "no-dnskey-257": "the KSK is not marked as a zone's key",
  "no-dnskey-256-257": "neither key is marked as a zone's key",
  "bad-zsk-algo": "the ZSK has another algorithm than its signatures",
  "unassigned-zsk-algo": "the ZSK has an algorithm that nobody has defined (100)",
  "reserved-zsk-algo": "the ZSK has an algorithm that is reserved (200)",
  "bad-nsec3-hash": "NSEC3 owners that match nothing",
  "bad-nsec3-next": "NSEC3 records that cover nothing",
  "bad-nsec3-rrsig": "wrong signatures of NSEC3",
  "bad-nsec3param-salt": "NSEC3PARAM with another salt than NSEC3",
  "nsec3-missing": "no NSEC3",
  "nsec3-rrsig-missing": "no signatures of NSEC3",
  "nsec3param-missing": "no NSEC3PARAM",
  "no-nsec3param-nsec3": "neither NSEC3PARAM nor NSEC3",
  "nsec3-iter-1": "NSEC3 with 1 extra iteration",
  "nsec3-iter-51": "NSEC3 with 51 extra iterations",
  "nsec3-iter-101": "NSEC3 with 101 extra iterations",
  "nsec3-iter-151": "NSEC3 with 151 extra iterations",
  "nsec3-iter-200": "NSEC3 with 200 extra iterations",
  ed448: "signed with Ed448",
  dsa: "signed with DSA, which nobody validates any more",
  rsamd5: "signed with RSA and MD5, which nobody validates any more",
};

const BEHAVIOURS: Readonly<Record<Serving, readonly Behaviour[]>> = {
  normal: [],
  "refuses-everyone": [{ kind: "says", rcode: rcode.REFUSED }],
  // Who asks here is at a loopback address too, but not at the server's.
  "refuses-all-but-loopback": [{ kind: "says", rcode: rcode.REFUSED }],
  "not-authoritative": [{ kind: "lame" }],
  "glue-in-ipv4-documentation-range": [],
  "glue-in-ipv6-documentation-range": [],
};

/** Addresses of servers that the parent names falsely. */
const WRONG_GLUE: Readonly<Partial<Record<Serving, string>>> = {
  "glue-in-ipv4-documentation-range": "203.0.113.53",
  "glue-in-ipv6-documentation-range": "2001:db8::53",
};

const TTL_S = 600;
/** The last octet of the first case's address: 127.53.4.10. */
const HOST_FIRST = 10;
/** Keys of the cases are made from seeds that no other zone uses. */
const SEED_FIRST = 1000;

/** All cases. `nowS`: when signatures begin to count; `plain`: the zone without its server. */
export function sandboxCases(
  nowS: number,
  plain: (apex: Name) => readonly ResourceRecord[],
): SandboxCase[] {
  return CASE_NAMES.map((name, i) => {
    const apex = plainName(`${name}.${CASES_ZONE}`);
    const ip = `127.53.4.${HOST_FIRST + i}`;
    const server = plainName(`ns.${name}.${CASES_ZONE}`);
    const records = [...plain(apex), addressOf(server, ip)];
    const made = makeCase(name, records, apex, nowS, SEED_FIRST + 2 * i);
    assert(made !== undefined, "every case of the table can be made");
    const glue = addressOf(server, WRONG_GLUE[made.serving] ?? ip);
    return {
      apex,
      ip,
      records: made.records,
      behaviours: BEHAVIOURS[made.serving],
      delegation: [record(apex, rrType.NS, server), glue, ...dsOf(apex, made)],
    };
  });
}

function addressOf(name: Name, ip: string): ResourceRecord {
  const rdata = ipFromText(ip);
  assert(rdata !== undefined, "the table holds addresses");
  return record(name, rdata.length === 4 ? rrType.A : rrType.AAAA, rdata);
}

function dsOf(apex: Name, made: CaseZone): ResourceRecord[] {
  return made.ds.map((rdata) => record(apex, rrType.DS, rdata));
}

function record(name: Name, type: number, rdata: Uint8Array): ResourceRecord {
  return { name, type, class: rrClass.IN, ttl: TTL_S, rdata };
}
