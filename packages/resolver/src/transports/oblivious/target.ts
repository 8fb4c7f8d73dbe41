/**
 * The target of oblivious DNS (RFC 9230 §8): sealed questions in, sealed answers out.
 *
 *   POST /dns-query, content-type application/oblivious-dns-message ─► open ─► door ─► seal ─► 200
 *   GET  /.well-known/odohconfigs                                   ─► the key to seal with
 *
 * Whoever sends the request is a relay: its network counts for who may ask, and nobody else's is
 * known here. PRIVACY: neither the question nor the relay's address goes anywhere but to the door.
 */
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { limits } from "../../base/limits.ts";
import type { Random } from "../../base/random.ts";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "../door.ts";
import { AskingOverHttp } from "../http/asking.ts";
import { mediaType } from "../http/media-type.ts";
import { type RequestHead, method } from "../http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type Outcome,
  type Requesting,
  type ResponseSlot,
  putResponse,
  responseType,
} from "../http/service.ts";
import {
  NONCE_BYTES,
  OBLIVIOUS_MESSAGE_BYTES_MAX,
  type Opened,
  openQuery,
  readSealed,
  sealResponse,
} from "./message.ts";
import type { TargetKeys } from "./target-keys.ts";

/** Answers are padded to a multiple of this (RFC 8467 §4.1). */
const BLOCK_BYTES = 468;
const CONFIG_AGE_S = limits.obliviousConfigAgeS.value;

/** Says whether a request for the path of DNS over HTTPS is an oblivious one. */
export function isOblivious(head: RequestHead): boolean {
  return head.method === method.post && head.contentType === mediaType.obliviousDnsMessage;
}

export class ObliviousTarget extends AskingOverHttp implements HttpService, Asked {
  readonly #door: Door;
  readonly #keys: TargetKeys;
  readonly #random: Random;
  /** The question that is with the door. */
  #query: Opened | undefined;

  constructor(door: Door, keys: TargetKeys, random: Random) {
    super();
    this.#door = door;
    this.#keys = keys;
    this.#random = random;
  }

  later(): Reply {
    const respond = this.requesting!.later();
    const query = this.#query!;
    return (answer) => {
      respond(answer === undefined ? refusal(504) : this.#responseTo(query, answer));
    };
  }

  serve(
    _head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    return putResponse(this.#ask(body, at, end, slot, requesting), slot, requesting);
  }

  /** The response, or nothing where it comes later. */
  #ask(
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): HttpResponse | undefined {
    const sealed = readSealed(body, at, end);
    if (sealed?.type !== "query") return refusal(400);
    const key = this.#keys.find(sealed.keyId);
    if (key === undefined) return refusal(401);
    const query = openQuery(key, sealed);
    if (query === undefined || query.message.length < HEADER_BYTES) return refusal(400);
    const capacity = Math.min(slot.capacity, OBLIVIOUS_MESSAGE_BYTES_MAX);
    if (query.message.length > capacity) return refusal(400);
    slot.octets.set(query.message, slot.at);
    this.requesting = requesting;
    this.#query = query;
    const length = this.#door.ask(slot.octets, slot.at, query.message.length, capacity, this);
    this.requesting = undefined;
    this.#query = undefined;
    if (length === TAKEN) return undefined;
    // Nobody is answered on a datagram that says what this one says: it was no question.
    if (length === DROPPED) return refusal(400);
    return this.#responseTo(query, slot.octets.subarray(slot.at, slot.at + length));
  }

  #responseTo(query: Opened, answer: Uint8Array): HttpResponse {
    // A late answer may be as long as any stream's; half of it would be none.
    if (answer.length > OBLIVIOUS_MESSAGE_BYTES_MAX) return refusal(500);
    const nonce = this.#random.bytes(NONCE_BYTES);
    const body = sealResponse(query, nonce, answer, BLOCK_BYTES);
    return { status: 200, type: responseType.obliviousDnsMessage, maxAgeS: NOT_SAID, body };
  }
}

/** Publishes the key (RFC 9230 §5). */
export class ObliviousConfigs implements HttpService {
  readonly #keys: TargetKeys;

  constructor(keys: TargetKeys) {
    this.#keys = keys;
  }

  serve(
    head: RequestHead,
    _body: Uint8Array,
    _at: number,
    _end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    return putResponse(this.#response(head), slot, requesting);
  }

  #response(head: RequestHead): HttpResponse {
    if (head.method !== method.get && head.method !== method.head) return refusal(405);
    const body = this.#keys.published;
    if (body === undefined) return refusal(404);
    return { status: 200, type: responseType.octets, maxAgeS: CONFIG_AGE_S, body };
  }
}

const reasons = new Map<number, string>([
  [400, "not a sealed question for this target\n"],
  [401, "sealed with a key that is not used here, or no more: see /.well-known/odohconfigs\n"],
  [404, "no oblivious questions are answered here\n"],
  [405, "GET is served\n"],
  [500, "the answer is too long to be sealed\n"],
  [504, "no answer in time\n"],
]);

function refusal(status: number): HttpResponse {
  const body = Buffer.from(reasons.get(status)!);
  return { status, type: responseType.text, maxAgeS: NOT_SAID, body };
}
