/**
 * DNS in JSON over HTTPS: for programs that have no DNS of their own (docs/specs/json.md).
 *
 *   GET /dns-query?name=…&type=…, accept: application/dns-json  (or ct=)   as 1.1.1.1 has it
 *   GET /resolve?name=…&type=…                                             as 8.8.8.8 has it
 *
 * A request becomes a question of the wire and goes by the same door as every other: the same
 * views, the same limits, the same answer. PRIVACY: no error tells a name, no cookie is ever set.
 */
import { flag } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "./door.ts";
import { AskingOverHttp } from "./http/asking.ts";
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
  putResponse,
  responseType,
} from "./http/service.ts";
import { findParameter, pathEnd } from "./http/target.ts";
import { messageJson } from "./json/body.ts";
import { type Dialect, type JsonQuestion, namesJson, readParameters } from "./json/parameters.ts";

const DNS = Buffer.from("dns");
const UDP_BYTES = limits.answerUdpBytesMax.value;

/**
 * Says whether a request for the path of DNS over HTTPS wants JSON: it says so in `accept`, or in
 * `ct`, and brings no message.
 */
export function wantsJson(head: RequestHead): boolean {
  const { target, targetBytes } = head;
  if (head.method === method.post) return false;
  const at = pathEnd(target, targetBytes);
  if ((head.accept & mediaType.dnsJson) === 0 && !namesJson(target, at, targetBytes)) return false;
  return !findParameter(target, at, targetBytes, DNS, { at: 0, end: 0 });
}

export class JsonService extends AskingOverHttp implements HttpService, Asked {
  readonly #door: Door;
  readonly #dialect: Dialect;
  /** Whether the request that is with the door wants the message itself. */
  #wantsMessage = false;

  constructor(door: Door, dialect: Dialect) {
    super();
    this.#door = door;
    this.#dialect = dialect;
  }

  later(): Reply {
    const respond = this.requesting!.later();
    const wantsMessage = this.#wantsMessage;
    return (answer) => {
      respond(
        answer === undefined
          ? this.#refusal(504, "No answer in time.")
          : this.#responseOf(answer, wantsMessage),
      );
    };
  }

  serve(
    head: RequestHead,
    _body: Uint8Array,
    _at: number,
    _end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    return putResponse(this.#ask(head, slot, requesting), slot, requesting);
  }

  /** The response, or nothing where it comes later. */
  #ask(head: RequestHead, slot: ResponseSlot, requesting: Requesting): HttpResponse | undefined {
    const isReading = head.method === method.get || head.method === method.head;
    if (!isReading) return this.#refusal(405, "Only GET is served.");
    const at = pathEnd(head.target, head.targetBytes);
    const asked = readParameters(head.target, at, head.targetBytes, this.#dialect);
    if ("error" in asked) return this.#refusal(400, asked.error);
    this.requesting = requesting;
    this.#wantsMessage = asked.wantsMessage;
    const questionBytes = writeQuestion(asked, slot);
    const length = this.#door.ask(slot.octets, slot.at, questionBytes, slot.capacity, this);
    this.requesting = undefined;
    if (length === TAKEN) return undefined;
    // Nobody is answered on a datagram where this says so.
    if (length === DROPPED) return this.#refusal(403, "This client is not served.");
    const answer = slot.octets.slice(slot.at, slot.at + length);
    return this.#responseOf(answer, asked.wantsMessage);
  }

  #responseOf(answer: Uint8Array, wantsMessage: boolean): HttpResponse {
    const maxAgeS = freshnessS(answer, 0, answer.length);
    if (wantsMessage) return { status: 200, type: responseType.dnsMessage, maxAgeS, body: answer };
    const message = readMessage(answer);
    assert(message.kind === "message", "the door answers with messages");
    return { status: 200, type: this.#type, maxAgeS, body: messageJson(message, this.#dialect) };
  }

  #refusal(status: number, error: string): HttpResponse {
    const body = Buffer.from(JSON.stringify({ error }));
    return { status, type: this.#type, maxAgeS: NOT_SAID, body };
  }

  get #type(): ResponseType {
    return this.#dialect === "google" ? responseType.googleJson : responseType.dnsJson;
  }
}

/** Writes the question into the slot: with EDNS, for only so errors are told (RFC 8914 §2). */
function writeQuestion(asked: JsonQuestion, slot: ResponseSlot): number {
  const { question, dnssecOk, checkingDisabled } = asked;
  const writer = new MessageWriter(slot.octets.subarray(slot.at, slot.at + slot.capacity));
  const opt = { udpSize: UDP_BYTES, extendedRcode: 0, version: 0, dnssecOk, options: [] };
  const fits = writer.question(question) && writer.opt(opt);
  assert(fits, "a slot holds any question");
  // AD asks for AD in the answer (RFC 6840 §5.7).
  return writer.finish(0, flag.rd | flag.ad | (checkingDisabled ? flag.cd : 0));
}
