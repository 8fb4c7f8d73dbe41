/**
 * What must hold in every hostile world, whatever its servers and its network do.
 *
 *   - every client is answered exactly once, within a bounded time
 *   - what it is told is right; failing is right only where no sure way to the answer exists
 *   - the questions that were asked upstream stay within the clients' shares
 *   - when all is over no task is left, and nothing waits to happen
 */
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { lowerCase } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { limits } from "../src/base/limits.ts";
import type { RightAnswer } from "./reference.ts";

const ANSWER_MS_MAX = limits.clientWaitMs.value;

/** One question of one client, and what came of it. */
export interface Conversation {
  readonly name: string;
  readonly type: string;
  readonly askedMs: number;
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
  const code = rcodeToText(fullRcode(answer));
  if (code === "SERVFAIL") {
    return right.must ? `got SERVFAIL after ${tookMs} ms; a sure way leads to it` : undefined;
  }
  if (code !== right.rcode) return `got ${code}, right is ${right.rcode}`;
  if ((answer.header.flags & flag.tc) !== 0) return undefined; // the client would ask over TCP
  const got = new Set(answer.answer.map(lineOf));
  const wanted = new Set(right.answer);
  const missing = [...wanted].filter((line) => !got.has(line));
  const extra = [...got].filter((line) => !wanted.has(line));
  if (extra.length === 0 && wanted.size - missing.length >= right.enough) return undefined;
  return ["got a wrong answer:", ...missing.map((l) => `-${l}`), ...extra.map((l) => `+${l}`)].join(
    " ",
  );
}

function lineOf(record: ResourceRecord): string {
  const owner = nameToText(lowerCase(record.name));
  return `${owner} ${typeToText(record.type)} ${rdataToText(record.type, record.rdata)}`;
}

/** What is wrong with the world when all conversations are over, or undefined. */
export function wrongAfterwards(after: Aftermath, conversations: number): string | undefined {
  if (after.tasksRunning > 0) return `${after.tasksRunning} tasks are left`;
  if (after.eventsWaiting > 0) return `${after.eventsWaiting} events are left`;
  const asksMax = conversations * limits.asksPerClientQuestionMax.value;
  if (after.asks > asksMax) return `${after.asks} upstream questions, at most ${asksMax} are paid`;
  return undefined;
}
