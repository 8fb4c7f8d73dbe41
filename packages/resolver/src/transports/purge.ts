/**
 * Purging a name, as 1.1.1.1 has it: for who has just changed a record and does not want to wait.
 *
 *   POST /api/v1/purge?domain=NAME&type=TYPE ─► every worker forgets it, and aliases of it
 *
 * PRIVACY: whether anybody had asked for the name is not told: the reply is the same, and is sent
 * before anybody looks. It repeats no name.
 */
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../privacy/client.ts";
import { NetworkCounts } from "../privacy/network-counts.ts";
import { queryValue } from "./http/query-value.ts";
import { type RequestHead, method } from "./http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type Outcome,
  type Requesting,
  type ResponseSlot,
  putResponse,
  responseType,
} from "./http/service.ts";
import { pathEnd } from "./http/target.ts";

const PER_MINUTE_MAX = limits.purgesPerMinuteMax.value;
const PER_NETWORK_MAX = limits.purgesPerNetworkMax.value;
const MINUTE_MS = 60_000;

/** What purging needs of the rooms behind. */
export interface PurgeParts {
  /** Says whether a client's questions are answered: nobody else may have names forgotten. */
  readonly serves: (client: Client) => boolean;
  /** Has every worker forget a name, or one type of it. */
  readonly purge: (name: Name, type: number | undefined) => void;
  readonly random: Random;
  readonly nowMs: () => number;
}

export class PurgeService implements HttpService {
  readonly #parts: PurgeParts;
  /** Purges of this minute: all, and by network. */
  #minute = Number.NaN;
  #purges = 0;
  #networks: NetworkCounts | undefined;

  constructor(parts: PurgeParts) {
    this.#parts = parts;
  }

  serve(
    head: RequestHead,
    _body: Uint8Array,
    _at: number,
    _end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    return putResponse(this.#purge(head, requesting.client), slot, requesting);
  }

  #purge(head: RequestHead, client: Client): HttpResponse {
    if (head.method !== method.post) return reply(405, "only POST is served");
    if (!this.#parts.serves(client)) return reply(403, "this network is not served");
    const { target, targetBytes } = head;
    const at = pathEnd(target, targetBytes);
    const domain = queryValue(target, at, targetBytes, "domain") ?? "";
    const name = /^[\x20-\x7e]+$/.test(domain) ? nameFromText(domain, ROOT) : undefined;
    if (name === undefined) return reply(400, "expected a domain name as domain");
    const text = queryValue(target, at, targetBytes, "type") ?? "";
    const type = text === "" ? undefined : typeFromText(text);
    if (text !== "" && type === undefined) return reply(400, "expected a type, as A or TYPE65");
    if (!this.#count(client)) return reply(429, "too many purges, try again in a minute");
    this.#parts.purge(name, type);
    return reply(200, "the name will be asked for anew");
  }

  /** Counts a purge; false where there were too many in this minute. */
  #count(client: Client): boolean {
    const { random, nowMs } = this.#parts;
    const minute = Math.floor(nowMs() / MINUTE_MS);
    if (minute !== this.#minute || this.#networks === undefined) {
      this.#minute = minute;
      this.#purges = 0;
      this.#networks = new NetworkCounts(random, PER_NETWORK_MAX);
    }
    if (this.#purges >= PER_MINUTE_MAX || this.#networks.enter(client) === undefined) return false;
    this.#purges++;
    return true;
  }
}

function reply(status: number, msg: string): HttpResponse {
  const body = Buffer.from(JSON.stringify({ msg }));
  return { status, type: responseType.json, maxAgeS: NOT_SAID, body };
}
