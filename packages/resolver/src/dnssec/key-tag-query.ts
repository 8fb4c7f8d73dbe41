/**
 * Signalling which keys are trusted (RFC 8145 §5): `_ta-4f66-9728.` of type NULL, asked of the
 * zone whose keys they are, so that its operator learns when a new key may be used.
 */
import { rrClass } from "@lethe/wire/codes.ts";
import { type Name, nameFromBytes } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";

/** RFC 1035 §3.3.10. */
const TYPE_NULL = 10;
const TAGS_MAX = limits.keyTagsPerSignalMax.value;

/** The question that tells a zone the tags of its trusted keys; undefined: there are none. */
export function keyTagQuery(zone: Name, tags: readonly number[]): Question | undefined {
  if (tags.length === 0) return undefined;
  const inOrder = tags.toSorted((a, b) => a - b).slice(0, TAGS_MAX);
  const label = `_ta-${inOrder.map((tag) => tag.toString(16).padStart(4, "0")).join("-")}`;
  const bytes = new Uint8Array(1 + label.length + zone.length);
  bytes[0] = label.length;
  bytes.set(new TextEncoder().encode(label), 1);
  bytes.set(zone, 1 + label.length);
  const name = nameFromBytes(bytes);
  // A zone whose name leaves no room for the label is told nothing.
  if (name === undefined) return undefined;
  assert(name.length === bytes.length, "a label before a name makes one name");
  return { name, type: TYPE_NULL, class: rrClass.IN };
}
