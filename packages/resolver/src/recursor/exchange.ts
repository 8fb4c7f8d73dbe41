/**
 * One question to one zone: ask its servers, one after the other, until one says something.
 *
 * A server is asked over UDP with EDNS, a cookie and random letter case. What a broken server
 * cannot stand is left away for it and remembered: EDNS (RFC 6891 §6.2.2), its cookie, letter case
 * (asked again over TCP, where a reply cannot be spoofed). A truncated reply is asked for again
 * over TCP (RFC 7766 §5); how TCP goes says nothing of the time that UDP takes.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { getU16 } from "@lethe/wire/bytes.ts";
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { type ServerAddress, serverToText } from "../base/address.ts";
import { resolutionReasons as reasons, tell } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import { findMoreAddresses } from "./addresses.ts";
import { type Reading, type Referral, type Telling, classify, refersDeeper } from "./classify.ts";
import {
  type Delegation,
  addKnownAddresses,
  addParentAddresses,
  addSpareAddresses,
  addTargets,
} from "./delegation.ts";
import { type AskResult, type Task, type UpstreamTransport, ask } from "./effect.ts";
import type { ExtendedError, Failure } from "../cache/failed.ts";
import { Tried, pickServer } from "./pick-server.ts";
import { writeQuery } from "./query.ts";
import { agentIn, isReport } from "./report.ts";
import { judgeCookie } from "./reply-cookie.ts";
import { type Trail, trace } from "./trail.ts";
import { trust } from "./trust.ts";

const ASKS_MAX = limits.asksPerExchangeMax.value;
const TIMEOUT_MAX_MS = limits.timeoutMaxMs.value;
const FALLBACKS_MAX = limits.fallbacksPerServerMax.value;
const TRIES_BEFORE_MORE = limits.triesBeforeMoreAddresses.value;
const TIMEOUTS_MINIMISED_MAX = limits.timeoutsWhileMinimisedMax.value;

/** Why an exchange failed; those that tell more come last, in whatever order servers were asked. */
const TELLING_MORE: readonly Failure[] = [
  "no-reachable-server",
  "servers-lame",
  "servers-refuse",
  "servers-fail",
  "malformed-replies",
];

/** No server of the zone said anything of use. */
export interface NoReply {
  readonly kind: "failed";
  readonly why: Failure;
  /** The particulars, where they are known. */
  readonly errors?: readonly ExtendedError[];
}

/** Asks the servers of a zone. `isPart`: the name shown is a part of the name wanted (RFC 9156). */
export function* exchange(
  delegation: Delegation,
  question: Question,
  isPart: boolean,
  trail: Trail,
): Task<Telling | Referral | NoReply> {
  const known = ownReading(delegation, question, trail);
  if (known !== undefined) return known;
  const tried = new Tried();
  let secondHand: Telling | undefined;
  let why: Failure = "no-reachable-server";
  let refusal: ExtendedError | undefined;
  let timeouts = 0;
  let isServed = false;
  let lame = false;
  for (let asks = 0; asks < ASKS_MAX;) {
    const server = pickServer(delegation, tried, lame, trail);
    if (server === undefined) {
      if (lame) break;
      if (yield* findMoreAddresses(delegation, isServed, trail)) continue;
      if (addChildServers(delegation, trail)) continue;
      if (addParentAddresses(delegation, trail)) continue;
      if (addSpareAddresses(delegation)) continue;
      lame = true;
      continue;
    }
    // Asked twice for nothing, all of them: who has no known address may fare better.
    const isSilent = tried.count(server) >= TRIES_BEFORE_MORE;
    if (isSilent && (yield* findMoreAddresses(delegation, isServed, trail))) continue;
    asks++;
    tried.add(server);
    const reading = yield* askServer(server, delegation, question, trail);
    if (reading.kind === "busy") return { kind: "failed", why: "too-busy" };
    if (reading.kind === "silent") {
      if (reading.final) tried.exclude(server);
      if (isPart && ++timeouts >= TIMEOUTS_MINIMISED_MAX) break;
      continue;
    }
    if (reading.kind === "referral" && refersDeeper(reading, delegation.zone, question.name)) {
      return reading;
    }
    if (reading.kind === "telling" && (!reading.secondHand || secondHand === undefined)) {
      trail.source = { server, zone: delegation.zone };
    }
    if (reading.kind === "telling" && !reading.secondHand) return reading;
    tried.exclude(server);
    if (reading.kind === "telling") secondHand ??= reading;
    if (!isPart && delegation.configured === undefined)
      noteUseless(reading, server, delegation, trail);
    const reason = failureOf(reading);
    isServed ||= reason !== "servers-lame" && reason !== "servers-refuse";
    if (TELLING_MORE.indexOf(reason) < TELLING_MORE.indexOf(why)) continue;
    why = reason;
    refusal = refusalOf(reading, server, question);
  }
  return secondHand ?? { kind: "failed", why, errors: particulars(why, delegation.zone, refusal) };
}

/** What a server said instead of an answer, where it said anything. */
function refusalOf(
  reading: Reading,
  server: ServerAddress,
  { name, type }: Question,
): ExtendedError | undefined {
  if (reading.kind !== "useless" || reading.rcode === undefined) return undefined;
  return tell(reasons.serverRcode, {
    server: serverToText(server),
    rcode: rcodeToText(reading.rcode),
    name: nameToText(name),
    type: typeToText(type),
  });
}

/** What is told of a zone whose servers said nothing of use. */
function particulars(
  why: Failure,
  zone: Name,
  refusal: ExtendedError | undefined,
): ExtendedError[] {
  const at = { zone: nameToText(zone) };
  const rest = refusal === undefined ? [] : [refusal];
  if (why === "malformed-replies") return [tell(reasons.malformed, at), ...rest];
  // Servers that fail were reached, and say that they are the zone's.
  return why === "servers-fail" ? rest : [tell(reasons.unreachable, at), ...rest];
}

/** What a copy of the zone says, where there is one: of the root, and of those configured so. */
function ownReading(
  { zone, configured }: Delegation,
  question: Question,
  { memory, nowMs }: Trail,
): Telling | Referral | undefined {
  const isCopied = configured === undefined ? zone.length === 1 : configured.isCopied === true;
  return isCopied ? memory.copies.reading(zone, question, nowMs) : undefined;
}

/** Adds the zone's own NS set, where one is cached: all servers that the parent names failed. */
function addChildServers(delegation: Delegation, trail: Trail): boolean {
  if (delegation.childAdded) return false;
  delegation.childAdded = true;
  const { rrsets } = trail.memory;
  const own = rrsets.find(delegation.zone, rrType.NS, trail.question.class, trail.nowMs);
  // One that came beside an answer to something else is easier to forge than one asked for.
  if (own?.kind !== "set" || own.trust < trust.authoritativeAnswer) return false;
  const before = delegation.targets.length;
  addTargets(delegation, own.set);
  addKnownAddresses(delegation, trail);
  return delegation.targets.length > before;
}

function noteUseless(
  reading: Reading,
  server: ServerAddress,
  delegation: Delegation,
  trail: Trail,
): void {
  const isLame =
    reading.kind === "referral" ||
    (reading.kind === "useless" && (reading.why === "lame" || reading.why === "refused"));
  if (isLame) trail.memory.servers.noteLame(server, delegation.zone, trail.nowMs);
}

function failureOf(reading: Reading): Failure {
  if (reading.kind !== "useless") return "servers-lame";
  if (reading.why === "refused") return "servers-refuse";
  if (reading.why === "junk") return "malformed-replies";
  return reading.why === "lame" ? "servers-lame" : "servers-fail";
}

interface Silent {
  readonly kind: "silent";
  /** Asking the same server again would end the same way. */
  readonly final: boolean;
}

/** Nothing can be sent from here now, to this server or another. */
interface Busy {
  readonly kind: "busy";
}

/** Asks one server, falling back as it needs; what came of it is remembered. */
function* askServer(
  server: ServerAddress,
  delegation: Delegation,
  question: Question,
  trail: Trail,
): Task<Reading | Silent | Busy> {
  const { servers } = trail.memory;
  // An agent believes what cannot be spoofed (RFC 9567 §6.1).
  const isAgentTold = trail.reports !== undefined && isReport(question);
  const isWanted = trail.options.overTcp === true || delegation.configured?.overTcp === true;
  const overTcp = isAgentTold || isWanted;
  let transport: UpstreamTransport = overTcp ? "tcp" : "udp";
  let edns = servers.edns(server, trail.nowMs) !== "hurts";
  let randomCase = trail.options.caseRandomisation && servers.keepsCase(server, trail.nowMs);
  let folded = false;
  let isUnproven = false;
  let badCookies = 0;
  const isResolver = delegation.configured?.recursive === true;
  for (let fallbacks = 0; fallbacks <= FALLBACKS_MAX; fallbacks++) {
    const cookie = edns ? cookieFor(server, trail) : undefined;
    const form = { edns, randomCase, recursionDesired: isResolver, cookie };
    const result = yield* ask({
      server,
      transport,
      query: writeQuery(question, form, trail.random),
      timeoutMs: timeoutFor(server, transport, trail),
    });
    if (result.kind === "reply") restoreCase(result.message, question);
    const seen = note(result, server, { transport, edns, cookie }, trail);
    if (trail.options.trace !== undefined) {
      trace(trail, {
        kind: "asked",
        question,
        zone: delegation.zone,
        server,
        transport,
        result: seen.kind === "message" ? `rcode ${fullRcode(seen.message)}` : seen.kind,
        rttMs: "rttMs" in result ? result.rttMs : undefined,
      });
    }
    if (seen.kind === "silent" && folded && transport === "tcp" && randomCase) {
      // It folds letter case and speaks no TCP: id and port must do (RFC 5452 §4.3).
      randomCase = false;
      transport = "udp";
    } else if (seen.kind === "silent" || seen.kind === "useless" || seen.kind === "busy") {
      // It gives no cookie any more and speaks no TCP: the next question is asked without.
      if (seen.kind === "silent" && isUnproven) servers.noteNoCookie(server, trail.nowMs);
      return seen;
    } else if (seen.kind === "folds-case") {
      if (transport === "tcp") randomCase = false;
      transport = "tcp";
      folded = true;
    } else if (seen.kind === "no-edns") {
      edns = false;
    } else if (seen.kind === "unproven") {
      isUnproven = true;
      transport = "tcp";
    } else if (seen.kind === "renewed") {
      if (badCookies++ > 0) transport = "tcp";
    } else if (seen.kind === "disliked") {
      // Its cookie is left away from now on.
    } else if ((seen.message.header.flags & flag.tc) !== 0) {
      if (transport === "tcp") return { kind: "useless", why: "junk" };
      transport = "tcp";
    } else {
      trail.reports?.note(delegation.zone, agentIn(seen.message.opt), trail.nowMs);
      return classify(seen.message, question, delegation.zone, isResolver);
    }
  }
  return { kind: "useless", why: "junk" };
}

/** Writes the name as we know it over its echo in a reply: what points there reads as it should. */
function restoreCase(reply: Uint8Array, question: Question): void {
  if (getU16(reply, countAt.question) === 1) reply.set(question.name, HEADER_BYTES);
}

/** How long to wait: what replies over UDP take, twice where a stream must be opened first. */
function timeoutFor(server: ServerAddress, transport: UpstreamTransport, trail: Trail): number {
  const timeoutMs = trail.memory.servers.timeoutMs(server, trail.nowMs);
  return transport === "udp" ? timeoutMs : Math.min(2 * timeoutMs, TIMEOUT_MAX_MS);
}

type Seen =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "folds-case" }
  | { readonly kind: "no-edns" }
  | { readonly kind: "useless"; readonly why: "junk" | "server-failed" }
  | { readonly kind: "unproven" }
  | { readonly kind: "renewed" }
  | { readonly kind: "disliked" }
  | Silent
  | Busy;

/** How a server was asked. */
interface Manner {
  readonly transport: UpstreamTransport;
  readonly edns: boolean;
  /** The data of the COOKIE option; undefined where there was none. */
  readonly cookie: Uint8Array | undefined;
}

/** The cookie for a server, where there is one; with each of them goes EDNS. */
function cookieFor(
  server: ServerAddress,
  { options, memory, nowMs }: Trail,
): Uint8Array | undefined {
  return options.cookies === true ? memory.servers.cookie(server, nowMs) : undefined;
}

/** Remembers what a reply, or its absence, says of its server. */
function note(result: AskResult, server: ServerAddress, manner: Manner, trail: Trail): Seen {
  const { servers } = trail.memory;
  const { transport, edns } = manner;
  const { nowMs } = trail;
  switch (result.kind) {
    case "timeout":
      if (transport === "udp") servers.noteTimeout(server, nowMs);
      // Some servers drop what has an OPT record: one that was never heard is asked without once.
      if (transport === "udp" && edns && servers.edns(server, nowMs) === "unknown") {
        return silenceWithEdns(server, trail);
      }
      return { kind: "silent", final: transport === "tcp" };
    case "unreachable":
      if (transport === "udp") servers.noteTimeout(server, nowMs);
      return { kind: "silent", final: true };
    case "busy":
      return result;
    case "no-route":
      servers.noteNoRoute(server.ip.length === 4 ? 4 : 16, nowMs);
      return { kind: "silent", final: true };
    case "case-mismatch":
      if (transport === "tcp") servers.noteFoldsCase(server, nowMs);
      return { kind: "folds-case" };
    case "reply":
      if (transport === "udp") servers.noteReply(server, result.rttMs, nowMs);
  }
  return noteReply(result.message, server, manner, trail);
}

/** After some silences a server is asked without EDNS, until it is known to speak it. */
function silenceWithEdns(server: ServerAddress, trail: Trail): Seen {
  const silences = trail.memory.servers.timeouts(server, trail.nowMs);
  return silences === limits.timeoutsBeforePlainDns.value
    ? { kind: "no-edns" }
    : { kind: "silent", final: false };
}

function noteReply(bytes: Uint8Array, server: ServerAddress, manner: Manner, trail: Trail): Seen {
  const { servers } = trail.memory;
  const { transport, edns, cookie } = manner;
  const message = readMessage(bytes);
  if (message.kind === "malformed") return { kind: "useless", why: "junk" };
  if (cookie !== undefined) {
    const kind = judgeCookie(message, cookie, server, transport, trail);
    if (kind === "renewed" && transport === "tcp") return { kind: "useless", why: "server-failed" };
    if (kind !== "fine") return { kind };
  }
  const code = fullRcode(message);
  const disliked =
    code === rcode.FORMERR ||
    code === rcode.NOTIMP ||
    code === rcode.BADVERS ||
    (code === rcode.SERVFAIL && message.opt === undefined);
  const known = servers.edns(server, trail.nowMs);
  if (edns && disliked && known !== "works") return { kind: "no-edns" };
  if (edns && message.opt !== undefined && known !== "works") {
    servers.noteEdns(server, "works", trail.nowMs);
  }
  const isTelling = code === rcode.NOERROR || code === rcode.NXDOMAIN;
  // Where EDNS works, a reply without it only says that packets were lost before.
  if (!edns && isTelling && known === "unknown") servers.noteEdns(server, "hurts", trail.nowMs);
  return { kind: "message", message };
}
