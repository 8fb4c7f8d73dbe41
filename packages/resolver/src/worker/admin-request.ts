/**
 * What an operator's command and the server say to each other: a line of JSON each way.
 *
 *   {"order":"flush","name":"www.example.com","type":"A"}  →  {"answer":{"kind":"flushed",…}}
 *   {"order":"drop"}                                       →  {"wrong":"…"}
 */
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { ControlAnswer, ControlOrder } from "../serve/control.ts";

/** An order as it is typed and sent. */
export interface AdminRequest {
  readonly order: string;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
}

export type AdminReply =
  /** How many workers there are, and the answers of those that gave one in time. */
  | { readonly workers: number; readonly answers: readonly ControlAnswer[] }
  | { readonly wrong: string };

/** What is asked for, or what is wrong with it in one line. */
export function readRequest(line: string): ControlOrder | string {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return "expected a line of JSON";
  }
  const isObject = typeof request === "object" && request !== null && "order" in request;
  return isObject ? orderOf(request as AdminRequest) : "expected an object with an order";
}

/** The order that a request stands for, or what is wrong with it. */
export function orderOf({ order, name, type }: AdminRequest): ControlOrder | string {
  if (order === "stats" || order === "flush-all") {
    return name === undefined ? { kind: order } : `${order}: expected nothing behind it`;
  }
  if (order !== "flush" && order !== "flush-below" && order !== "dump") {
    return "expected an order: stats, flush NAME [TYPE], flush-below NAME, flush-all, dump NAME";
  }
  const owner = typeof name === "string" ? nameFromText(name, ROOT) : undefined;
  if (owner === undefined) return `${order}: expected a name`;
  if (order !== "flush") {
    return type === undefined ? { kind: order, name: owner } : `${order}: expected one name`;
  }
  if (type === undefined) return { kind: order, name: owner, type: undefined };
  const code = typeof type === "string" ? typeFromText(type) : undefined;
  if (code === undefined) return "flush: expected a type like A or TYPE1 behind the name";
  return { kind: order, name: owner, type: code };
}
