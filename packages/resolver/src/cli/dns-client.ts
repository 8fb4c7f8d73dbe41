/** A DNS client for people: one question to one server, over whatever it speaks. */
import { type Socket, createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { getU16, setU16 } from "@lethe/wire/bytes.ts";
import { optBytes, optionCode } from "@lethe/wire/edns.ts";
import { HEADER_BYTES, flag } from "@lethe/wire/header.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { type ServerAddress, ipFromText, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { FrameReader } from "../upstream/frame-reader.ts";
import { judgeReply, questionEnd } from "../upstream/match.ts";
import { paddedQuery } from "../upstream/padding.ts";
import { askInJson, askOverHttps } from "./https-client.ts";
import { askObliviously } from "./oblivious-client.ts";
import type { QueryPlan } from "./query-arguments.ts";
import { type QueryTransport, authorityOf } from "./query-server.ts";
import { type Failure, type Secured, askOverTls, requestOverTls } from "./secure-client.ts";
import type { ServerSetting } from "./server-settings.ts";

/** What a reply came over. */
export type Answered = Exclude<QueryTransport, "any">;

/** How a question ended. */
export type Asked =
  | {
      readonly kind: "reply";
      readonly message: Uint8Array;
      readonly transport: Answered;
      readonly elapsedMs: number;
    }
  /** A reply in JSON, as text. */
  | { readonly kind: "json"; readonly text: string; readonly elapsedMs: number }
  /** Nothing came that belongs to the question; why, in plain words. */
  | { readonly kind: "no-answer"; readonly why: string };

type Attempt = Uint8Array | { readonly why: string; readonly isFinal: boolean };

const TRIES_MAX = limits.queryTriesMax.value;

/** The bytes of a question with a random id. */
export function writeClientQuery(plan: QueryPlan, random: Random): Uint8Array {
  const options = plan.nsid ? [{ code: optionCode.nsid, data: new Uint8Array(0) }] : [];
  const questionBytes = plan.name.length + 4;
  const bytes = new Uint8Array(HEADER_BYTES + questionBytes + optBytes(options));
  const writer = new MessageWriter(bytes);
  writer.question({ name: plan.name, type: plan.type, class: plan.class });
  if (plan.bufferBytes > 0) {
    writer.opt({
      udpSize: plan.bufferBytes,
      extendedRcode: 0,
      version: 0,
      dnssecOk: plan.dnssec,
      options,
    });
  }
  // AD says that we understand it in the answer (RFC 6840 §5.7).
  const rd = plan.recursionDesired ? flag.rd : 0;
  const cd = plan.checkingDisabled ? flag.cd : 0;
  return bytes.slice(0, writer.finish(random.uint32() & 0xffff, rd | cd | flag.ad));
}

/** Asks as the plan says. */
export async function askServer(plan: QueryPlan, query: Uint8Array): Promise<Asked> {
  const server = await addressOf(plan.place);
  if ("why" in server) return { kind: "no-answer", why: server.why };
  return plan.secure === undefined
    ? await askPlainly(plan, server, query)
    : await askSecurely(plan, { server, terms: plan.secure, timeoutMs: plan.timeoutMs }, query);
}

/** The address of a server; of one with a name, what the system's resolver says first. */
async function addressOf(place: ServerSetting): Promise<ServerAddress | Failure> {
  if (place.kind === "address") return { ip: place.ip, port: place.port };
  try {
    const { address } = await lookup(place.host);
    return { ip: ipFromText(address)!, port: place.port };
  } catch (error) {
    return { why: `no address is known of it (${(error as NodeJS.ErrnoException).code})` };
  }
}

/** Over UDP a few times, and TCP where the answer was truncated. */
async function askPlainly(
  plan: QueryPlan,
  server: ServerAddress,
  query: Uint8Array,
): Promise<Asked> {
  const startedMs = performance.now();
  const { timeoutMs } = plan;
  const give = (message: Uint8Array, transport: Answered): Asked => {
    return { kind: "reply", message, transport, elapsedMs: performance.now() - startedMs };
  };
  let transport: "udp" | "tcp" = plan.transport === "tcp" ? "tcp" : "udp";
  let why = "";
  for (let tries = 0; transport === "udp" && tries < TRIES_MAX; tries++) {
    const reply = await askOverUdp(server, query, timeoutMs);
    if (!("why" in reply)) {
      const isTruncated = (getU16(reply, 2) & flag.tc) !== 0;
      if (!isTruncated || plan.transport === "udp") return give(reply, "udp");
      transport = "tcp";
      continue;
    }
    ({ why } = reply);
    if (reply.isFinal) break;
  }
  if (transport === "udp") return { kind: "no-answer", why };
  const reply = await askOverTcp(server, query, timeoutMs);
  return "why" in reply ? { kind: "no-answer", why: reply.why } : give(reply, "tcp");
}

/** Over TLS, HTTPS, or in JSON; padded, and asked once. */
async function askSecurely(plan: QueryPlan, secured: Secured, query: Uint8Array): Promise<Asked> {
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  if (plan.transport === "json") {
    const text = await askInJson(plan, secured);
    return typeof text === "string"
      ? { kind: "json", text, elapsedMs: elapsedMs() }
      : { kind: "no-answer", why: text.why };
  }
  if (plan.transport === "odoh") {
    const reply = await askSealed(plan, secured, query);
    if ("why" in reply) return { kind: "no-answer", why: reply.why };
    return { kind: "reply", message: reply, transport: "odoh", elapsedMs: elapsedMs() };
  }
  const padded = paddedQuery(query, questionEnd(query));
  const transport = plan.transport as Answered;
  if (transport !== "tls") setU16(padded, 0, 0); // RFC 8484 §4.1
  const reply =
    transport === "tls"
      ? await askOverTls(secured, padded)
      : await askOverHttps(plan, secured, padded);
  if ("why" in reply) return { kind: "no-answer", why: reply.why };
  return { kind: "reply", message: reply, transport, elapsedMs: elapsedMs() };
}

/** Seals the question for the server, and has the relay bring it there where there is one. */
async function askSealed(
  { place, relay, timeoutMs }: QueryPlan,
  target: Secured,
  query: Uint8Array,
): Promise<Uint8Array | Failure> {
  const whole = Uint8Array.from(query);
  setU16(whole, 0, 0); // as RFC 8484 §4.1 has it; nothing tells questions apart by it
  const to = { authority: authorityOf(place), path: target.terms.path };
  if (relay?.secure === undefined) {
    return await askObliviously({ target: to }, whole, async (request) =>
      requestOverTls(target, request),
    );
  }
  const server = await addressOf(relay.place);
  if ("why" in server) return { why: `the relay: ${server.why}` };
  const by = { authority: authorityOf(relay.place), path: relay.secure.path };
  const secured: Secured = { server, terms: relay.secure, timeoutMs };
  return await askObliviously({ target: to, relay: by }, whole, async (request) =>
    requestOverTls(request.method === "POST" ? secured : target, request),
  );
}

function askOverUdp(server: ServerAddress, query: Uint8Array, timeoutMs: number): Promise<Attempt> {
  const end = questionEnd(query);
  const socket: Socket = createSocket(server.ip.length === 4 ? "udp4" : "udp6");
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (attempt: Attempt): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(attempt);
    };
    const timer = setTimeout(() => finish(silence(timeoutMs)), timeoutMs);
    socket.on("error", (error: NodeJS.ErrnoException) => finish(failure(error)));
    socket.on("message", (reply) => {
      if (judgeReply(query, end, reply, reply.length) === "match") finish(reply);
    });
    socket.connect(server.port, ipToText(server.ip), () => {
      socket.send(query, (error) => {
        if (error !== null) finish(failure(error));
      });
    });
  });
}

function askOverTcp(server: ServerAddress, query: Uint8Array, timeoutMs: number): Promise<Attempt> {
  const end = questionEnd(query);
  return new Promise((resolve) => {
    const stream = connect({ port: server.port, host: ipToText(server.ip) });
    const finish = (attempt: Attempt): void => {
      clearTimeout(timer);
      stream.destroy();
      resolve(attempt);
    };
    const timer = setTimeout(() => finish(silence(timeoutMs)), timeoutMs);
    const frames = new FrameReader((reply) => {
      if (judgeReply(query, end, reply, reply.length) === "match") finish(reply);
    });
    stream.once("error", (error: NodeJS.ErrnoException) => finish(failure(error)));
    stream.once("close", () => finish({ why: "the server closed the stream", isFinal: true }));
    stream.on("data", (chunk: Buffer) => frames.read(chunk));
    const frame = new Uint8Array(2 + query.length);
    setU16(frame, 0, query.length);
    frame.set(query, 2);
    stream.write(frame);
  });
}

function silence(timeoutMs: number): Attempt {
  return { why: `no reply within ${timeoutMs / 1000} s`, isFinal: false };
}

function failure(error: NodeJS.ErrnoException): Attempt {
  const code = error.code ?? "";
  const why = code === "ECONNREFUSED" ? "nobody listens there" : `cannot be reached (${code})`;
  return { why, isFinal: true };
}
