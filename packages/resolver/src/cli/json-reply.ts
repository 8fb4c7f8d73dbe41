/** Replies in JSON, as 1.1.1.1 and Google's resolver give them: others wrote them. */
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";

/** One record as JSON has it. */
export interface JsonRecord {
  readonly name: string;
  readonly type: number;
  readonly ttlS: number;
  readonly data: string;
}

export interface JsonReply {
  readonly status: number;
  readonly flags: readonly string[];
  readonly answer: readonly JsonRecord[];
  readonly authority: readonly JsonRecord[];
  readonly comments: readonly string[];
}

const FLAGS = ["TC", "RD", "RA", "AD", "CD"] as const;

/** What a text says, or undefined where it is no reply in JSON. */
export function readJsonReply(text: string): JsonReply | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(read) || typeof read["Status"] !== "number") return undefined;
  const answer = recordsOf(read["Answer"]);
  const authority = recordsOf(read["Authority"]);
  if (answer === undefined || authority === undefined) return undefined;
  const { Comment: comment = [] } = read;
  const comments = Array.isArray(comment) ? (comment as readonly unknown[]) : [comment];
  return {
    status: read["Status"],
    flags: FLAGS.filter((flag) => read[flag] === true).map((flag) => flag.toLowerCase()),
    answer,
    authority,
    comments: comments.filter((one) => typeof one === "string").map(printable),
  };
}

function recordsOf(value: unknown): readonly JsonRecord[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const records: JsonRecord[] = [];
  for (const one of value as readonly unknown[]) {
    if (!isObject(one)) return undefined;
    const { name, type, TTL: ttlS, data } = one;
    if (typeof name !== "string" || typeof type !== "number") return undefined;
    if (typeof ttlS !== "number" || typeof data !== "string") return undefined;
    records.push({ name: printable(name), type, ttlS, data: printable(data) });
  }
  return records;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text that does nothing to a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}

/** A reply in lines, in the manner of dig. */
export function jsonReplyLines(reply: JsonReply): string[] {
  const { status, flags, answer, authority, comments } = reply;
  const lines = [`;; status: ${rcodeToText(status)}, flags: ${flags.join(" ")}`];
  for (const comment of comments) lines.push(`; ${comment}`);
  for (const [title, records] of [
    ["ANSWER", answer],
    ["AUTHORITY", authority],
  ] as const) {
    if (records.length === 0) continue;
    lines.push("", `;; ${title}:`);
    for (const { name, ttlS, type, data } of records) {
      lines.push(`${name}\t${ttlS}\tIN\t${typeToText(type)}\t${data}`);
    }
  }
  return lines;
}
