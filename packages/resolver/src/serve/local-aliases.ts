/**
 * Aliases between names of the configuration and names of the Internet, in either direction.
 *
 *   asked ── CNAME ──► public name ── CNAME ──► local name: from the configuration
 *   asked ── CNAME, local ──► public name: resolved, the local alias before it
 *
 * What the configuration has wins over what servers tell of the same name, also where an alias
 * leads there. PRIVACY: the recursor is told to stop at such names (`stopsAt`), so that no server
 * is asked for them.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, nameFromBytes } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { Answered } from "../recursor/outcome.ts";
import { localOutcome } from "./local-answers.ts";
import type { LocalZones } from "./local-zones.ts";

/** An answer as far as it goes; `next` is the name that has yet to be resolved. */
export interface Joined {
  readonly outcome: Answered;
  readonly next: Name | undefined;
}

/**
 * Joins what was told of a name behind the aliases that led there, as far as no name in it is
 * local; from the first that is, the configuration speaks.
 */
export function joinAliases(
  begun: readonly RecordSet[],
  told: Answered,
  question: Question,
  zones: LocalZones,
): Joined {
  for (const [i, set] of told.answer.entries()) {
    if (set.type !== rrType.CNAME || question.type === rrType.CNAME) continue;
    const target = nameFromBytes(set.rdatas[0]!);
    const local = target && zones.answer({ ...question, name: target });
    if (local === undefined) continue;
    const sets = [...begun, ...told.answer.slice(0, i + 1), ...local.answer];
    const outcome = { ...localOutcome(local.rcode, sets, local.authority), errors: told.errors };
    return { outcome: { ...outcome, ttlS: Math.min(outcome.ttlS, local.ttlS) }, next: local.next };
  }
  if (begun.length === 0) return { outcome: told, next: told.next };
  const outcome: Answered = {
    ...told,
    answer: [...begun, ...told.answer],
    // Nobody signs what the configuration says.
    verdict: "indeterminate",
    ttlS: Math.min(told.ttlS, ...begun.map((set) => set.ttl)),
  };
  return { outcome, next: told.next };
}
