/**
 * What an operator may order of a running resolver: numbers, forgetting, and what is known of one
 * name.
 *
 * PRIVACY: names leave the caches by `dump` only, for a name that the operator had to know.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import { type Name, parentOf } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import type { AnswerCache } from "../cache/answer-cache.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import type { RecursorMemory } from "../recursor/options.ts";
import type { ResolverOptions, ResolverStats } from "./resolver.ts";

export type ControlOrder =
  | { readonly kind: "stats" }
  /** Forgets everything of a name, or of one of its types. */
  | { readonly kind: "flush"; readonly name: Name; readonly type: number | undefined }
  /** Forgets everything of a name and of all names below it. */
  | { readonly kind: "flush-below"; readonly name: Name }
  | { readonly kind: "flush-all" }
  | { readonly kind: "dump"; readonly name: Name };

/** Other options, from the configuration that was read again; never an operator's order. */
export interface ReloadOrder {
  readonly kind: "reload";
  readonly resolver: ResolverOptions;
  /** What the caches hold may be wrong by them. */
  readonly forgets: boolean;
}

/** Something that is known of a name. */
export interface KnownEntry {
  readonly kind: "data" | "no data" | "no such name" | "delegation" | "packed answer" | "failure";
  /** The type that it is about; of a name that does not exist "-". */
  readonly type: string;
  /** Seconds until it expires; below zero: it did, and may still be told. */
  readonly leftS: number;
  /** How far data is believed (RFC 2181 §5.4.1); "-" for all else. */
  readonly rank: string;
  /** What DNSSEC says of it; "-" where that was not asked. */
  readonly verdict: Verdict | "-";
  /** In presentation form. */
  readonly records: readonly string[];
}

export type ControlAnswer =
  | { readonly kind: "stats"; readonly stats: ResolverStats }
  | { readonly kind: "flushed"; readonly entries: number }
  | { readonly kind: "reloaded" }
  | { readonly kind: "dumped"; readonly known: readonly KnownEntry[] };

/** What the orders are about. */
export interface Controlled {
  readonly answers: AnswerCache;
  /** Everybody's, and those of views that resolve for themselves. */
  readonly memories: readonly RecursorMemory[];
  readonly nowMs: number;
  readonly stats: ResolverStats;
}

/** Carries out an order. */
export function perform(order: ControlOrder, controlled: Controlled): ControlAnswer {
  const { stats } = controlled;
  if (order.kind === "stats") return { kind: "stats", stats };
  if (order.kind === "dump") return { kind: "dumped", known: dump(order.name, controlled) };
  if (order.kind === "flush") {
    return { kind: "flushed", entries: flush(order.name, order.type, controlled) };
  }
  if (order.kind === "flush-below") {
    return { kind: "flushed", entries: flushBelow(order.name, controlled) };
  }
  flushAll(controlled);
  return { kind: "flushed", entries: stats.answers.entries + stats.rrsets.entries };
}

/** Forgets all names; what is known of servers stays. */
export function flushAll({ answers, memories }: Pick<Controlled, "answers" | "memories">): void {
  answers.clear();
  for (const memory of memories) {
    memory.rrsets.clear();
    forgetHashed(memory);
  }
}

/**
 * Forgets what is known by a hash of its name, failures and links of the chain of trust, and what
 * is known of names in between others.
 */
function forgetHashed(memory: RecursorMemory): void {
  memory.denials.clear();
  forgetFailures(memory);
}

/** Forgets what failed, and the links of the chain of trust, which may have failed with it. */
export function forgetFailures({ failures, bogus, chains }: RecursorMemory): void {
  failures.clear();
  bogus.clear();
  chains.clear();
}

/** Forgets a name and all names below it; gives how many entries these were. */
export function flushBelow(
  name: Name,
  { answers, memories }: Pick<Controlled, "answers" | "memories">,
): number {
  const below = true;
  let entries = answers.removeName(name, undefined, below);
  for (const memory of memories) {
    // Which of these lie below the name cannot be seen from their hashes.
    forgetHashed(memory);
    entries += memory.rrsets.removeName(name, undefined, below);
  }
  return entries;
}

function flush(name: Name, type: number | undefined, { answers, memories }: Controlled): number {
  // Failures are known by a hash of name and type: those of other types end by themselves.
  const types = type === undefined ? Object.values(rrType) : [type];
  let entries = answers.removeName(name, type);
  for (const memory of memories) {
    for (const one of types) {
      memory.failures.forget({ name, type: one, class: rrClass.IN });
      memory.bogus.forget({ name, type: one, class: rrClass.IN });
    }
    memory.chains.forget(name);
    // Whatever zone holds the name, none of its denials speaks of it any more.
    for (let zone = name; ; zone = parentOf(zone)) {
      memory.denials.removeZone(zone, rrClass.IN);
      if (zone.length === 1) break;
    }
    entries += memory.rrsets.removeName(name, type);
  }
  return entries;
}

function dump(name: Name, { answers, memories, nowMs }: Controlled): KnownEntry[] {
  const packed = answers.entriesOf(name, nowMs).map(({ type, leftS, isSecure }) => {
    const verdict = isSecure ? ("secure" as const) : ("-" as const);
    const kind = "packed answer" as const;
    return { kind, type: typeToText(type), leftS, rank: "-", verdict, records: [] };
  });
  return [
    ...memories.flatMap((memory) => dumpSets(name, memory, nowMs)),
    ...packed,
    ...memories.flatMap((memory) => failuresOf(name, memory, nowMs)),
  ];
}

/** The sets that one recursor's caches hold. */
function dumpSets(name: Name, memory: RecursorMemory, nowMs: number): KnownEntry[] {
  return memory.rrsets.entriesOf(name, nowMs).map(({ type, trust, sets: known, ...entry }) => {
    const records = known.flatMap(recordsOf);
    return { ...entry, type: type === 0 ? "-" : typeToText(type), rank: RANKS[trust]!, records };
  });
}

/** How each rank of trust.ts is called, by its number. */
const RANKS: readonly string[] = [
  "-",
  "additional",
  "answer",
  "authority",
  "authoritative answer",
  "proven",
];

function failuresOf(name: Name, { failures, bogus }: RecursorMemory, nowMs: number): KnownEntry[] {
  const found: KnownEntry[] = [];
  for (const type of Object.values(rrType)) {
    const question = { name, type, class: rrClass.IN };
    for (const [cache, verdict] of [
      [failures, "-"],
      [bogus, "bogus"],
    ] as const) {
      const failed = cache.find(question, nowMs);
      if (failed === undefined) continue;
      const { ttlS: leftS } = failed;
      const kind = "failure" as const;
      found.push({ kind, type: typeToText(type), leftS, rank: "-", verdict, records: [] });
    }
  }
  return found;
}

function recordsOf(set: RecordSet): string[] {
  const { name, type, class: rrclass, ttl } = set;
  const signatures = set.signatures.map((rdata) => ({ type: rrType.RRSIG, rdata }));
  return [...set.rdatas.map((rdata) => ({ type, rdata })), ...signatures].map((record) =>
    recordToText({ name, class: rrclass, ttl, ...record }),
  );
}
