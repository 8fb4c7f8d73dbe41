/**
 * What an authority told, as a finding, and kept in the caches.
 *
 * What will be judged is kept when it has been: nothing bogus enters the caches, and what is
 * proven is not replaced by what is not.
 */
import { getU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { isAtOrUnder } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { signedLabels } from "../dnssec/canonical.ts";
import { isMade } from "./alias.ts";
import type { Telling } from "./classify.ts";
import type { Delegation } from "./delegation.ts";
import { isPriming, keepPriming } from "./prime.ts";
import type { Found } from "./recall.ts";
import { type Source, type Trail, remarkDamage } from "./trail.ts";
import { trust } from "./trust.ts";

/** What was told, whereto, and by whom. */
export interface News {
  readonly telling: Telling;
  /** What was asked: the question, or a part of its name. */
  readonly question: Question;
  readonly delegation: Delegation;
  readonly source: Source | undefined;
}

/** Where the labels field of a signature stands (RFC 4034 §3.1). */
const LABELS_AT = 3;

/** What a reply says of a question. */
export function finding(news: News, trail: Trail): Found {
  const { telling } = news;
  const { ending, sets } = telling;
  const proofs = sets.some(isFromWildcard) ? telling.proofs : [];
  const { isDamaged } = telling;
  const known = { sets, proofs, verdict: "indeterminate", isDamaged, news } as const;
  if (ending.kind === "data") return { kind: "data", ...known };
  if (ending.kind === "alias") return { kind: "alias", target: ending.target, ...known };
  const { kind, name } = ending;
  const authority = withFloor(ending.authority, trail);
  const ttlS = negativeTtlS(authority, trail);
  return { kind: "denied", isName: kind === "no-name", name, authority, ttlS, ...known };
}

/** Keeps news in the caches as their verdict says. */
export function keep(found: Found, { telling, question, delegation }: News, trail: Trail): void {
  const { rrsets, failures } = trail.memory;
  const { nowMs } = trail;
  failures.forget(question);
  if (telling.isDamaged) remarkDamage(trail);
  if (delegation.configured?.isUncached === true) return;
  const told = telling.authoritative ? trust.authoritativeAnswer : trust.answer;
  const rank = found.verdict === "secure" ? trust.proven : told;
  for (const [i, set] of found.sets.entries()) {
    if (isMade(found.sets, i)) continue;
    const proofs = isFromWildcard(set) ? found.proofs : [];
    rrsets.store(set, rank, found.verdict, nowMs, proofs, telling.isDamaged);
  }
  if (telling.zoneServers !== undefined) {
    rrsets.store(telling.zoneServers, trust.authority, "indeterminate", nowMs);
  }
  if (isPriming(question)) keepPriming(telling, trail);
  if (found.kind === "denied" && isAtOrUnder(found.name, delegation.zone)) {
    keepDenial(found, question, trail);
  }
}

/** Keeps what was in the caches already, and has been proven now. */
export function keepProven(found: Found, question: Question, trail: Trail): void {
  const { rrsets } = trail.memory;
  for (const [i, set] of found.sets.entries()) {
    if (isMade(found.sets, i)) continue;
    const proofs = isFromWildcard(set) ? found.proofs : [];
    rrsets.store(set, trust.proven, "secure", trail.nowMs, proofs, found.isDamaged);
  }
  if (found.kind === "denied") keepDenial(found, question, trail);
}

function keepDenial(
  found: Found & { readonly kind: "denied" },
  question: Question,
  { memory, nowMs }: Trail,
): void {
  const { isName, name, authority, ttlS, verdict } = found;
  if (ttlS <= 0) return;
  const kind = isName ? "no-name" : "no-data";
  memory.rrsets.storeDenial(kind, { ...question, name }, authority, ttlS, verdict, nowMs);
}

/** Forgets what the caches said of a question. */
export function forget(found: Found, question: Question, { memory }: Trail): void {
  const { rrsets } = memory;
  for (const set of found.sets) rrsets.remove(set.name, set.type, set.class);
  if (found.kind !== "denied") return;
  if (found.isName) rrsets.removeNoName(found.name, question.class);
  else rrsets.remove(found.name, question.type, question.class);
}

/** Says whether a set claims to be made from a wildcard: its signature has fewer labels. */
function isFromWildcard({ name, signatures }: RecordSet): boolean {
  if (signatures.length === 0) return false;
  const labels = signedLabels(name);
  return signatures.some((signature) => signature[LABELS_AT]! < labels);
}

/** How long a denial may be kept: the lesser of the SOA's TTL and its last field (RFC 2308 §5). */
function negativeTtlS(authority: readonly RecordSet[], trail: Trail): number {
  const soa = authority.find((set) => set.type === rrType.SOA);
  if (soa === undefined) return 0;
  const rdata = soa.rdatas[0]!;
  const minimumS = getU32(rdata, rdata.length - 4);
  const { negativeTtlMinS = 0, negativeTtlMaxS } = trail.options;
  return Math.min(Math.max(Math.min(soa.ttl, minimumS), negativeTtlMinS), negativeTtlMaxS);
}

/** The records of a denial, none of them shorter than denials are kept. */
function withFloor(authority: readonly RecordSet[], { options }: Trail): readonly RecordSet[] {
  const { negativeTtlMinS: floorS = 0 } = options;
  if (floorS === 0) return authority;
  return authority.map((set) => (set.ttl < floorS ? { ...set, ttl: floorS } : set));
}
