/**
 * Oblivious DNS for people (RFC 9230 §7): gets the target's key, seals, asks by the relay, opens.
 *
 *   GET  target/.well-known/odohconfigs                    the target learns that somebody may ask
 *   POST relay?targethost=…&targetpath=…   sealed          the relay learns who asks whom
 *
 * Without a relay the target is asked itself, and knows who asks: that is for tests.
 */
import { firstConfig, openResponse, sealQuery } from "../transports/oblivious/message.ts";
import { judgeReply, questionEnd } from "../upstream/match.ts";
import type { Failure, HttpRequest, HttpResponse } from "./secure-client.ts";

const TYPE = "application/oblivious-dns-message";
/** Questions are padded to a multiple of this (RFC 8467 §4.1). */
const BLOCK_BYTES = 128;
const CONFIGS_PATH = "/.well-known/odohconfigs";

/** Sends a request, and gives what came or why nothing did. */
export type Send = (request: HttpRequest) => Promise<HttpResponse | Failure>;

/** Who answers, and who is between. */
export interface ObliviousWay {
  /** Host, and port where it is not 443, and the path there. */
  readonly target: { readonly authority: string; readonly path: string };
  /** Its path is a URI template, or a path to which the query is added; absent: none. */
  readonly relay?: { readonly authority: string; readonly path: string };
}

/** Asks, and gives the reply that belongs to the query. */
export async function askObliviously(
  way: ObliviousWay,
  query: Uint8Array,
  send: Send,
): Promise<Uint8Array | Failure> {
  const { target } = way;
  const told = await send({
    method: "GET",
    authority: target.authority,
    path: CONFIGS_PATH,
    headers: {},
    body: undefined,
  });
  if ("why" in told) return { why: `the target: ${told.why}` };
  const config = told.status === 200 ? firstConfig(told.body) : undefined;
  const sealed = config && sealQuery(config, query, BLOCK_BYTES);
  if (sealed === undefined) return { why: `the target has no key (HTTP status ${told.status})` };
  const by = way.relay === undefined ? target : relayed(way.relay, target);
  const headers = { accept: TYPE, "content-type": TYPE };
  const response = await send({ ...by, method: "POST", headers, body: sealed.octets });
  if ("why" in response) return response;
  const { status, mediaType, body } = response;
  if (status !== 200) return { why: `HTTP status ${status}` };
  const reply = mediaType === TYPE ? openResponse(sealed.sent, body) : undefined;
  if (reply === undefined) return { why: "what came back is no sealed answer" };
  const isReply = judgeReply(query, questionEnd(query), reply, reply.length) === "match";
  return isReply ? Uint8Array.from(reply) : { why: "what came back is no reply to the question" };
}

/** Where the relay takes a request for a target (RFC 9230 §4.1, RFC 6570 §3.2). */
export function relayed(
  relay: NonNullable<ObliviousWay["relay"]>,
  target: ObliviousWay["target"],
): { readonly authority: string; readonly path: string } {
  const host = encodeURIComponent(target.authority);
  const path = encodeURIComponent(target.path);
  const words = `targethost=${host}&targetpath=${path}`;
  const template = relay.path.includes("{") ? relay.path : `${relay.path}{?targethost,targetpath}`;
  const expanded = template
    .replace("{?targethost,targetpath}", `?${words}`)
    .replace("{&targethost,targetpath}", `&${words}`)
    .replace("{targethost}", host)
    .replace("{targetpath}", path);
  return { authority: relay.authority, path: expanded };
}
