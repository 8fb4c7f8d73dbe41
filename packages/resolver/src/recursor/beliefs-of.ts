/** From a recursor's options to what it believes beforehand. */
import { Beliefs, type KeyWatcher } from "../dnssec/beliefs.ts";
import type { Validation } from "./options.ts";

/** Undefined: nothing is validated. */
export function beliefsOf(
  validation: Validation | undefined,
  watcher: KeyWatcher | undefined,
): Beliefs | undefined {
  if (validation === undefined) return undefined;
  const { anchors, insecure, negative = [], signalsKeyTags = false } = validation;
  const always = insecure.map((zone) => ({ zone, untilS: undefined, reason: "" }));
  return new Beliefs({ anchors, negative: [...always, ...negative], signalsKeyTags, watcher });
}
