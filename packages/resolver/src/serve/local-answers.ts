/** What this server knows by itself: who it is, and the one answer to type ANY. */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { type Name, nameKey } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { assert } from "../base/assert.ts";
import type { Answered } from "../recursor/outcome.ts";

/** What is told of this server; undefined is told to nobody. */
export interface Identity {
  readonly server: string | undefined;
  readonly version: string | undefined;
  /** What NSID tells; the server's name where absent. */
  readonly nsid?: Uint8Array | undefined;
}

/** Names of class CH by what they tell: RFC 4892 §3, and BIND's older ones. */
const IDENTITY_NAMES: ReadonlyMap<string, "server" | "version"> = new Map([
  [nameKey(plainName("id.server.")), "server"],
  [nameKey(plainName("hostname.bind.")), "server"],
  [nameKey(plainName("version.server.")), "version"],
  [nameKey(plainName("version.bind.")), "version"],
]);

/** The answer to a question of class CH, where it may be told. */
export function identityOf(question: Question, identity: Identity): Answered | undefined {
  const what = IDENTITY_NAMES.get(nameKey(question.name));
  const text = what && identity[what];
  if (text === undefined || question.type !== rrType.TXT) return undefined;
  // Two servers behind one address may tell different names: nothing of it is kept.
  return localAnswer(question, 0, characterString(text));
}

/** How long the answer to ANY may be kept: who asks again gets nothing else. */
const ANY_TTL_S = 86_400;

/** HINFO in the place of whatever there is (RFC 8482 §4.2). */
export function hinfoForAny(question: Question): Answered {
  const rdata = Uint8Array.of(...characterString("RFC8482"), ...characterString(""));
  return localAnswer({ ...question, type: rrType.HINFO }, ANY_TTL_S, rdata);
}

/** One record that answers a question. */
export function localAnswer(question: Question, ttl: number, rdata: Uint8Array): Answered {
  return localOutcome(rcode.NOERROR, [{ ...question, ttl, rdatas: [rdata], signatures: [] }], []);
}

/** An outcome that nobody had to be asked for. */
export function localOutcome(
  code: number,
  answer: readonly RecordSet[],
  authority: readonly RecordSet[],
): Answered {
  const ttlS = Math.min(...[...answer, ...authority].map((set) => set.ttl));
  return {
    kind: "answered",
    rcode: code,
    answer,
    authority,
    verdict: "indeterminate",
    errors: [],
    ttlS,
  };
}

/** The name of a text that stands in the source. */
export function plainName(text: string): Name {
  const name = nameFromText(text);
  assert(name !== undefined, "tables hold names");
  return name;
}

/** A text as RFC 1035 §3.3 has it, a length octet before it; the settings bound its length. */
function characterString(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(bytes.length, ...bytes);
}
