/**
 * What must hold in every hostile world, whatever its servers and its network do.
 *
 *   - every client is answered exactly once, within a bounded time
 *   - what it is told is right; failing is right only where no sure way to the answer exists, or
 *     where the answer is bogus; AD tells the truth, and no TTL is longer than its authority's
 *   - the questions that were asked upstream stay within the clients' shares
 *   - when all is over no task is left, and nothing waits to happen
 */
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { equalBytes, getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { lowerCase } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { limits } from "../src/base/limits.ts";
import { questionEnd } from "../src/upstream/match.ts";
import type { RightAnswer } from "./reference.ts";

const ANSWER_MS_MAX = limits.clientWaitMs.value;

/** One question of one client, and what came of it. */
export interface Conversation {
  readonly name: string;
  readonly type: string;
  /** The query as the client sent it. */
  readonly query: Uint8Array;
  readonly askedMs: number;
  /** The client validates by itself (CD), and is given what it asks for unjudged. */
  readonly checksItself: boolean;
  /** The client understands AD (RFC 6840 §5.7). */
  readonly understandsAd: boolean;
  /** Each answer with the time at which it came; there should be one. */
  readonly answers: { readonly atMs: number; readonly message: Uint8Array | undefined }[];
}

export interface Aftermath {
  readonly tasksRunning: number;
  readonly eventsWaiting: number;
  readonly asks: number;
}

/** What is wrong with one conversation, or undefined. */
export function wrongInConversation(one: Conversation, right: RightAnswer): string | undefined {
  const [first, ...more] = one.answers;
  if (first === undefined) return "was never answered";
  if (more.length > 0) return `was answered ${one.answers.length} times`;
  const tookMs = first.atMs - one.askedMs;
  if (tookMs > ANSWER_MS_MAX) return `was answered after ${tookMs} ms`;
  if (first.message === undefined) return "was dropped";
  const answer = readMessage(first.message);
  if (answer.kind === "malformed") return `got a malformed answer: ${answer.why}`;
  if (!repeats(first.message, one.query)) return "got an answer to another question";
  const code = rcodeToText(fullRcode(answer));
  if (code === "SERVFAIL") {
    return right.must && (right.truth !== "bogus" || one.checksItself)
      ? `got SERVFAIL after ${tookMs} ms; a sure way leads to it`
      : undefined;
  }
  const isBogus = right.truth === "bogus" && !one.checksItself;
  if (isBogus) return `got ${code}; it cannot be proven and should be`;
  if (code !== right.rcode) return `got ${code}, right is ${right.rcode}`;
  const wrongAd = wrongVerdict((answer.header.flags & flag.ad) !== 0, one, right);
  if (wrongAd !== undefined) return wrongAd;
  if ((answer.header.flags & flag.tc) !== 0) return undefined; // the client would ask over TCP
  const longS = Math.max(0, ...answer.answer.map(({ ttl }) => ttl));
  if (longS > right.ttlMaxS) return `got a TTL of ${longS} s, at most ${right.ttlMaxS} are told`;
  const data = answer.answer.filter(({ type }) => type !== rrType.RRSIG);
  const got = new Set(data.map(lineOf));
  const wanted = new Set(right.answer);
  const missing = [...wanted].filter((line) => !got.has(line));
  const extra = [...got].filter((line) => !wanted.has(line));
  if (extra.length === 0 && wanted.size - missing.length >= right.enough) {
    return wrongDenial(answer, right);
  }
  return ["got a wrong answer:", ...missing.map((l) => `-${l}`), ...extra.map((l) => `+${l}`)].join(
    " ",
  );
}

/** AD says that all of the answer was proven, to those who understand it and ask for proofs. */
function wrongVerdict(
  isAd: boolean,
  { checksItself, understandsAd }: Conversation,
  { truth }: RightAnswer,
): string | undefined {
  if (isAd && (truth === "insecure" || truth === "bogus")) return `got AD; it is ${truth}`;
  if (isAd && !understandsAd) return "got AD unasked";
  const isDue = truth === "secure" && understandsAd && !checksItself;
  return isDue && !isAd ? "got no AD; it is secure" : undefined;
}

/** Says whether an answer has id and question of a query, letter for letter, and RD and RA set. */
function repeats(answer: Uint8Array, query: Uint8Array): boolean {
  const wanted = flag.qr | flag.rd | flag.ra;
  const end = questionEnd(query);
  return (
    (getU16(answer, 2) & wanted) === wanted &&
    getU16(answer, 0) === getU16(query, 0) &&
    getU16(answer, countAt.question) === 1 &&
    equalBytes(answer.subarray(HEADER_BYTES, end), query.subarray(HEADER_BYTES, end))
  );
}

/** A denial is told by the SOA of the zone that denies, and by no other. */
function wrongDenial(answer: Message, right: RightAnswer): string | undefined {
  if (right.deniedBy === undefined) return undefined;
  const owners = answer.authority
    .filter((record) => record.type === rrType.SOA)
    .map((record) => nameToText(lowerCase(record.name)));
  if (owners.length === 1 && owners[0] === right.deniedBy) return undefined;
  return `got a denial by ${owners.join(" ") || "nobody"}, right is ${right.deniedBy}`;
}

/** A record as a line in small letters: where names are compressed, the case of others shows. */
function lineOf({ name, type, rdata }: ResourceRecord): string {
  const data = rdataToText(type, rdata).toLowerCase();
  return `${nameToText(lowerCase(name))} ${typeToText(type)} ${data}`;
}

/** What is wrong with the world when all conversations are over, or undefined. */
export function wrongAfterwards(after: Aftermath, conversations: number): string | undefined {
  if (after.tasksRunning > 0) return `${after.tasksRunning} tasks are left`;
  if (after.eventsWaiting > 0) return `${after.eventsWaiting} events are left`;
  const asksMax = conversations * limits.asksPerClientQuestionMax.value;
  if (after.asks > asksMax) return `${after.asks} upstream questions, at most ${asksMax} are paid`;
  return undefined;
}
