/**
 * Everything that is told by Extended DNS Errors (RFC 8914): one row a reason.
 *
 * Texts name zones, records and servers in the manner of 1.1.1.1, so that who reads its errors
 * reads these. docs/ede.md is made of this table. Codes are those of the IANA registry.
 *
 * PRIVACY: a text goes to who asked, and into the memory of the caches; never into a log line,
 * where it would tell what was asked.
 */
import { limits } from "./limits.ts";

const TEXT_BYTES_MAX = limits.errorTextBytesMax.value;

/** A reason: its INFO-CODE, when it is given, and its EXTRA-TEXT with gaps as `{zone}`. */
export interface Reason<Text extends string = string> {
  readonly code: number;
  readonly when: string;
  readonly text: Text;
}

function row<const Text extends string>(code: number, when: string, text: Text): Reason<Text> {
  return { code, when, text };
}

/** Reasons of validation. */
export const validationReasons = {
  noAlgorithm: row(
    1,
    "no DS record of a zone names an algorithm that is checked: it counts as unsigned",
    "no supported DNSKEY algorithm for {zone}",
  ),
  noDigest: row(
    2,
    "no DS record of a zone has a digest that can be made: it counts as unsigned",
    "no supported DS digest type for {zone}",
  ),
  noAnchor: row(
    5,
    "answers are validated, and no trust anchor stands at or above the name",
    "no trust anchor above {name}",
  ),
  doesNotVerify: row(
    6,
    "a signature that applies is not the key's",
    "for DNSKEY {zone}, id = {tag}: RRSIG {name} {type} does not verify",
  ),
  wrongLabels: row(
    6,
    "a signature claims more labels than the name has, or fewer than its zone",
    "for DNSKEY {zone}, id = {tag}: RRSIG {name} {type} has a wrong number of labels",
  ),
  dsFromWildcard: row(
    6,
    "a DS record was made from a wildcard, which stands for no cut",
    "DS {name} is made from a wildcard",
  ),
  cutUnknown: row(
    6,
    "nobody could say whether a zone is signed; why follows as an error of its own",
    "failed to get DS {name}",
  ),
  tooMuchWork: row(
    6,
    "the proof takes more signatures or hashes than one question may cost",
    "the proof takes more work than a question may cost",
  ),
  algorithmMissing: row(
    6,
    "an algorithm that a DS or trust anchor names has no key or signature that proves " +
      '(`resolve.proof = "every-algorithm"`)',
    "nothing of {zone} proven by algorithm {algorithms}",
  ),
  expired: row(
    7,
    "a signature has expired",
    "for DNSKEY {zone}, id = {tag}: RRSIG {name} {type}, expiration = {expiration}",
  ),
  notYetValid: row(
    8,
    "a signature is not valid yet",
    "for DNSKEY {zone}, id = {tag}: RRSIG {name} {type}, inception = {inception}",
  ),
  noKeys: row(9, "a zone has a DS record and no keys", "no DNSKEY found for {zone}"),
  noEntry: row(
    9,
    "no key of a zone has the tag and algorithm of a DS record, or its digest",
    "no SEP matching the DS found for {zone}",
  ),
  keysUnknown: row(
    9,
    "the keys of a signed zone could not be had; why follows as an error of its own",
    "failed to get DNSKEY {zone}",
  ),
  noKey: row(
    9,
    "a set is signed by a key that its zone does not have",
    "no DNSKEY {zone}, id = {tag}, for RRSIG {name} {type}",
  ),
  keysUnsigned: row(
    10,
    "the key that the DS names did not sign the zone's keys",
    "for DNSKEY {zone}, id = {tag}",
  ),
  unsigned: row(10, "a set of a signed zone has no signature", "no RRSIG found for {name} {type}"),
  unsupportedSignature: row(
    10,
    "a set is signed by algorithms only that are not checked, in a zone that has others",
    "no RRSIG of a supported algorithm for {name} {type}",
  ),
  otherType: row(
    10,
    "the signatures beside a set cover another type",
    "no RRSIG covers {name} {type}",
  ),
  otherSigner: row(
    10,
    "the signatures of a set are those of another zone",
    "no RRSIG by {zone} found for {name} {type}",
  ),
  noZoneKey: row(
    11,
    "the key that the DS names, or that signed a set, is not marked as a zone's",
    "for DNSKEY {zone}, id = {tag}",
  ),
  noDenial: row(
    12,
    "a denial of a signed zone comes without NSEC or NSEC3",
    "no NSEC found for proof of non-existence of {denied}",
  ),
  noProof: row(
    6,
    "the NSEC or NSEC3 records of a denial do not prove it",
    "failed to verify proof of non-existence of {denied}",
  ),
  aliasDenied: row(
    6,
    "data is denied without proof at a name that is proven to be an alias",
    "{name} is an alias, and denied",
  ),
  falseAlias: row(
    6,
    "a CNAME stands beside a DNAME that makes another one",
    "a CNAME below a DNAME contradicts it: {name}",
  ),
  wildcardDname: row(
    6,
    "a DNAME record was made from a wildcard, which no zone should have (RFC 6672 §3.3)",
    "{name} DNAME is from a wildcard",
  ),
  noWildcardProof: row(
    6,
    "an answer was made from a wildcard, without proof that it had to be",
    "no proof that {name} had to come from a wildcard",
  ),
  noTrustedKey: row(
    6,
    "no key of a zone is one that its trust anchor names",
    "no trusted key for {zone}",
  ),
  noReferralProof: row(
    12,
    "it is not proven that a zone below a signed one is unsigned",
    "failed to verify an insecure referral proof for {name}",
  ),
  expiresBeforeValid: row(
    25,
    "a signature expires before it becomes valid",
    "for DNSKEY {zone}, id = {tag}: RRSIG {name} {type}, expiration before inception",
  ),
  tooManyIterations: row(
    27,
    "a denial by NSEC3 with more iterations than are believed (RFC 9276 §3.2): it counts as unsigned",
    "NSEC3 iterations = {iterations} for {zone}",
  ),
} as const;

/** Reasons of resolution. */
export const resolutionReasons = {
  sentinel: row(
    6,
    "a sentinel's name says of the root's trust anchors what is not so (RFC 8509)",
    "what the name says of the root's trust anchors is not so",
  ),
  budgetSpent: row(
    0,
    "a question takes more upstream questions than it may cost",
    "too many upstream questions",
  ),
  circle: row(
    0,
    "a delegation needs its own zone to be reached",
    "the delegation leads back to itself",
  ),
  tooDeep: row(
    0,
    "name servers need the addresses of other name servers, again and again",
    "name servers that need name servers, too many times",
  ),
  tooManyAliases: row(
    0,
    "aliases go on and on, or lead back",
    "too many aliases, or aliases in a circle",
  ),
  referralLoop: row(0, "referrals lead no deeper", "referrals that lead nowhere"),
  tooBusy: row(0, "the server has more questions at once than it takes", "too busy"),
  tooLong: row(
    0,
    "an answer is longer than a message may be",
    "the answer is longer than a message may be",
  ),
  damaged: row(
    0,
    "an answer is what is left of a reply with misshapen records",
    "a server's reply held addresses of a wrong length, which are left out",
  ),
  stale: row(3, "expired data, where no others are to be had (`cache.stale`, RFC 8767)", ""),
  staleNoName: row(19, "an expired denial of a name, where no other is to be had", ""),
  remembered: row(
    13,
    "the question failed a moment ago and is not tried again yet (RFC 9520); why stands before it",
    "failed a moment ago",
  ),
  unreachable: row(
    22,
    "no server of a zone replied, has the zone, or is willing; 23 names the last that refused",
    "at delegation {zone}",
  ),
  outOfTime: row(
    22,
    "the servers take longer than a client waits",
    "no answer within the time limit",
  ),
  serverRcode: row(
    23,
    "a server refused, failed, or said something else that is no answer",
    "{server} rcode={rcode} for {name} {type}",
  ),
  malformed: row(
    24,
    "the servers of a zone send replies that cannot be read, or that make no sense",
    "malformed replies at delegation {zone}",
  ),
} as const;

/** Reasons of what this server refuses by itself. */
export const refusalReasons = {
  privateAddress: row(
    15,
    "addresses in a private network are taken out of an answer (`resolve.private-addresses`)",
    "private address",
  ),
  blocked: row(15, "a local zone refuses the name (`local`)", ""),
  stranger: row(18, "the client's network may not ask here", ""),
  withoutRecursion: row(20, "a question without RD: a cache is nobody's authority", ""),
  unsupported: row(
    21,
    "another opcode or class, a zone transfer, a question for signatures alone",
    "",
  ),
  invalidType: row(
    30,
    "a type that stands for no data: 0, OPT, TSIG, NXNAME",
    "Invalid Query Type",
  ),
} as const;

/** Codes that Lethe does not give, and why. */
export const codesNotGiven: Readonly<Record<number, string>> = {
  4: "no answer is forged",
  14: "questions that come before a worker is ready wait in its socket",
  16: "nothing is blocked for others",
  17: "nothing is filtered",
  26: "there are no encrypted transports, and so no early data",
  28: "no policy is asked for in questions",
  29: "denials are not made of others' NSEC records",
};

/** The gaps of a text. */
type GapOf<Text extends string> = Text extends `${string}{${infer Gap}}${infer Rest}`
  ? Gap | GapOf<Rest>
  : never;

/** What a reason says of one case; every gap of its text is filled. */
export function tell<Text extends string>(
  reason: Reason<Text>,
  gaps: { readonly [Gap in GapOf<Text>]: string | number },
): { readonly code: number; readonly text: string } {
  const given: Readonly<Record<string, string | number>> = gaps;
  const text = reason.text.replaceAll(/\{(\w+)\}/g, (_, gap: string) => String(given[gap]));
  return { code: reason.code, text: bounded(text) };
}

/** Names are written in ASCII, so characters are bytes. */
function bounded(text: string): string {
  return text.length <= TEXT_BYTES_MAX ? text : `${text.slice(0, TEXT_BYTES_MAX - 3)}...`;
}
