/** What a store of record sets holds of one name, for an operator who asks for it by name. */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Verdict } from "../dnssec/verdict.ts";
import { packedAt, packedKind, unpackDenial, unpackSet, verdictOf } from "./packed-sets.ts";
import type { Store } from "./store.ts";

/** Something kept of a name. */
export interface EntryOfName {
  readonly kind: "data" | "no data" | "no such name" | "delegation";
  /** 0 where the name as a whole is denied. */
  readonly type: number;
  /** Seconds until it expires; below zero where it has. */
  readonly leftS: number;
  /** With what is left of their TTLs: 0 where they expired. */
  readonly sets: readonly RecordSet[];
  /** How far data is believed, as the recursor counts; 0 for all else. */
  readonly trust: number;
  readonly verdict: Verdict;
}

/**
 * Everything of a name, expired or not; `cut` is the second word of the keys of delegations.
 *
 * PERF: looks at every entry of the store: a dump is an operator's act.
 */
export function entriesOfName(store: Store, name: Name, cut: number, nowMs: number): EntryOfName[] {
  const { log } = store;
  const found: EntryOfName[] = [];
  store.forEachOf(name, (entry) => {
    const type = log.wordA(entry) >>> 16;
    const rrclass = log.wordA(entry) & 0xffff;
    const leftS = Math.ceil((log.expiresMs(entry) - nowMs) / 1000);
    const ttlS = Math.max(leftS, 0);
    const at = log.valueAt(entry);
    const isCut = log.wordB(entry) === cut;
    const packed = log.bytes[at + packedAt.kind];
    const verdict = verdictOf(log.bytes[at + packedAt.verdict]!);
    if (isCut || packed === packedKind.set) {
      const set = unpackSet(log.bytes, at, { name, type, class: rrclass }, ttlS);
      const trust = isCut ? 0 : log.bytes[at + packedAt.trust]!;
      found.push({ kind: isCut ? "delegation" : "data", type, leftS, sets: [set], trust, verdict });
      return;
    }
    const kind = packed === packedKind.noName ? "no such name" : "no data";
    const sets = unpackDenial(log.bytes, at, rrclass, ttlS);
    found.push({ kind, type, leftS, sets, trust: 0, verdict });
  });
  return found;
}
