/**
 * Active refresh: the keys of a zone that has a trust anchor, asked of its servers (RFC 5011 §2.3).
 *
 * They come as they were told: whoever keeps the trust anchors judges them.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { keyTagQuery } from "../dnssec/key-tag-query.ts";
import type { Mesh } from "./mesh.ts";
import type { RecursorMemory } from "./options.ts";
import { findSet } from "./sets.ts";

/** Asks for keys, and tells the zone which of them are trusted where that is wanted. */
export function lookAtKeys(
  zone: Name,
  mesh: Mesh,
  memory: RecursorMemory,
  done: (keySet: RecordSet | undefined) => void,
): void {
  const question = { name: zone, type: rrType.DNSKEY, class: rrClass.IN };
  memory.rrsets.remove(zone, question.type, question.class);
  memory.failures.forget(question);
  mesh.request(
    question,
    (outcome) => {
      const sets = outcome.kind === "answered" ? outcome.answer : [];
      done(findSet(sets, zone, rrType.DNSKEY));
    },
    true,
  );
  const { beliefs } = mesh;
  const signal = beliefs?.signalsKeyTags === true && keyTagQuery(zone, beliefs.tagsOf(zone));
  if (signal) mesh.request(signal, () => {}, true);
}
