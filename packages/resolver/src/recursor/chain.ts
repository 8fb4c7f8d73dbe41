/**
 * The chain of trust: from an anchor down to the zone that holds a name.
 *
 *   anchor ── DNSKEY ──► keys of a zone ── DS of a name below ──► another zone: DNSKEY …
 *                                                             ──► no cut: one label more
 *                                                             ──► proven to be unsigned: the end
 *
 * DS and DNSKEY come through the mesh, or from the caches, as they were told, and are judged here.
 * What was proven is kept as links of the chain (cache/chain-cache.ts).
 *
 * Who signed something says where it is worth looking for a cut, and so do delegations that are
 * known: both save questions, and neither is believed. Where such a jump proves nothing, the walk
 * goes on label by label.
 */
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  isUnder,
  labelCount,
  nameEqual,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { type Cut, judgeCut } from "../dnssec/judge-answer.ts";
import { type Trust, judgeKeys, whyInsecure } from "../dnssec/judge-keys.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import { type Bogus, type Insecure, insecure } from "../dnssec/verdict.ts";
import { configuredFor } from "./delegation.ts";
import { type Task, join } from "./effect.ts";
import type { NoReply } from "./exchange.ts";
import { judgedAs, show } from "./evidence.ts";
import { type Inquiry, carry, mayAskAgain } from "./inquiry.ts";
import { forget } from "./keep.ts";
import { signalKeyTags } from "./key-signal.ts";
import { takenAsUnsigned } from "./negative-anchor.ts";
import { learnDenial } from "./learn.ts";
import type { Outcome } from "./outcome.ts";
import { type Found, recall } from "./recall.ts";
import { findSet, signerOver } from "./sets.ts";
import { synthesise } from "./synthesise.ts";
import { unknownCut, unknownKeys } from "./unknown-link.ts";
import { type Source, trace } from "./trail.ts";

const BOGUS_TTL_S = limits.bogusLinkTtlS.value;
const FAILURES_MAX = limits.signatureFailuresPerQuestionMax.value;
const KEPT_MAX_S = limits.chainLinkTtlMaxS.value;

/** How far the chain of trust reaches towards a name. */
export type Standing =
  /** To the zone whose keys these are, which holds the name. */
  | { readonly kind: "secure"; readonly keys: ZoneKeys }
  /** It ends above by proof, or breaks. */
  | Insecure
  | Bogus
  /** No anchor stands above the name. */
  | { readonly kind: "indeterminate" };

/**
 * How far the chain reaches towards the zone that holds `home`; for a DS set that is the parent.
 *
 * `signer`: the zone whose signature the data carries.
 */
export function* standingOf(
  home: Name,
  signer: Name | undefined,
  inquiry: Inquiry,
): Task<Standing> {
  const { trail, terms, beliefs } = inquiry;
  const negative = beliefs.negativeOver(home, terms.nowS);
  if (negative !== undefined) {
    show({ kind: "unvalidated", name: negative.zone, judged: "insecure", errors: [] }, trail);
    return takenAsUnsigned(negative, inquiry);
  }
  const top = beliefs.anchorOver(home)?.zone;
  if (top === undefined) {
    show({ kind: "unvalidated", name: home, judged: "indeterminate", errors: [] }, trail);
    return { kind: "indeterminate" };
  }
  const known = trail.memory.chains.nearest(home, top, trail.nowMs, signer);
  let standing: Standing = known ?? (yield* standingAt(home, top, inquiry));
  const configured = configuredFor(home, trail)?.zone;
  if (configured !== undefined) {
    standing = yield* descend(standing, configured, false, inquiry);
    // The public tree has proven that it knows no such zone: it is the operator's own.
    if (standing.kind === "secure" && isUnder(configured, standing.keys.zone)) return insecure();
  }
  return signer === undefined
    ? yield* descend(standing, home, false, inquiry)
    : yield* descend(standing, signer, true, inquiry);
}

/** Proves the keys of the zone whose anchor stands over `home`. */
function* standingAt(home: Name, top: Name, inquiry: Inquiry): Task<Standing> {
  const { beliefs, trail } = inquiry;
  const question = { ...trail.question, name: top, type: rrType.DNSKEY };
  const reply = yield* look(question, inquiry);
  const wasAsked = reply.kind === "failed" || reply.source !== undefined;
  if (wasAsked) yield* signalKeyTags(top, inquiry);
  if (reply.kind !== "failed") beliefs.saw(top, keySetOf(reply, question));
  const anchor = beliefs.anchorOver(home);
  if (anchor === undefined) return { kind: "indeterminate" };
  // What was seen may have ended the trust in all its keys: then the anchor above it counts.
  if (!nameEqual(anchor.zone, top)) return yield* standingAt(home, anchor.zone, inquiry);
  return yield* prove(top, anchor, KEPT_MAX_S, inquiry, reply);
}

/** Walks down to `target`, which is likely to be a zone, or else anything below the standing. */
function* descend(from: Standing, target: Name, isZone: boolean, inquiry: Inquiry): Task<Standing> {
  const { trail } = inquiry;
  const { chains } = trail.memory;
  let standing = from;
  // The longest name towards the target below which a cut may stand.
  let reached: Name | undefined;
  let mayJump = true;
  let told: Reply | undefined;
  for (;;) {
    if (standing.kind !== "secure") return standing;
    const { keys }: { readonly keys: ZoneKeys } = standing;
    reached ??= keys.zone;
    if (!isUnder(target, reached)) return standing;
    const jump: Name | undefined = mayJump ? jumpFrom(reached, target, isZone, inquiry) : undefined;
    const next: Name = jump ?? ancestorWithLabels(target, labelCount(reached) + 1);
    const link = chains.find(next, trail.nowMs);
    if (link !== undefined) {
      if (link.kind !== "no-cut") standing = link;
      reached = link.kind === "no-cut" ? next : undefined;
      continue;
    }
    const reply: Reply | NoReply =
      told !== undefined && nameEqual(told.question.name, next)
        ? told
        : yield* look({ ...trail.question, name: next, type: rrType.DS }, inquiry);
    if (reply.kind === "failed") return unknownCut(next, reply, keys, trail);
    told = reply;
    const isJump = labelCount(next) > labelCount(reached) + 1;
    const via = isJump ? signerOver(parentOf(next), signed(reply)) : undefined;
    if (via !== undefined && isUnder(via, reached)) {
      standing = yield* descend(standing, via, true, inquiry);
      if (standing.kind === "secure" && !nameEqual(standing.keys.zone, via)) mayJump = false;
      reached = undefined;
      continue;
    }
    const cut: Cut | undefined =
      isJump && via === undefined ? undefined : yield* cutAt(next, reply, keys, isJump, inquiry);
    if (cut === undefined) {
      mayJump = false;
      continue;
    }
    if (cut.kind === "signed-cut") {
      standing = yield* prove(next, cut.trust, cut.ttlS, inquiry);
      reached = undefined;
    } else if (cut.kind === "no-cut") {
      if (reply.isNoName) return standing;
      reached = next;
    } else {
      return cut;
    }
  }
}

/** Where a cut is worth looking for below `zone`: the signer, or the next delegation known. */
function jumpFrom(zone: Name, target: Name, isZone: boolean, { trail }: Inquiry): Name | undefined {
  if (isZone) return target;
  const { rrsets } = trail.memory;
  let jump: Name | undefined;
  for (let from = target; isUnder(from, zone); from = parentOf(from)) {
    const cut = rrsets.nearestCut(from, trail.question.class, trail.nowMs);
    if (cut === undefined || !isUnder(cut.servers.name, zone)) break;
    from = cut.servers.name;
    jump = from;
  }
  return jump;
}

/**
 * Judges what stands at a name below a zone, and keeps it.
 *
 * Undefined: after a jump, anything but a DS set that is proven. There may be a zone on the way
 * that was passed over, and what a zone above it denies says nothing of names below it.
 */
function* cutAt(
  name: Name,
  told: Reply,
  keys: ZoneKeys,
  isJump: boolean,
  inquiry: Inquiry,
): Task<Cut | undefined> {
  const { terms, trail } = inquiry;
  const { chains } = trail.memory;
  const judge = ({ answer, authority }: Reply): Task<Cut> =>
    carry(judgeCut(name, answer, authority, keys, terms), terms);
  let reply = told;
  let cut = yield* judge(reply);
  if (isJump && cut.kind !== "signed-cut" && !terms.work.isSpent) return undefined;
  if (cut.kind === "bogus" && reply.isFromReferral && !terms.work.isSpent) {
    const asked = yield* ask(reply.question, inquiry);
    if (asked.kind === "failed") return cut;
    reply = asked;
    cut = yield* judge(reply);
  }
  if (cut.kind === "bogus" && mayAskAgain(reply.source, inquiry)) {
    const again = yield* lookAgain(reply, inquiry);
    if (again.kind === "failed") return unknownCut(name, again, keys, trail);
    reply = again;
    cut = yield* judge(reply);
  }
  tellStep("cut", name, cut, inquiry);
  show({ kind: "cut", name, ...judgedAs(cut), ...partsOf(reply), keys }, trail);
  if ("denial" in cut && cut.denial !== undefined) learnDenial(cut.denial, trail);
  if (cut.kind === "no-cut") keepLink(name, cut, cut.ttlS, inquiry);
  if (cut.kind === "insecure") keepLink(name, cut, ttlOf(reply), inquiry);
  if (cut.kind === "bogus" && !terms.work.isSpent)
    chains.store(name, { ...cut, isCutUnknown: true }, BOGUS_TTL_S, trail.nowMs);
  return cut;
}

/**
 * Proves the keys of a zone by what is trusted of them, and keeps the verdict.
 *
 * `told`: what was told of the keys already.
 */
function* prove(
  zone: Name,
  trust: Trust,
  ttlS: number,
  inquiry: Inquiry,
  told?: Reply | NoReply,
): Task<Standing> {
  const { terms, trail } = inquiry;
  const of = { trust, isAnchor: "zone" in trust };
  const unsigned = whyInsecure(zone, trust, terms);
  if (unsigned !== undefined) {
    tellStep("zone", zone, unsigned, inquiry);
    show({ kind: "keys", name: zone, ...judgedAs(unsigned), ...of, set: undefined }, trail);
    keepLink(zone, unsigned, ttlS, inquiry);
    return unsigned;
  }
  const question = { ...trail.question, name: zone, type: rrType.DNSKEY };
  let reply = told ?? (yield* look(question, inquiry));
  if (reply.kind === "failed") return unknownKeys(zone, reply, of, trail);
  const failedBefore = terms.work.failures;
  let judged = yield* carry(judgeKeys(zone, trust, keySetOf(reply, question), terms), terms);
  if (judged.kind === "bogus" && mayAskAgain(reply.source, inquiry)) {
    reply = yield* lookAgain(reply, inquiry);
    if (reply.kind === "failed") return unknownKeys(zone, reply, of, trail);
    judged = yield* carry(judgeKeys(zone, trust, keySetOf(reply, question), terms), terms);
  }
  const set = keySetOf(reply, question);
  show({ kind: "keys", name: zone, ...judgedAs(judged), ...of, set }, trail);
  if (judged.kind === "secure") {
    const standing: Standing = {
      kind: "secure",
      keys: { zone, keys: judged.keys, repute: { strikes: 0 }, algorithms: judged.algorithms },
    };
    tellStep("zone", zone, standing, inquiry);
    keepLink(zone, standing, Math.min(ttlS, judged.ttlS), inquiry);
    return standing;
  }
  tellStep("zone", zone, judged, inquiry);
  const keptS = judged.kind === "bogus" ? BOGUS_TTL_S : ttlS;
  // A share of failures that was whole before, and is used up, tells of this zone alone.
  const isOwnFault = failedBefore === 0 && terms.work.failures === FAILURES_MAX;
  if (!terms.work.isSpent || isOwnFault) keepLink(zone, judged, keptS, inquiry);
  return judged;
}

function keySetOf({ answer }: Reply, { name, type, class: rrclass }: Question): RecordSet {
  const none = { name, type, class: rrclass, ttl: 0, rdatas: [], signatures: [] };
  return findSet(answer, name, type) ?? none;
}

type Link = Parameters<Inquiry["trail"]["memory"]["chains"]["store"]>[1];

function keepLink(name: Name, link: Link, ttlS: number, { trail }: Inquiry): void {
  trail.memory.chains.store(name, link, Math.min(ttlS, KEPT_MAX_S), trail.nowMs);
}

/** What was told of a DS or DNSKEY question. */
interface Reply {
  readonly kind: "reply";
  readonly question: Question;
  readonly answer: readonly RecordSet[];
  readonly authority: readonly RecordSet[];
  /** The name does not exist, if that is true. */
  readonly isNoName: boolean;
  readonly source: Source | undefined;
  /** The parent told it beside the servers of the zone, and was not asked. */
  readonly isFromReferral: boolean;
  /** As the caches have it; undefined where they do not. */
  readonly found: Found | undefined;
}

/** Looks into the caches for DS or DNSKEY, and at what referrals told; else somebody is asked. */
function* look(question: Question, inquiry: Inquiry): Task<Reply | NoReply> {
  const { trail } = inquiry;
  const known = recall(question, trail);
  if (known !== undefined && known.kind !== "failed") return replyOf(question, known, undefined);
  if (question.type === rrType.DS) {
    const sets = trail.memory.rrsets.signedOfCut(question.name, question.class, trail.nowMs);
    if (sets.length > 0) return referralReply(question, sets);
  }
  const denied = question.type === rrType.DS ? synthesise(question, trail, true) : undefined;
  if (denied !== undefined) return replyOf(question, denied, undefined);
  return known ?? (yield* ask(question, inquiry));
}

/** Asks for DS or DNSKEY. Aliases are not followed: they are what was told. */
function* ask(question: Question, inquiry: Inquiry): Task<Reply | NoReply> {
  const { trail } = inquiry;
  const outcome = yield* join(question);
  if (outcome.kind === "failed" && outcome.ttlS === 0) trail.isHampered = true;
  const found = recall(question, trail);
  if (found !== undefined && found.kind !== "failed") {
    const source = outcome.kind === "answered" ? outcome.source : undefined;
    return replyOf(question, found, source);
  }
  return outcome.kind === "failed" ? outcome : passingReply(question, outcome);
}

/** Asks another server. */
function* lookAgain(reply: Reply, inquiry: Inquiry): Task<Reply | NoReply> {
  if (reply.found !== undefined) forget(reply.found, reply.question, inquiry.trail);
  return yield* ask(reply.question, inquiry);
}

function referralReply(question: Question, sets: readonly RecordSet[]): Reply {
  const isDs = (set: RecordSet): boolean => set.type === rrType.DS;
  return {
    kind: "reply",
    question,
    answer: sets.filter(isDs),
    authority: sets.filter((set) => !isDs(set)),
    isNoName: false,
    source: undefined,
    isFromReferral: true,
    found: undefined,
  };
}

function replyOf(question: Question, found: Found, source: Source | undefined): Reply {
  const denied = found.kind === "denied" ? found : undefined;
  return {
    kind: "reply",
    question,
    answer: found.sets,
    authority: denied === undefined ? found.proofs : [...denied.authority, ...found.proofs],
    isNoName: denied?.isName === true,
    source,
    isFromReferral: false,
    found,
  };
}

/** What was told and may not be kept: its TTL is 0. */
function passingReply(question: Question, outcome: Outcome & { readonly kind: "answered" }): Reply {
  const { answer, authority, source } = outcome;
  return {
    kind: "reply",
    question,
    answer,
    authority,
    isNoName: outcome.rcode === 3,
    source,
    isFromReferral: false,
    found: undefined,
  };
}

function signed({ answer, authority }: Reply): readonly RecordSet[] {
  return [...answer, ...authority];
}

/** Seconds that all of a reply may be kept. */
function ttlOf(reply: Reply): number {
  return Math.min(KEPT_MAX_S, ...signed(reply).map((set) => set.ttl));
}

function partsOf({ answer, authority }: Reply): Pick<Reply, "answer" | "authority"> {
  return { answer, authority };
}

function tellStep(what: "zone" | "cut", name: Name, told: Cut | Standing, inquiry: Inquiry): void {
  const { trail } = inquiry;
  if (trail.options.trace === undefined) return;
  const [why] = "errors" in told ? told.errors : [];
  const result = why === undefined ? told.kind : `${told.kind}: ${why.text}`;
  trace(trail, { kind: "judged", question: trail.question, name, what, result });
}
