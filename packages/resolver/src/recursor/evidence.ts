/**
 * What judgements were made of: for people who want to see the chain of trust.
 *
 * Nobody collects it while serving; `lethe explain` and tests do (`RecursorOptions.trace`).
 */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { ExtendedError } from "../cache/failed.ts";
import type { Trust } from "../dnssec/judge-keys.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import { type Trail, trace } from "./trail.ts";

/** One judgement with its records. */
export type Evidence = {
  readonly name: Name;
  /** `no-cut`, `signed-cut`, or a verdict. */
  readonly judged: string;
  readonly errors: readonly ExtendedError[];
} & (
  | {
      readonly kind: "keys";
      readonly trust: Trust;
      /** The trust is an anchor; else it is the DS set of the parent. */
      readonly isAnchor: boolean;
      /** The DNSKEY set; undefined where nobody had it, or it was not needed. */
      readonly set: RecordSet | undefined;
    }
  /** What stands below a zone whose keys these are: its answer to a question for DS. */
  | {
      readonly kind: "cut";
      readonly answer: readonly RecordSet[];
      readonly authority: readonly RecordSet[];
      readonly keys: ZoneKeys;
    }
  | {
      readonly kind: "data";
      readonly set: RecordSet;
      /** What proves that a set from a wildcard had to be made. */
      readonly proofs: readonly RecordSet[];
      readonly keys: ZoneKeys | undefined;
    }
  | {
      readonly kind: "denial";
      /** Undefined: the name itself is denied. */
      readonly type: number | undefined;
      readonly authority: readonly RecordSet[];
      readonly keys: ZoneKeys | undefined;
    }
  /** A negative trust anchor, or none above the name. */
  | { readonly kind: "unvalidated" }
);

/** How a judgement ended, as evidence has it. */
export function judgedAs(judged: {
  readonly kind: string;
  readonly errors?: readonly ExtendedError[];
}): Pick<Evidence, "judged" | "errors"> {
  return { judged: judged.kind, errors: judged.errors ?? [] };
}

/** Shows evidence to whoever watches. */
export function show(evidence: Evidence, trail: Trail): void {
  trace(trail, { kind: "evidence", evidence });
}
