/** What the cookie in a reply says of it (RFC 7873 §5.3). */
import { equalBytes } from "@lethe/wire/bytes.ts";
import { optionCode, rcode } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import type { ServerAddress } from "../base/address.ts";
import { CLIENT_COOKIE_BYTES, isCookieSize } from "../cache/cookies.ts";
import type { UpstreamTransport } from "./effect.ts";
import type { Trail } from "./trail.ts";

/**
 * - `fine`: the reply counts
 * - `unproven`: it may be somebody else's, and the question is to go over TCP
 * - `renewed`: the server did not like its own cookie, and gave another one
 * - `disliked`: the server does not understand the question for the cookie in it
 */
export type CookieVerdict = "fine" | "unproven" | "renewed" | "disliked";

/** Judges a reply by its cookie, and keeps what the server gave; it was asked with `sent`. */
export function judgeCookie(
  reply: Message,
  sent: Uint8Array,
  server: ServerAddress,
  transport: UpstreamTransport,
  trail: Trail,
): CookieVerdict {
  const { servers } = trail.memory;
  const { nowMs } = trail;
  const told = findOption(reply.opt, optionCode.cookie)?.data;
  const code = fullRcode(reply);
  if (told === undefined) {
    // Over TCP nobody can speak for the server: it gives no cookies any more.
    if (transport === "udp" && servers.sendsCookies(server, nowMs)) return "unproven";
    if (reply.opt !== undefined) servers.noteNoCookie(server, nowMs);
    // A server that speaks EDNS and cannot read this OPT record has met an option too many.
    const hasOpt = reply.opt !== undefined && code === rcode.FORMERR;
    return hasOpt ? "disliked" : "fine";
  }
  if (!isCookieSize(told.length) || !isOurs(told, sent)) {
    return transport === "udp" ? "unproven" : "fine";
  }
  if (told.length > CLIENT_COOKIE_BYTES) servers.noteCookie(server, told, nowMs);
  return code === rcode.BADCOOKIE ? "renewed" : "fine";
}

function isOurs(told: Uint8Array, sent: Uint8Array): boolean {
  return equalBytes(told.subarray(0, CLIENT_COOKIE_BYTES), sent.subarray(0, CLIENT_COOKIE_BYTES));
}
