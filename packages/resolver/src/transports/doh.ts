/**
 * DNS over HTTPS (RFC 8484): requests of HTTP in, questions by the door, answers with their age.
 *
 *   GET  /dns-query?dns=BASE64URL                        ─┐
 *   POST /dns-query, content-type application/dns-message ┴─► door ─► 200, cache-control
 *
 * The message is put where its answer will be sent from. An answer of any RCODE is a success of
 * HTTP's (RFC 8484 §4.2.1); other statuses say that there was no question, or no answer.
 * PRIVACY: no field of the request but four reaches this file, and no cookie is ever set.
 */
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "./door.ts";
import { AskingOverHttp } from "./http/asking.ts";
import { NOT_BASE64URL, decodeBase64url } from "./http/base64url.ts";
import { freshnessS } from "./http/freshness.ts";
import { mediaType } from "./http/media-type.ts";
import { type RequestHead, method } from "./http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type Outcome,
  type Requesting,
  type ResponseSlot,
  type ResponseType,
  responseType,
} from "./http/service.ts";
import { findParameter, pathEnd } from "./http/target.ts";

const DNS = Buffer.from("dns");
const ACCEPTED = mediaType.dnsMessage | mediaType.any;

export class DohService extends AskingOverHttp implements HttpService, Asked {
  readonly #door: Door;
  readonly #value = { at: 0, end: 0 };

  constructor(door: Door) {
    super();
    this.#door = door;
  }

  later(): Reply {
    const respond = this.requesting!.later();
    return (answer) => respond(answer === undefined ? noAnswer : responseOf(answer));
  }

  serve(
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    const status = this.#read(head, body, at, end, slot);
    if (status !== 200) return refuse(slot, status);
    this.requesting = requesting;
    const length = this.#door.ask(slot.octets, slot.at, slot.length, slot.capacity, this);
    this.requesting = undefined;
    if (length === TAKEN) return "later";
    // Nobody is answered on a datagram that says what this one says: it was no question.
    if (length === DROPPED) return refuse(slot, 400);
    slot.status = 200;
    slot.type = responseType.dnsMessage;
    slot.length = length;
    slot.maxAgeS = freshnessS(slot.octets, slot.at, length);
    return "filled";
  }

  /** Puts the message into the slot; gives 200, or the status that says why there is none. */
  #read(head: RequestHead, body: Uint8Array, at: number, end: number, slot: ResponseSlot): number {
    if (head.method === method.post) {
      if (head.contentType !== mediaType.dnsMessage) return 415;
      if (end - at > slot.capacity) return 413;
      for (let i = at; i < end; i++) slot.octets[slot.at + i - at] = body[i]!;
      slot.length = end - at;
    } else if (head.method === method.get || head.method === method.head) {
      const query = pathEnd(head.target, head.targetBytes);
      if (!findParameter(head.target, query, head.targetBytes, DNS, this.#value)) return 400;
      const { octets, at: to, capacity } = slot;
      const { at: from, end: behind } = this.#value;
      const done = decodeBase64url(head.target, from, behind, octets, to, to + capacity);
      if (done === NOT_BASE64URL) return 400;
      slot.length = done - to;
    } else {
      return 405;
    }
    if (slot.length < HEADER_BYTES) return 400;
    if (head.accept !== mediaType.none && (head.accept & ACCEPTED) === 0) return 406;
    return 200;
  }
}

const reasons = new Map<number, Uint8Array>(
  [
    [400, "no DNS message in the request, or less than a header\n"],
    [405, "GET and POST are served\n"],
    [406, "application/dns-message is served\n"],
    [413, "longer than a DNS message can be\n"],
    [415, "application/dns-message is served\n"],
  ].map(([status, text]) => [status as number, Buffer.from(text as string)]),
);

/** Tells why there is no answer, in a line for whoever looks. */
function refuse(slot: ResponseSlot, status: number): Outcome {
  const reason = reasons.get(status)!;
  slot.octets.set(reason, slot.at);
  slot.status = status;
  slot.type = responseType.text;
  slot.maxAgeS = NOT_SAID;
  slot.length = reason.length;
  return "filled";
}

/** The recursor gave up without anything to say. */
const noAnswer: HttpResponse = {
  status: 504,
  type: responseType.text,
  maxAgeS: NOT_SAID,
  body: Buffer.from("no answer in time\n"),
};

function responseOf(answer: Uint8Array): HttpResponse {
  const type: ResponseType = responseType.dnsMessage;
  return { status: 200, type, maxAgeS: freshnessS(answer, 0, answer.length), body: answer };
}
