/**
 * Root key sentinel: names by which users learn whether their resolver trusts a key (RFC 8509).
 *
 * The answer must be secure in the first place; then a sentinel whose claim about the trust
 * anchors is false is answered with SERVFAIL.
 */
import type { Question } from "@lethe/wire/question.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { FOLD } from "@lethe/wire/name.ts";

/** What a name claims of the key with a tag. */
export interface Sentinel {
  readonly kind: "is-ta" | "not-ta";
  readonly tag: number;
}

const PREFIX = "root-key-sentinel-";
const LABEL = /^root-key-sentinel-(is|not)-ta-([0-9]{5})$/;

/** The prefix in small letters. */
const PREFIX_BYTES: Uint8Array = new TextEncoder().encode(PREFIX);
/** Octets of a label that is a sentinel: `…is-ta-20326`, `…not-ta-20326`. */
const IS_BYTES = PREFIX.length + "is-ta-00000".length;
const NOT_BYTES = PREFIX.length + "not-ta-00000".length;

/**
 * Says whether the name that begins at `at` may be a sentinel's: whoever answers out of a cache
 * asks this first. PERF: one comparison of an octet for nearly every name; allocates nothing.
 */
export function mayBeSentinel(message: Uint8Array, at: number): boolean {
  const size = message[at]!;
  if (size !== IS_BYTES && size !== NOT_BYTES) return false;
  for (let i = 0; i < PREFIX_BYTES.length; i++) {
    if (FOLD[message[at + 1 + i]!] !== PREFIX_BYTES[i]) return false;
  }
  return true;
}

/** The claim in the first label of a question for an address; undefined: none (RFC 8509 §2.1). */
export function sentinelOf({ name, type }: Question): Sentinel | undefined {
  if (type !== rrType.A && type !== rrType.AAAA) return undefined;
  const size = name[0]!;
  if (size <= PREFIX.length) return undefined;
  let label = "";
  for (let i = 1; i <= size; i++) label += String.fromCharCode(FOLD[name[i]!]!);
  const match = LABEL.exec(label);
  const tag = Number(match?.[2]);
  if (match === null || tag > 0xffff) return undefined;
  return { kind: match[1] === "is" ? "is-ta" : "not-ta", tag };
}

/** Says whether a secure answer is refused, given the tags of the root's trusted keys. */
export function refusesSentinel({ kind, tag }: Sentinel, trusted: readonly number[]): boolean {
  return trusted.includes(tag) === (kind === "not-ta");
}
