/**
 * What the caches know of a question, before anybody is asked.
 *
 * Data first, then an alias at the name, then denials of the name or of one above it (RFC 8020),
 * then a DNAME above it, then what proven denials of other names say of it (RFC 8198), then a
 * failure that is remembered (RFC 9520).
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, isUnder, parentOf } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { CachedDenial, CachedSet } from "../cache/rrset-cache.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import { aliasByCname, aliasByDname } from "./alias.ts";
import { configuredFor } from "./delegation.ts";
import type { NoReply } from "./exchange.ts";
import type { News } from "./keep.ts";
import { synthesise } from "./synthesise.ts";
import { type Trail, remarkDamage } from "./trail.ts";
import { trust } from "./trust.ts";

/** What is known of one name and type. */
export type Found = (
  | { readonly kind: "data" }
  | { readonly kind: "alias"; readonly target: Name | undefined }
  | {
      readonly kind: "denied";
      /** The name does not exist; else only the type is absent. */
      readonly isName: boolean;
      /** The name that is denied, or whose type is. */
      readonly name: Name;
      readonly authority: readonly RecordSet[];
      readonly ttlS: number;
    }
) & {
  /** The data, or the aliases that lead there. */
  readonly sets: readonly RecordSet[];
  /** What proves that sets from a wildcard had to be made. */
  readonly proofs: readonly RecordSet[];
  readonly verdict: Verdict;
  /** Some of what was said of the name was unfit and is left out. */
  readonly isDamaged: boolean;
  /** Told just now, and not kept yet. */
  readonly news?: News;
};

/** What the caches say and will say for a while: a task that renews an answer looks further. */
export function recallLasting(question: Question, trail: Trail): Found | NoReply | undefined {
  const found = recall(question, trail);
  if (trail.renewS === 0 || found === undefined || found.kind === "failed") return found;
  const ttlS = found.kind === "denied" ? found.ttlS : Number.POSITIVE_INFINITY;
  if (Math.min(ttlS, ...found.sets.map((set) => set.ttl)) > trail.renewS) return found;
  return recallFailure(question, trail);
}

/** What the caches say, or undefined where somebody must be asked. */
export function recall(question: Question, trail: Trail): Found | NoReply | undefined {
  const cached = recallSet(question, question.type, trail);
  if (cached?.kind === "set") return { kind: "data", sets: [cached.set], ...known(cached) };
  if (cached !== undefined) return denied(cached);
  // All that a name has is known to its zone's servers alone: an alias would be part of it.
  if (question.type !== rrType.CNAME && question.type !== rrType.ANY) {
    const cname = recallSet(question, rrType.CNAME, trail);
    if (cname?.kind === "set") {
      return { kind: "alias", ...aliasByCname(cname.set), ...known(cname) };
    }
  }
  const { rrsets } = trail.memory;
  // What a public zone says of a zone that the operator names, or of names above it, concerns
  // nobody but who asks for its DS set, which is the parent's.
  const { name, type } = question;
  const top = configuredFor(type === rrType.DS ? parentOf(name) : name, trail)?.zone;
  const noName = rrsets.findNoName(name, question.class, trail.nowMs, top);
  if (noName !== undefined && (top === undefined || isUnder(noName.name, top))) {
    return denied(noName);
  }
  const dname = recallDname(question, trail, top);
  if (dname !== undefined) return dname;
  return synthesise(question, trail) ?? recallFailure(question, trail);
}

function recallFailure(question: Question, trail: Trail): NoReply | undefined {
  const failure = trail.memory.failures.find(question, trail.nowMs);
  return failure && { kind: "failed", why: "cached-failure", errors: failure.errors };
}

type Known = Pick<Found, "proofs" | "verdict" | "isDamaged">;

function known({ proofs, verdict, isDamaged }: CachedSet): Known {
  return { proofs, verdict, isDamaged };
}

/** A set good enough to answer with, or a denial. */
function recallSet(
  question: Question,
  type: number,
  trail: Trail,
): CachedSet | CachedDenial | undefined {
  const { rrsets } = trail.memory;
  const cached = rrsets.find(question.name, type, question.class, trail.nowMs);
  if (cached?.kind !== "set") return cached;
  if (isTooWeak(cached)) return undefined;
  if (cached.isDamaged) remarkDamage(trail);
  return cached;
}

/** Says whether a set came beside the answer to something else, as NS sets of authorities do. */
function isTooWeak(cached: CachedSet): boolean {
  return cached.trust !== trust.answer && cached.trust < trust.authoritativeAnswer;
}

/** A denial as it stands in the caches. */
export function denied({ kind, name, authority, ttlS, verdict }: CachedDenial): Found {
  const rest: Known = { proofs: [], verdict, isDamaged: false };
  return { kind: "denied", isName: kind === "no-name", name, sets: [], authority, ttlS, ...rest };
}

function recallDname(question: Question, trail: Trail, top: Name | undefined): Found | undefined {
  const { name, type, class: rrclass } = question;
  const cached = trail.memory.rrsets.findAbove(name, rrType.DNAME, rrclass, trail.nowMs, top);
  if (cached === undefined || isTooWeak(cached)) return undefined;
  const alias = aliasByDname(cached.set, name);
  return type !== rrType.CNAME || alias.target === undefined
    ? { kind: "alias", ...alias, ...known(cached) }
    : { kind: "data", sets: alias.sets, ...known(cached) };
}
