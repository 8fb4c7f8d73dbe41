/**
 * What an operator may order of a running resolver: numbers, forgetting, and what is known of one
 * name.
 *
 * PRIVACY: names leave the caches by `dump` only, for a name that the operator had to know.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import type { AnswerCache } from "../cache/answer-cache.ts";
import type { RecursorMemory } from "../recursor/options.ts";
import type { ResolverOptions, ResolverStats } from "./resolver.ts";

export type ControlOrder =
  | { readonly kind: "stats" }
  /** Forgets everything of a name, or of one of its types. */
  | { readonly kind: "flush"; readonly name: Name; readonly type: number | undefined }
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
  readonly kind: "data" | "no data" | "no such name" | "delegation" | "packed answer";
  /** The type that it is about; of a name that does not exist "-". */
  readonly type: string;
  /** Seconds until it expires; below zero: it did, and may still be told. */
  readonly leftS: number;
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
  readonly memory: RecursorMemory;
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
  flushAll(controlled);
  return { kind: "flushed", entries: stats.answers.entries + stats.rrsets.entries };
}

/** Forgets all names; what is known of servers stays. */
export function flushAll({ answers, memory }: Pick<Controlled, "answers" | "memory">): void {
  answers.clear();
  memory.rrsets.clear();
  memory.failures.clear();
  memory.bogus.clear();
  memory.chains.clear();
}

function flush(name: Name, type: number | undefined, { answers, memory }: Controlled): number {
  // Failures are known by a hash of name and type: those of other types end by themselves.
  const types = type === undefined ? Object.values(rrType) : [type];
  for (const one of types) memory.failures.forget({ name, type: one, class: rrClass.IN });
  return answers.removeName(name, type) + memory.rrsets.removeName(name, type);
}

function dump(name: Name, { answers, memory, nowMs }: Controlled): KnownEntry[] {
  const sets = memory.rrsets.entriesOf(name, nowMs).map(({ kind, type, leftS, sets: known }) => {
    const records = known.flatMap(recordsOf);
    return { kind, type: type === 0 ? "-" : typeToText(type), leftS, records };
  });
  const packed = answers.entriesOf(name, nowMs).map(({ type, leftS }) => {
    return { kind: "packed answer" as const, type: typeToText(type), leftS, records: [] };
  });
  return [...sets, ...packed];
}

function recordsOf(set: RecordSet): string[] {
  const { name, type, class: rrclass, ttl } = set;
  const signatures = set.signatures.map((rdata) => ({ type: rrType.RRSIG, rdata }));
  return [...set.rdatas.map((rdata) => ({ type, rdata })), ...signatures].map((record) =>
    recordToText({ name, class: rrclass, ttl, ...record }),
  );
}
