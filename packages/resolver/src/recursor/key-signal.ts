/** Tells a zone with a trust anchor which of its keys are trusted, when it is asked for them. */
import type { Name } from "@lethe/wire/name.ts";
import { keyTagQuery } from "../dnssec/key-tag-query.ts";
import { type Task, spawn } from "./effect.ts";
import type { Inquiry } from "./inquiry.ts";

/**
 * The question of RFC 8145 §5, beside the one for the keys; nobody waits for its answer.
 *
 * PRIVACY: it says which keys this resolver trusts, and nothing of who asks it.
 */
export function* signalKeyTags(zone: Name, { beliefs }: Inquiry): Task<void> {
  if (!beliefs.signalsKeyTags) return;
  const signal = keyTagQuery(zone, beliefs.tagsOf(zone));
  if (signal !== undefined) yield* spawn(signal);
}
