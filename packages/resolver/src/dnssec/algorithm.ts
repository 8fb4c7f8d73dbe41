/**
 * Which DNSSEC algorithms and digests are believed, and why.
 *
 * An algorithm or digest that is not makes a zone that has no other insecure, never bogus
 * (RFC 4035 §5.2): its owner signed it, and nobody here can tell whether rightly.
 *
 * Source: IANA "DNS Security Algorithm Numbers" and "Digest Algorithms".
 */

/** Numbers of the algorithms that `crypto.ts` can check. */
export const algorithm = {
  RSASHA1: 5,
  RSASHA1_NSEC3_SHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
} as const;

/** Numbers of the DS digests that `crypto.ts` can make. */
export const digestType = { SHA1: 1, SHA256: 2, SHA384: 4 } as const;

/**
 * `checked`: signatures are verified. `deprecated`: they can be, and are only where the operator
 * says so. `unsupported`: they cannot.
 */
export type Support = "checked" | "deprecated" | "unsupported";

export interface AlgorithmRow {
  readonly mnemonic: string;
  readonly support: Support;
  readonly why: string;
}

const ALGORITHMS: ReadonlyMap<number, AlgorithmRow> = new Map([
  [0, row("DELETE", "unsupported", "RFC 8078 §4: asks for the removal of a DS, and signs nothing")],
  [1, row("RSAMD5", "unsupported", "RFC 6944 §2.3: MD5 is broken")],
  [2, row("DH", "unsupported", "a key exchange: signs nothing")],
  [3, row("DSA", "unsupported", "RFC 8624 §3.1: must not be validated")],
  [5, row("RSASHA1", "deprecated", "RFC 9905 §2: operators treat it as unsupported")],
  [6, row("DSA-NSEC3-SHA1", "unsupported", "RFC 8624 §3.1: must not be validated")],
  [7, row("RSASHA1-NSEC3-SHA1", "deprecated", "RFC 9905 §2: operators treat it as unsupported")],
  [8, row("RSASHA256", "checked", "RFC 5702 §3.1: the root's own")],
  [10, row("RSASHA512", "checked", "RFC 5702 §3.2: must be validated")],
  [12, row("ECC-GOST", "unsupported", "RFC 9906 §2: GOST R 34.10-2001 was retired")],
  [13, row("ECDSAP256SHA256", "checked", "RFC 6605 §4: what most zones use today")],
  [14, row("ECDSAP384SHA384", "checked", "RFC 6605 §4: recommended for validation")],
  [15, row("ED25519", "checked", "RFC 8080 §4: recommended for signing and validation")],
  [16, row("ED448", "checked", "RFC 8080 §4: recommended for validation")],
  [17, row("SM2SM3", "unsupported", "RFC 9563 §7: informational, optional")],
  [23, row("ECC-GOST12", "unsupported", "RFC 9558 §8: informational, optional")],
  [252, row("INDIRECT", "unsupported", "reserved: never defined")],
  [253, row("PRIVATEDNS", "unsupported", "a private algorithm: its meaning is not known here")],
  [254, row("PRIVATEOID", "unsupported", "a private algorithm: its meaning is not known here")],
]);

const DIGESTS: ReadonlyMap<number, AlgorithmRow> = new Map([
  // RFC 9905 §2 takes SHA-1 from signatures, not from validating digests: a second preimage
  // of a DNSKEY is still out of reach. It counts only where no better digest stands beside it.
  [1, row("SHA-1", "checked", "RFC 4509 §3: only where no better digest stands beside it")],
  [2, row("SHA-256", "checked", "RFC 4509 §2: must be validated")],
  [3, row("GOST R 34.11-94", "unsupported", "RFC 9906 §2: was retired")],
  [4, row("SHA-384", "checked", "RFC 6605 §2: recommended for validation")],
  [5, row("GOST R 34.11-2012", "unsupported", "RFC 9558 §8: informational, optional")],
  [6, row("SM3", "unsupported", "RFC 9563 §7: informational, optional")],
]);

const UNASSIGNED = row("unassigned", "unsupported", "no such number was given");

function row(mnemonic: string, support: Support, why: string): AlgorithmRow {
  return { mnemonic, support, why };
}

/** What is known of a DNSSEC algorithm number. */
export function algorithmRow(number: number): AlgorithmRow {
  return ALGORITHMS.get(number) ?? UNASSIGNED;
}

/** What is known of a DS digest number. */
export function digestRow(number: number): AlgorithmRow {
  return DIGESTS.get(number) ?? UNASSIGNED;
}

/** Says whether signatures of this algorithm are checked; `trustsSha1` takes deprecated ones in. */
export function isChecked(number: number, trustsSha1: boolean): boolean {
  const { support } = algorithmRow(number);
  return support === "checked" || (support === "deprecated" && trustsSha1);
}
