/**
 * Answers made from proven denials of other names: the aggressive use of RFC 8198.
 *
 *   NSEC    a record covers the name       and one the wildcard       → no such name
 *           one matches the name, or the   wildcard without the type  → no data
 *           one covers the name            and the wildcard is known  → its data, or its alias
 *   NSEC3   the same over hashes, with the record of the closest encloser
 *
 * Only records of the zone that the chain of trust says holds the name are asked, and none of them
 * says anything of a name below a known cut. What is made is as good as what the zone's servers
 * would have said, and is kept nowhere but as the packed answer to its question.
 */
import { equalBytes } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  isUnder,
  labelCount,
  nameEqual,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { ZoneDenials } from "../cache/denial-cache.ts";
import { anchorOver } from "../dnssec/anchor.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import type { Proofs } from "../dnssec/denial.ts";
import { nsecProvesNoData, nsecProvesNoName, nsecProvesWildcard } from "../dnssec/denial-nsec.ts";
import { HashedDenial } from "../dnssec/denial-nsec3.ts";
import {
  closestEncloserLabels,
  isEmptyNonTerminal,
  nsecCovers,
  parseNsec,
} from "../dnssec/nsec.ts";
import { type Nsec3, hashName, parseNsec3 } from "../dnssec/nsec3.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";
import { aliasByCname } from "./alias.ts";
import { configuredFor } from "./delegation.ts";
import { isAggressive } from "./learn.ts";
import type { Found } from "./recall.ts";
import { type Trail, trace } from "./trail.ts";

const HASHED_LABELS_MAX = limits.synthesisHashedLabelsMax.value;

/** What of a zone's denials bears on a question. */
interface Evidence {
  readonly zone: Name;
  readonly sets: readonly RecordSet[];
  readonly says: (what: "no-name" | "no-data") => boolean;
  /** Says whether it is proven that there is no signed zone at the name. */
  readonly saysNoDs: () => boolean;
  /** The wildcard that stands for the name, where that and anything closer is denied. */
  readonly wildcard: Name | undefined;
  /** What denies the name itself. */
  readonly covering: RecordSet | undefined;
}

/** What names have of these is not told by denials, or is more than one wildcard's set. */
const UNMADE_TYPES: ReadonlySet<number> = new Set([rrType.RRSIG, rrType.ANY]);

/**
 * What proven denials say of a question; undefined: somebody must be asked.
 *
 * `isForChain`: it is asked whether there is a DS set, and whoever asks judges the records
 * himself. They need no SOA then, which goes with a denial only where a client is told of it.
 *
 * PERF: a cache miss in a zone with denials costs a search in the order of the zone, and with
 * NSEC3 a hash for each label below it; garbage is made only where a record was found.
 */
export function synthesise(
  question: Question,
  trail: Trail,
  isForChain = false,
): Found | undefined {
  if (!isAggressive(trail) || UNMADE_TYPES.has(question.type)) return undefined;
  // Who sets CD is told what the zone's servers say.
  if (trail.terms === undefined && trail.depth === 0) return undefined;
  const denials = denialsOver(question, trail);
  if (denials === undefined) return undefined;
  const soaAt = trail.memory.denials.soaOf(denials, trail.nowMs);
  const evidence =
    denials.parameters === undefined
      ? nsecEvidence(question, denials, trail)
      : nsec3Evidence(question, denials, trail, isForChain);
  if (evidence === undefined) return undefined;
  const hasSoa = soaAt >= 0 || isForChain;
  const found =
    (hasSoa ? denied(question, evidence, soaAt, trail) : undefined) ??
    fromWildcard(question, evidence, trail) ??
    (isForChain ? unjudged(question, evidence) : undefined);
  if (found !== undefined) tell(question, evidence, found, trail);
  return found;
}

/** The denials of the zone that holds the name: of its parent, for a DS set. */
function denialsOver(question: Question, trail: Trail): ZoneDenials | undefined {
  const { name, type, class: rrclass } = question;
  const { memory, nowMs, options } = trail;
  const { anchors, insecure } = options.validation!;
  if (name.length === 1) return undefined;
  const home = type === rrType.DS ? parentOf(name) : name;
  if (insecure.some((top) => nameEqual(home, top) || isUnder(home, top))) return undefined;
  const anchor = anchorOver(home, anchors);
  if (anchor === undefined) return undefined;
  const link = memory.chains.nearest(home, anchor.zone, nowMs);
  if (link?.kind !== "secure") return undefined;
  const { zone } = link.keys;
  const denials = memory.denials.zoneOf(zone, rrclass, nowMs);
  if (denials === undefined) return undefined;
  // Another zone is known below, by a referral or by the operator: it speaks for its names.
  const cut = memory.rrsets.nearestCut(home, rrclass, nowMs);
  if (cut !== undefined && isUnder(cut.servers.name, zone)) return undefined;
  const configured = configuredFor(home, trail)?.zone;
  return configured !== undefined && isUnder(configured, zone) ? undefined : denials;
}

function nsecEvidence(
  { name, type }: Question,
  denials: ZoneDenials,
  { memory, nowMs }: Trail,
): Evidence | undefined {
  const { zone } = denials;
  const places = [memory.denials.atOrBeforeName(denials, name, nowMs)];
  if (places[0]! < 0) return undefined;
  const sets = [memory.denials.read(places[0]!, nowMs)];
  const first = parseNsec(sets[0]!.name, sets[0]!.rdatas[0]!, zone);
  if (first === undefined) return undefined;
  let wildcard: Name | undefined;
  if (nsecCovers(first, name, zone) && !isEmptyNonTerminal(first, name)) {
    wildcard = wildcardBelow(ancestorWithLabels(name, closestEncloserLabels(first, name)));
    const place =
      wildcard === undefined ? -1 : memory.denials.atOrBeforeName(denials, wildcard, nowMs);
    if (place >= 0 && place !== places[0]) sets.push(memory.denials.read(place, nowMs));
  }
  const nsecs = sets.flatMap((set) => parseNsec(set.name, set.rdatas[0]!, zone) ?? []);
  const proofs: Proofs = { zone, nsecs, nsec3s: [], isAbsent: false, failure: undefined };
  const isMade = wildcard !== undefined && nsecProvesWildcard(name, parentOf(wildcard), proofs);
  return {
    zone,
    sets,
    says: (what) =>
      (what === "no-name"
        ? nsecProvesNoName(name, proofs)
        : nsecProvesNoData(name, type, proofs)) === "secure",
    saysNoDs: () => false,
    wildcard: isMade === "secure" ? wildcard : undefined,
    covering: sets[0],
  };
}

/**
 * Gathers the records of a closest encloser proof, from the name upwards.
 *
 * A wildcard that is known needs no record that matches its parent (RFC 5155 §7.2.6).
 */
function nsec3Evidence(
  question: Question,
  denials: ZoneDenials,
  trail: Trail,
  isForChain: boolean,
): Evidence | undefined {
  const { name, type } = question;
  const { zone, parameters } = denials;
  if (labelCount(name) - labelCount(zone) > HASHED_LABELS_MAX) return undefined;
  const gathered = new Gathered(denials, trail);
  let nextCloser = name;
  let wildcard: Name | undefined;
  let covering: RecordSet | undefined;
  if (!gathered.addMatching(name)) {
    if (!isForChain && gathered.isInOptOut(name)) return undefined;
    const exists = (encloser: Name): boolean =>
      gathered.addMatching(encloser) || knownWildcard(encloser, question, trail) !== undefined;
    while (!nameEqual(nextCloser, zone) && !exists(parentOf(nextCloser))) {
      nextCloser = parentOf(nextCloser);
    }
    if (nameEqual(nextCloser, zone)) return undefined;
    covering = gathered.addNearest(nextCloser);
    wildcard = wildcardBelow(parentOf(nextCloser));
    if (wildcard !== undefined) gathered.addNearest(wildcard);
  }
  const { sets, nsec3s, work } = gathered;
  const proofs: Proofs = { zone, nsecs: [], nsec3s, isAbsent: false, failure: undefined };
  const denial = new HashedDenial(proofs, parameters!, work, gathered.hash);
  const isMade = wildcard !== undefined && denial.wildcard(name, parentOf(wildcard));
  return {
    zone,
    sets,
    says: (what) =>
      (what === "no-name" ? denial.noName(name) : denial.noData(name, type)) === "secure",
    saysNoDs: () => denial.noDs(name) === "unsigned-cut",
    wildcard: isMade === "secure" ? wildcard : undefined,
    covering,
  };
}

/** NSEC3 records of one zone that bear on a name, and the hashes that were made to find them. */
class Gathered {
  readonly sets: RecordSet[] = [];
  readonly nsec3s: Nsec3[] = [];
  /** Its own: that of the answer is left to those who must check signatures. */
  readonly work = new WorkBudget();
  readonly #denials: ZoneDenials;
  readonly #trail: Trail;
  readonly #hashes = new Map<string, Uint8Array | undefined>();

  constructor(denials: ZoneDenials, trail: Trail) {
    this.#denials = denials;
    this.#trail = trail;
  }

  readonly hash = (name: Name): Uint8Array | undefined => {
    const key = nameKey(name);
    if (!this.#hashes.has(key)) {
      this.#hashes.set(key, hashName(name, this.#denials.parameters!, this.work));
    }
    return this.#hashes.get(key);
  };

  /** Adds the record that matches a name; says whether there is one. */
  addMatching(name: Name): boolean {
    const hashed = this.hash(name);
    const found = this.#nearest(hashed);
    if (found === undefined || !equalBytes(found.nsec3.hash, hashed!)) return false;
    this.#add(found);
    return true;
  }

  /**
   * Says whether a name lies in a gap with opt-out: it is not proven absent then (RFC 8198 §5.2).
   *
   * PERF: zones have opt-out in all of their records or none: the first hash shows which.
   */
  isInOptOut(name: Name): boolean {
    return this.#nearest(this.hash(name))?.nsec3.isOptOut === true;
  }

  /** Adds the record that matches a name or may cover it, and gives it. */
  addNearest(name: Name): RecordSet | undefined {
    const found = this.#nearest(this.hash(name));
    if (found !== undefined) this.#add(found);
    return found?.set;
  }

  #add({ set, nsec3 }: Near): void {
    if (this.sets.some((other) => nameEqual(other.name, set.name))) return;
    this.sets.push(set);
    this.nsec3s.push(nsec3);
  }

  #nearest(hashed: Uint8Array | undefined): Near | undefined {
    if (hashed === undefined) return undefined;
    const { memory, nowMs } = this.#trail;
    const place = memory.denials.atOrBeforeHash(this.#denials, hashed, nowMs);
    if (place < 0) return undefined;
    const set = memory.denials.read(place, nowMs);
    const nsec3 = parseNsec3(set.name, set.rdatas[0]!, this.#denials.zone);
    return nsec3 && { set, nsec3 };
  }
}

/** The record at or before a hash. */
interface Near {
  readonly set: RecordSet;
  readonly nsec3: Nsec3;
}

function denied(
  { name }: Question,
  evidence: Evidence,
  soaAt: number,
  { memory, nowMs }: Trail,
): Found | undefined {
  const isName = evidence.says("no-name");
  if (!isName && !evidence.says("no-data")) return undefined;
  const soa = soaAt < 0 ? [] : [memory.denials.read(soaAt, nowMs)];
  const authority = [...soa, ...evidence.sets];
  const ttlS = Math.min(...authority.map((set) => set.ttl));
  return { kind: "denied", isName, name, authority, ttlS, sets: [], ...PROVEN, proofs: [] };
}

const PROVEN = { verdict: "secure", isDamaged: false } as const;

/** What opt-out leaves open for all others tells the chain that no signed zone begins there. */
function unjudged({ name }: Question, evidence: Evidence): Found | undefined {
  if (!evidence.saysNoDs()) return undefined;
  const { sets: authority } = evidence;
  const ttlS = Math.min(...authority.map((set) => set.ttl));
  const rest = { sets: [], proofs: [], verdict: "indeterminate", isDamaged: false } as const;
  return { kind: "denied", isName: false, name, authority, ttlS, ...rest };
}

/** What a wildcard that is known makes of a name that is denied (RFC 8198 §5.3). */
function fromWildcard(
  question: Question,
  { covering, wildcard }: Evidence,
  trail: Trail,
): Found | undefined {
  const known = wildcard && knownWildcard(parentOf(wildcard), question, trail);
  if (known === undefined || covering === undefined) return undefined;
  const { name, type } = question;
  const set = { ...known, name, ttl: Math.min(known.ttl, covering.ttl) };
  const rest = { ...PROVEN, proofs: [covering] };
  if (set.type === type) return { kind: "data", sets: [set], ...rest };
  return { kind: "alias", ...aliasByCname(set), ...rest };
}

/** The proven set that a wildcard below `encloser` has for a type, or its alias. */
function knownWildcard(
  encloser: Name,
  { type, class: rrclass }: Question,
  { memory, nowMs }: Trail,
): RecordSet | undefined {
  const wildcard = wildcardBelow(encloser);
  if (wildcard === undefined || type === rrType.DS) return undefined;
  const at = (wanted: number): RecordSet | undefined => {
    const cached = memory.rrsets.find(wildcard, wanted, rrclass, nowMs);
    return cached?.kind === "set" && cached.verdict === "secure" ? cached.set : undefined;
  };
  return at(type) ?? (type === rrType.CNAME ? undefined : at(rrType.CNAME));
}

function tell(
  question: Question,
  { zone, sets, covering }: Evidence,
  found: Found,
  trail: Trail,
): void {
  if (trail.options.trace === undefined) return;
  const { name: owner, type } = covering ?? sets[0]!;
  const by = type === rrType.NSEC ? "NSEC" : "NSEC3";
  const isNo = found.kind === "denied" && (found.isName ? "no name" : "no data");
  trace(trail, { kind: "synthesised", question, zone, owner, by, what: isNo || "wildcard" });
}
