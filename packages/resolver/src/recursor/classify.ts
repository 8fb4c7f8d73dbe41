/**
 * Says what a reply means: an answer, an alias, a referral, no data, no name, or nothing to use.
 *
 *   answer section        authority section             AA   meaning
 *   ------------------------------------------------------------------------------
 *   name and type         any                           1    answer
 *   name, asked for ANY   any                           1    answer: all sets of the name
 *   CNAME or DNAME        any                           any  alias, then the same again
 *   nothing               SOA above the name            any  no data; no name with NXDOMAIN
 *   nothing               NS below the zone             any  referral; some set AA on it
 *   nothing               NS of the zone                0    lame
 *   nothing               NS above the zone, no SOA     any  lame
 *   nothing               nothing                       1    no data, without a TTL
 *   other types           nothing                       any  no data, without a TTL
 *   nothing               signed NSEC or NSEC3 only     any  no data, without a TTL
 *   anything, RA set      NS not below the zone         0    a resolver, not an authority
 *
 * RFC 1034 §5.3.3, RFC 2308 §2 for the negative forms, RFC 6604 for RCODEs behind aliases,
 * RFC 9156 §3 for replies to a minimised name. Input is hostile: every field may lie.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { type Name, isAtOrUnder, isUnder, nameEqual, nameFromBytes } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { type Alias, aliasAt, isMade } from "./alias.ts";
import { type Scrubbed, scrub } from "./scrub.ts";
import { findSet } from "./sets.ts";

const ALIASES_MAX = limits.aliasesPerQuestionMax.value;

/** The name whose fate a reply decides: that of the question, or of the last alias in the zone. */
export type Ending =
  /** The set asked for; it stands last in `sets`. For ANY: all sets are what was asked for. */
  | { readonly kind: "data" }
  /** The aliases lead to `target`, of which this server said nothing that counts. */
  | { readonly kind: "alias"; readonly target: Name | undefined }
  /** The name at the end exists without the type, or does not exist. */
  | {
      readonly kind: "no-data" | "no-name";
      readonly name: Name;
      /** SOA and proofs; empty where the server sent no SOA. */
      readonly authority: readonly RecordSet[];
    };

/** A reply that says something of the question. */
export interface Telling {
  readonly kind: "telling";
  /** Aliases in their order, then the data. */
  readonly sets: readonly RecordSet[];
  readonly ending: Ending;
  /** Records of the authority section that deny something, as a wildcard's name. */
  readonly proofs: readonly RecordSet[];
  readonly authoritative: boolean;
  /** The NS set of the zone that came with an authoritative answer, with addresses. */
  readonly zoneServers: RecordSet | undefined;
  readonly additional: readonly RecordSet[];
  /** A resolver's answer: used only where no authority gives one. */
  readonly secondHand: boolean;
  /** Some of what it said of the name was unfit and is left out. */
  readonly isDamaged: boolean;
  /** A CNAME beside a DNAME is not the one that the DNAME makes. */
  readonly hasFalseAlias: boolean;
}

export interface Referral {
  readonly kind: "referral";
  readonly servers: RecordSet;
  /** Addresses from the additional section, of names in the referring server's zone. */
  readonly glue: readonly RecordSet[];
  /** The DS set of the zone, or what proves that it has none (RFC 4035 §3.1.4). */
  readonly signed: readonly RecordSet[];
  /** Addresses of names outside that zone. */
  readonly outside: readonly RecordSet[];
}

export type Useless = "refused" | "lame" | "server-failed" | "junk";

export type Reading =
  | Telling
  | Referral
  /** `rcode`: what it said instead of an answer. */
  | { readonly kind: "useless"; readonly why: Useless; readonly rcode?: number };

/**
 * Reads what a server of `zone` replied to `question`.
 *
 * `isResolver`: the server was configured as a resolver, so it answers without AA and never refers.
 */
export function classify(
  reply: Message,
  question: Question,
  zone: Name,
  isResolver = false,
): Reading {
  const code = fullRcode(reply);
  const isAuthoritative = (reply.header.flags & flag.aa) !== 0;
  const isRecursive = (reply.header.flags & flag.ra) !== 0;
  if (code === rcode.REFUSED || code === rcode.NOTAUTH) return useless("refused", code);
  if (code !== rcode.NOERROR && code !== rcode.NXDOMAIN && code !== rcode.YXDOMAIN) {
    return useless("server-failed", code);
  }
  const said = scrub(reply, zone, question.class);
  const { sets, name, outside, found } = followAliases(said, question, zone);
  const hasFalseAlias = sets.some((set, i) => isMade(sets, i) && isOtherwise(set, said));
  const hasAnswer = sets.length > 0;
  if (
    !isResolver &&
    !hasAnswer &&
    code === rcode.NOERROR &&
    !said.authority.some(isSoaFor(question.name))
  ) {
    const servers = said.authority.find((set) => set.type === rrType.NS && set.rdatas.length > 0);
    if (servers !== undefined && !nameEqual(servers.name, zone)) {
      return referralTo(servers, said, question);
    }
    const isOfName = said.answer.some((set) => nameEqual(set.name, question.name));
    // Signed proofs are an authority's, whatever its flags say.
    const isProven = servers === undefined && said.authority.some(isProof);
    if (!isAuthoritative && !isOfName && !isProven)
      return useless(reply.answer.length > 0 ? "junk" : "lame");
  }
  if (!isResolver && !hasAnswer && refersUpward(reply, zone)) return useless("lame");
  const ending = endingOf(code, said, name, outside, found, hasAnswer);
  if (ending === undefined) return useless("junk");
  return {
    kind: "telling",
    sets,
    ending,
    proofs: said.authority.filter(isProof),
    authoritative: isAuthoritative,
    zoneServers: isAuthoritative ? findSet(said.authority, zone, rrType.NS) : undefined,
    additional: said.additional,
    secondHand: !isResolver && !isAuthoritative && isRecursive,
    isDamaged: said.hadMisshapen,
    hasFalseAlias,
  };
}

/** What an NS set below the zone means: a referral where it leads towards the name. */
function referralTo(servers: RecordSet, said: Scrubbed, question: Question): Reading {
  if (!isAtOrUnder(question.name, servers.name)) return useless("lame");
  if (question.type !== rrType.DS || !nameEqual(question.name, servers.name)) {
    const ds = findSet(said.authority, servers.name, rrType.DS);
    const signed = [...(ds === undefined ? [] : [ds]), ...said.authority.filter(isProof)];
    return { kind: "referral", servers, glue: said.additional, outside: said.outside, signed };
  }
  // A parent that knows nothing of DS refers to the child instead: what the referral holds of it
  // is the answer, or there is none (RFC 4035 §5.2).
  const ds = findSet(said.authority, servers.name, rrType.DS);
  const proofs = said.authority.filter(isProof);
  return {
    kind: "telling",
    sets: ds === undefined ? [] : [ds],
    ending:
      ds === undefined
        ? { kind: "no-data", name: question.name, authority: proofs }
        : { kind: "data" },
    proofs,
    authoritative: false,
    zoneServers: undefined,
    additional: [],
    secondHand: false,
    isDamaged: false,
    hasFalseAlias: false,
  };
}

/** Says whether a reply without data names servers of a zone above the one that was asked. */
function refersUpward(reply: Message, zone: Name): boolean {
  return (
    reply.authority.some((record) => record.type === rrType.NS && isUnder(zone, record.name)) &&
    !reply.authority.some((record) => record.type === rrType.SOA)
  );
}

function useless(why: Useless, code?: number): Reading {
  return code === undefined ? { kind: "useless", why } : { kind: "useless", why, rcode: code };
}

/** Finds a SOA of a zone that holds `name`. */
function isSoaFor(name: Name): (set: RecordSet) => boolean {
  return (set) => set.type === rrType.SOA && set.rdatas.length > 0 && isAtOrUnder(name, set.name);
}

interface Followed {
  readonly sets: RecordSet[];
  /** Where the aliases in the reply end. */
  readonly name: Name | undefined;
  /** That name lies outside the server's zone, or the reply says nothing of it. */
  readonly outside: boolean;
  /** The set asked for is there. */
  readonly found: boolean;
}

/** Follows the aliases inside one reply as far as they stay in the server's zone. */
function followAliases(said: Scrubbed, question: Question, zone: Name): Followed {
  if (question.type === rrType.CNAME) return findCname(said, question);
  if (question.type === rrType.ANY) {
    const all = setsAt(said, question.name);
    if (all.length > 0) return { sets: all, name: question.name, outside: false, found: true };
  }
  const sets: RecordSet[] = [];
  let name: Name | undefined = question.name;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const alias: Alias | undefined = aliasAt(said.answer, name);
    const data = findSet(said.answer, name, question.type);
    if (alias === undefined || (data !== undefined && isBefore(data, alias.sets[0]!, said))) {
      if (data !== undefined) sets.push(data);
      return { sets, name, outside: false, found: data !== undefined };
    }
    sets.push(...alias.sets);
    name = alias.target;
    if (name === undefined || !isAtOrUnder(name, zone)) {
      return { sets, name, outside: true, found: false };
    }
  }
  return { sets, name, outside: true, found: false };
}

/** Says whether a reply holds another CNAME in the place of one that was made from a DNAME. */
function isOtherwise(made: RecordSet, { answer }: Scrubbed): boolean {
  const target = nameFromBytes(made.rdatas[0]!)!;
  const told = findSet(answer, made.name, rrType.CNAME)?.rdatas.map((rdata) =>
    nameFromBytes(rdata),
  );
  return told?.some((name) => name === undefined || !nameEqual(name, target)) === true;
}

/** All that a reply says of a name itself; an alias among it is data (RFC 1034 §3.6.2). */
function setsAt({ answer }: Scrubbed, name: Name): RecordSet[] {
  return answer.filter((set) => set.rdatas.length > 0 && nameEqual(set.name, name));
}

/** Where a CNAME stands beside other data, against RFC 1034 §3.6.2, the first is taken. */
function isBefore(data: RecordSet, alias: RecordSet, { answer }: Scrubbed): boolean {
  return alias.type === rrType.CNAME && answer.indexOf(data) < answer.indexOf(alias);
}

/** The answer to a CNAME question: below a DNAME that set, and the CNAME that it makes. */
function findCname(said: Scrubbed, { name }: Question): Followed {
  const alias = aliasAt(said.answer, name);
  if (alias === undefined) return { sets: [], name, outside: false, found: false };
  const sets = [...alias.sets];
  if (alias.target === undefined) return { sets, name: undefined, outside: true, found: false };
  return { sets, name, outside: false, found: true };
}

function endingOf(
  code: number,
  said: Scrubbed,
  name: Name | undefined,
  outside: boolean,
  found: boolean,
  hasAnswer: boolean,
): Ending | undefined {
  if (found) return { kind: "data" };
  if (name === undefined || outside) return { kind: "alias", target: name };
  const soa = said.authority.find(isSoaFor(name));
  // Unsigned ones prove nothing, and say what is wrong with the denial.
  const proofs = said.authority.filter(isDenialRecord);
  const authority = soa === undefined ? proofs : [soa, ...proofs];
  if (code === rcode.NXDOMAIN) return { kind: "no-name", name, authority };
  if (code === rcode.YXDOMAIN) return undefined;
  if (hasAnswer && soa === undefined) return { kind: "alias", target: name };
  return { kind: "no-data", name, authority };
}

function isProof(set: RecordSet): boolean {
  return isDenialRecord(set) && set.signatures.length > 0;
}

function isDenialRecord({ type, rdatas }: RecordSet): boolean {
  return (type === rrType.NSEC || type === rrType.NSEC3) && rdatas.length > 0;
}

/** Says whether a referral makes progress: deeper than the zone, and towards the name asked. */
export function refersDeeper(referral: Referral, zone: Name, name: Name): boolean {
  return (
    !nameEqual(referral.servers.name, zone) &&
    isUnder(referral.servers.name, zone) &&
    isAtOrUnder(name, referral.servers.name)
  );
}
