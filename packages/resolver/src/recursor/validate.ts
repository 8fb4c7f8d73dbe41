/**
 * Judges what was found of a name: each set, and the denial, by the keys of its own zone.
 *
 * What is proven is kept as such. What is bogus is kept nowhere; it is asked for once more at
 * another server, and refused if that one says nothing better (RFC 4035 §5.5).
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual, nameFromBytes, parentOf } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { tell as tellError, validationReasons } from "../base/extended-errors.ts";
import type { ExtendedError } from "../cache/failed.ts";
import {
  type Denied,
  type Secure,
  judgeData,
  judgeDenial,
  judgeSpareProofs,
} from "../dnssec/judge-answer.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import type { Judging } from "../dnssec/judging.ts";
import { type Bogus, type Insecure, type Verdict, bogus, weaker } from "../dnssec/verdict.ts";
import { isMade } from "./alias.ts";
import { standingOf } from "./chain.ts";
import { signerOver } from "./sets.ts";
import type { Task } from "./effect.ts";
import { type Evidence, judgedAs, show } from "./evidence.ts";
import type { NoReply } from "./exchange.ts";
import { type Inquiry, carry, mayAskAgain } from "./inquiry.ts";
import { forget, keep, keepProven } from "./keep.ts";
import { isAggressive, learnDenial, learnFrom } from "./learn.ts";
import type { Found } from "./recall.ts";
import { remarkDamage, trace } from "./trail.ts";

/** What was found, with its verdict, and what is to be said of it. */
export interface Validated {
  readonly kind: "validated";
  readonly found: Found | NoReply;
  readonly errors: readonly ExtendedError[];
}

/** Asks the servers of a question's zone. */
type LookUp = (question: Question, trail: Inquiry["trail"]) => Task<Found | NoReply>;

/** Validates what was found of a question, and keeps it; `lookUp` asks for it once more. */
export function* validate(
  found: Found,
  question: Question,
  inquiry: Inquiry,
  lookUp: LookUp,
): Task<Validated | Bogus> {
  const { trail } = inquiry;
  let told = found;
  let judged = yield* judge(told, question, inquiry);
  if (judged.kind === "bogus" && told.news !== undefined && judged.before !== undefined) {
    told = shortened(told, judged.at);
    judged = judged.before;
  }
  if (judged.kind === "bogus" && !judged.isOfChain && mayAskAgain(told.news?.source, inquiry)) {
    if (told.news === undefined) forget(told, question, trail);
    const again = yield* lookUp(question, trail);
    if (again.kind === "failed") return judged;
    told = again;
    const second = yield* judge(told, question, inquiry);
    // What the search for a cut made of the same lack tells less than the lack itself.
    judged = second.kind === "bogus" && second.isOfChain ? judged : second;
  }
  tell(question.name, judged, inquiry);
  if (judged.kind === "bogus") {
    if (told.isDamaged) remarkDamage(trail);
    if (told.news === undefined) forget(told, question, trail);
    return judged;
  }
  const { verdict, errors, ttlS } = judged;
  const isSettled = verdict === told.verdict && verdict !== "secure" && ttlS === Infinity;
  const kept = isSettled ? told : settled(told, judged);
  if (told.news !== undefined) keep(kept, told.news, trail);
  else if (verdict === "secure" && told.verdict !== "secure") keepProven(kept, question, trail);
  if (kept.kind === "alias" && verdict === "secure") yield* learnSpareProofs(kept, inquiry);
  return { kind: "validated", found: kept, errors };
}

/**
 * Keeps the denials that came beside an alias: they tell of its target mostly, that it is another
 * zone's and that one is unsigned.
 */
function* learnSpareProofs({ news, proofs, sets }: Found, inquiry: Inquiry): Task<void> {
  const spare = news?.telling.proofs ?? [];
  const [first] = sets;
  if (spare.length === 0 || proofs.length > 0 || first === undefined) return;
  if (!isAggressive(inquiry.trail)) return;
  const standing = yield* standingOf(first.name, signerOver(first.name, sets), inquiry);
  if (standing.kind !== "secure") return;
  const { terms } = inquiry;
  const denial = yield* carry(judgeSpareProofs(spare, standing.keys, terms), terms);
  learnDenial(denial, inquiry.trail);
}

/**
 * What was found with its verdict; it lives no longer than its signatures.
 *
 * Of a denial that is proven, what proves it is left: nothing else deserves to be passed on.
 */
function settled(found: Found, { verdict, ttlS, end, proofs }: Judged): Found {
  const shorter = (set: RecordSet): RecordSet => (set.ttl > ttlS ? { ...set, ttl: ttlS } : set);
  const sets = found.sets.map(shorter);
  const needed = verdict === "secure" && proofs.length > 0 ? proofs : found.proofs;
  if (found.kind !== "denied") return { ...found, sets, verdict, proofs: needed };
  const lifeS = Math.min(found.ttlS, ttlS);
  const rest = { ...found, sets, verdict, ttlS: lifeS, proofs: needed };
  if (end?.denial === undefined) return rest;
  const { soa, sets: denials } = end.denial;
  const authority = (soa === undefined ? denials : [soa, ...denials]).map(({ set }) => set);
  return { ...rest, authority, isName: found.isName && end.isNoData !== true };
}

/** The verdict of all that was found. */
interface Judged {
  readonly kind: "judged";
  readonly verdict: Verdict;
  readonly errors: readonly ExtendedError[];
  /** Seconds that it may be kept. */
  readonly ttlS: number;
  /** What proves that its sets from wildcards had to be made. */
  readonly proofs: readonly RecordSet[];
  /** What is proven of its last part. */
  readonly end?: Secure;
}

/** A part of what was found is bogus: the set with this number, or the denial behind them. */
interface Refused extends Bogus {
  readonly at: number;
  /** The chain of trust breaks above it: it may be right, and another server tells the same. */
  readonly isOfChain: boolean;
  /** The verdict of the aliases before it; undefined where there are none. */
  readonly before: Judged | undefined;
}

type Part =
  | Secure
  | Insecure
  | (Bogus & { readonly isOfChain?: boolean })
  | { readonly kind: "indeterminate" };

/** Questions for signatures are answered as they come: a signature is not signed. */
const UNSIGNED_TYPES: ReadonlySet<number> = new Set([rrType.RRSIG]);

function* judge(found: Found, question: Question, inquiry: Inquiry): Task<Judged | Refused> {
  const all: Judged = { kind: "judged", verdict: "secure", errors: [], ttlS: Infinity, proofs: [] };
  if (found.verdict === "secure") return all;
  if (UNSIGNED_TYPES.has(question.type)) return { ...all, verdict: "indeterminate" };
  let before = all;
  for (const { at, judging } of parts(found, question, inquiry)) {
    const judged = yield* judging;
    if (judged.kind === "bogus") {
      const { isOfChain = false } = judged;
      return { ...judged, isOfChain, at, before: at > 0 ? before : undefined };
    }
    if (judged.kind === "secure") learnFrom(judged, found.sets.slice(at, at + 1), inquiry.trail);
    if (judged.kind === "secure" && found.news?.telling.hasFalseAlias === true) {
      const set = found.sets[at];
      if (set?.type === rrType.DNAME) return falseAlias(set, found, question, inquiry);
    }
    before = {
      kind: "judged",
      verdict: weaker(before.verdict, judged.kind),
      errors: [...before.errors, ...remarks(judged, before.errors, question)],
      ttlS: Math.min(before.ttlS, ttlSOf(judged)),
      proofs:
        judged.kind === "secure" ? [...before.proofs, ...(judged.proofSets ?? [])] : before.proofs,
      ...(judged.kind === "secure" ? { end: judged } : {}),
    };
  }
  return before;
}

/**
 * A reply that says one thing in a proven DNAME and another in the CNAME beside it is refused
 * (RFC 6672 §5.3.1); the DNAME itself is as good as any.
 */
function falseAlias(
  dname: RecordSet,
  { isDamaged }: Found,
  question: Question,
  { trail }: Inquiry,
): Refused {
  const proven = { kind: "data", sets: [dname], proofs: [], verdict: "secure", isDamaged } as const;
  keepProven(proven, question, trail);
  const errors = [tellError(validationReasons.falseAlias, { name: nameToText(question.name) })];
  return { kind: "bogus", errors, isOfChain: false, at: 0, before: undefined };
}

/** Seconds that a judgement holds for. */
function ttlSOf(judged: Exclude<Part, Bogus>): number {
  return judged.kind === "indeterminate" ? Infinity : (judged.ttlS ?? Infinity);
}

/** What is said of a part that is not secure; once where no anchor stands above. */
function remarks(
  judged: Exclude<Part, Bogus>,
  before: readonly ExtendedError[],
  { name }: Question,
): readonly ExtendedError[] {
  if (judged.kind === "insecure") return judged.errors;
  const { noAnchor } = validationReasons;
  const isSaid = judged.kind === "secure" || before.some(({ code }) => code === noAnchor.code);
  return isSaid ? [] : [tellError(noAnchor, { name: nameToText(name) })];
}

/**
 * The aliases before something bogus, which is asked for by its own name then.
 *
 * A server may speak for all of a chain in one reply, and know only its beginning for sure.
 */
function shortened(found: Found, at: number): Found {
  const { proofs, verdict, isDamaged, news } = found;
  const sets = found.sets.slice(0, at);
  const target = nameFromBytes(sets.at(-1)!.rdatas[0]!);
  const known = { sets, proofs, verdict, isDamaged, ...(news === undefined ? {} : { news }) };
  return { kind: "alias", target, ...known };
}

/** A judgement to be made, of the set with this number or of the denial behind them. */
interface PartOf {
  readonly at: number;
  readonly judging: Task<Part>;
}

/** The judgements that something found needs, to be made one after the other. */
function* parts(found: Found, question: Question, inquiry: Inquiry): Iterable<PartOf> {
  const { terms } = inquiry;
  for (const [i, set] of found.sets.entries()) {
    // A CNAME that follows from a DNAME is ours, and is as good as that (RFC 6672 §5.3.1).
    if (isMade(found.sets, i)) continue;
    const home = homeOf(set.name, set.type);
    const judgeWith = (keys: ZoneKeys) => judgeData(set, found.proofs, keys, terms);
    const shown = { kind: "data", name: set.name, set, proofs: found.proofs } as const;
    yield { at: i, judging: judgePart(home, [set], judgeWith, shown, inquiry) };
  }
  if (found.kind !== "denied") return;
  const { name, authority, isName, news } = found;
  // Of a part of the name no type was asked for that would matter.
  const isWhole = news === undefined || nameEqual(news.question.name, question.name);
  const denied: Denied = isName
    ? { kind: "no-name", name, ...(isWhole ? { type: question.type } : {}) }
    : { kind: "no-data", name, type: question.type };
  const judgeWith = (keys: ZoneKeys) => judgeDenial(denied, authority, keys, terms);
  const home = homeOf(name, question.type);
  const type = isName ? undefined : question.type;
  const shown = { kind: "denial", name, type, authority } as const;
  yield { at: found.sets.length, judging: judgePart(home, authority, judgeWith, shown, inquiry) };
}

/** A name of the zone that speaks for a name and type: a DS is its parent's (RFC 4035 §2.4). */
function homeOf(name: Name, type: number): Name {
  return type === rrType.DS ? parentOf(name) : name;
}

/** A part before it is judged, as it is shown afterwards. */
type PartShown =
  | Omit<Evidence & { readonly kind: "data" }, "judged" | "errors" | "keys">
  | Omit<Evidence & { readonly kind: "denial" }, "judged" | "errors" | "keys">;

/**
 * Judges one part by the keys of its zone.
 *
 * Whose signature it carries tells where the zone is looked for. If it proves nothing there, the
 * zone may be another one below, one that is proven to be unsigned perhaps.
 */
function* judgePart(
  home: Name,
  signed: readonly RecordSet[],
  judgeWith: (keys: ZoneKeys) => Judging<Secure | Insecure | Bogus>,
  shown: PartShown,
  inquiry: Inquiry,
): Task<Part> {
  const { trail } = inquiry;
  const done = (judged: Part, keys?: ZoneKeys): Part => {
    show({ ...shown, ...judgedAs(judged), keys }, trail);
    return judged;
  };
  const signer = signerOver(home, signed);
  const standing = yield* standingOf(home, signer, inquiry);
  if (standing.kind === "bogus") {
    const { memory, nowMs } = trail;
    const isOfChain = memory.chains.nearest(home, ROOT, nowMs)?.kind === "bogus";
    return done({ ...standing, isOfChain });
  }
  if (standing.kind !== "secure") return done(standing);
  const judged = orContradiction(
    yield* carry(judgeWith(standing.keys), inquiry.terms),
    shown,
    trail,
  );
  if (judged.kind !== "bogus" || signer === undefined || inquiry.terms.work.isSpent) {
    return done(judged, standing.keys);
  }
  // A denial names the zone that denies: where that is this one, no zone below can have meant it.
  const soa = signed.find((set) => set.type === rrType.SOA);
  if (soa !== undefined && nameEqual(soa.name, standing.keys.zone)) {
    return done(judged, standing.keys);
  }
  const below = yield* standingOf(home, undefined, inquiry);
  if (below.kind === "insecure") return done(below);
  if (below.kind === "bogus") {
    return done({ ...judged, errors: together(judged.errors, below.errors) }, standing.keys);
  }
  if (below.kind !== "secure" || nameEqual(below.keys.zone, standing.keys.zone)) {
    return done(judged, standing.keys);
  }
  return done(yield* carry(judgeWith(below.keys), inquiry.terms), below.keys);
}

/** A denial without proof, of a name where an alias was proven while a cut was looked for. */
function orContradiction(
  judged: Secure | Insecure | Bogus,
  shown: PartShown,
  { memory, nowMs }: Inquiry["trail"],
): Secure | Insecure | Bogus {
  if (judged.kind !== "bogus" || shown.kind !== "denial") return judged;
  const link = memory.chains.find(shown.name, nowMs);
  if (link?.kind !== "no-cut" || link.isAlias !== true) return judged;
  return bogus(tellError(validationReasons.aliasDenied, { name: nameToText(shown.name) }));
}

/** Why something is refused, and why what lies below could not be looked into; no code twice. */
function together(
  errors: readonly ExtendedError[],
  others: readonly ExtendedError[],
): readonly ExtendedError[] {
  const isNew = ({ code }: ExtendedError): boolean => !errors.some((one) => one.code === code);
  return [...errors, ...others.filter(isNew)];
}

function tell(name: Name, judged: Judged | Bogus, { trail }: Inquiry): void {
  if (trail.options.trace === undefined) return;
  const verdict = judged.kind === "bogus" ? judged.kind : judged.verdict;
  const [why] = judged.errors;
  const result = why === undefined ? verdict : `${verdict}: ${why.text}`;
  trace(trail, { kind: "judged", question: trail.question, name, what: "answer", result });
}
