/** How a server is asked: for how long, with which cookie, and whether TLS may be tried. */
import { getU16 } from "@lethe/wire/bytes.ts";
import { HEADER_BYTES, countAt } from "@lethe/wire/header.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Delegation } from "./delegation.ts";
import type { UpstreamTransport } from "./effect.ts";
import type { Trail } from "./trail.ts";

const TIMEOUT_MAX_MS = limits.timeoutMaxMs.value;
const TLS_TIMEOUT_MIN_MS = limits.tlsTimeoutMinMs.value;

/** How long to wait: what replies take, and longer where a stream may have to be opened first. */
export function timeoutFor(
  server: ServerAddress,
  transport: UpstreamTransport,
  trail: Trail,
): number {
  const timeoutMs = trail.memory.servers.timeoutMs(server, trail.nowMs);
  if (transport === "udp") return timeoutMs;
  if (transport === "tcp") return Math.min(2 * timeoutMs, TIMEOUT_MAX_MS);
  return Math.min(Math.max(4 * timeoutMs, TLS_TIMEOUT_MIN_MS), 2 * TIMEOUT_MAX_MS);
}

/**
 * The cookie for a server, where there is one; with each of them goes EDNS. Who is asked over TLS
 * has none: nobody can send in its name.
 */
export function cookieFor(
  server: ServerAddress,
  { options, memory, nowMs }: Trail,
): Uint8Array | undefined {
  if (options.cookies !== true || server.secure !== undefined) return undefined;
  return memory.servers.cookie(server, nowMs);
}

/** The port at which an authority may speak TLS, where that is tried (RFC 9539). */
export function tlsPortFor(
  server: ServerAddress,
  { configured }: Delegation,
  { options }: Trail,
): number | undefined {
  const isAuthority = configured === undefined && server.port === options.upstreamPort;
  return isAuthority ? options.authorityTlsPort : undefined;
}

/** Writes the name as we know it over its echo in a reply: what points there reads as it should. */
export function restoreCase(reply: Uint8Array, question: Question): void {
  if (getU16(reply, countAt.question) === 1) reply.set(question.name, HEADER_BYTES);
}
