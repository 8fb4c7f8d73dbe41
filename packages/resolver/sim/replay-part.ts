/**
 * Replies to parts of names, where a file has them with another type than Lethe shows.
 *
 * RFC 9156 §2.3 leaves open with which type a part of a name is shown. Knot's files hold what NS
 * questions are told; Lethe asks for A. What does not depend on the type is the same for both: a
 * referral, an alias, that there is no such name. Nothing else of an entry for NS is used.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import type { Message } from "@lethe/wire/message.ts";
import type { Entry } from "./entry.ts";

/** The entry for a question of type A that `find` has for the same name and NS, if it serves. */
export function partEntry(
  query: Message,
  find: (query: Message) => Entry | undefined,
): Entry | undefined {
  const asked = query.questions[0];
  if (asked?.type !== rrType.A) return undefined;
  const entry = find({ ...query, questions: [{ ...asked, type: rrType.NS }] });
  if (entry === undefined || entry.raw !== undefined || !isOfEveryType(entry)) return undefined;
  return { ...entry, adjust: new Set([...entry.adjust, "copy_query"]) };
}

/** Says whether a server would reply the same to a question of any other type. */
function isOfEveryType({ answer, authority, rcode: code }: Entry): boolean {
  const has = (type: number): boolean => authority.some((record) => record.type === type);
  if (answer.length > 0) {
    return answer.every((record) => record.type === rrType.CNAME || record.type === rrType.DNAME);
  }
  return code === rcode.NXDOMAIN || (code === rcode.NOERROR && has(rrType.NS) && !has(rrType.SOA));
}
