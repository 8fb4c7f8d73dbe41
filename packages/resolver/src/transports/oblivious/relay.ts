/**
 * The relay of oblivious DNS (RFC 9230 §4): passes sealed questions on, for others to answer.
 *
 *   POST /proxy?targethost=HOST&targetpath=PATH ─► is the target in the list? ─► its connection
 *
 * It knows who asks and not what; the target knows what and not who. That holds only where relay
 * and target belong to different operators. A relay passes on to the targets of its list and to
 * nobody else: an open one would hide anybody's attacks on anybody.
 * PRIVACY: nothing is kept of a request but that it waits. To the target goes the body alone.
 */
import { limits } from "../../base/limits.ts";
import type { Random } from "../../base/random.ts";
import { NetworkCounts } from "../../privacy/network-counts.ts";
import { NetworkTable } from "../../privacy/networks.ts";
import { mediaType } from "../http/media-type.ts";
import { queryValue } from "../http/query-value.ts";
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
import { pathEnd } from "../http/target.ts";
import {
  type ProxyError,
  type RelayTarget,
  type Relayed,
  TargetConnection,
  type TargetTerms,
} from "./target-connection.ts";

const WAITING_MAX = limits.relayWaitingMax.value;
const WAIT_MS = limits.relayWaitMs.value;
const IDLE_MS = limits.relayIdleMs.value;
const PER_NETWORK_MAX = limits.relayWaitingPerNetworkMax.value;
const HTTPS_PORT = 443;
const MAY_ASK = 0;
const MAY_NOT = 1;

export interface RelayOptions {
  readonly targets: readonly RelayTarget[];
  /** Whose questions are passed on. */
  readonly allow: readonly { readonly ip: Uint8Array; readonly bits: number }[];
  /** Certificates of authorities, PEM; those that are built in where absent. */
  readonly authorities?: string | undefined;
  /** `relayWaitMs` and `relayIdleMs` where absent. */
  readonly waitMs?: number;
  readonly idleMs?: number;
}

export class ObliviousRelay implements HttpService {
  readonly #networks: NetworkTable;
  readonly #counts: NetworkCounts;
  /** By host and port, and by path within. */
  readonly #connections: ReadonlyMap<string, TargetConnection>;
  #waiting = 0;

  constructor(options: RelayOptions, lookUp: TargetTerms["lookUp"], random: Random) {
    const rows = options.allow.map((network) => ({ ...network, view: MAY_ASK }));
    this.#networks = new NetworkTable(rows, MAY_NOT);
    this.#counts = new NetworkCounts(random, PER_NETWORK_MAX);
    const { authorities, waitMs = WAIT_MS, idleMs = IDLE_MS } = options;
    const terms = { lookUp, authorities, waitMs, idleMs };
    this.#connections = new Map(
      options.targets.map((target) => [keyOf(target), new TargetConnection(target, terms)]),
    );
  }

  /** Requests that wait for a target. */
  get waiting(): number {
    return this.#waiting;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  serve(
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    return putResponse(this.#relay(head, body, at, end, requesting), slot, requesting);
  }

  /** Why the request is not passed on, or nothing where it is. */
  #relay(
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    requesting: Requesting,
  ): HttpResponse | undefined {
    if (requesting.client.viewIn(this.#networks) !== MAY_ASK) {
      return refusal(403, "http_request_denied", "this network is not served");
    }
    if (head.method !== method.post) return refusal(405, "http_request_error", "POST is served");
    if (head.contentType !== mediaType.obliviousDnsMessage) {
      return refusal(415, "http_request_error", "sealed messages are passed on");
    }
    if (at === end) return refusal(400, "http_request_error", "nothing to pass on");
    const wanted = wantedTarget(head);
    if (wanted === undefined) {
      return refusal(400, "http_request_error", "targethost and targetpath are needed");
    }
    const connection = this.#connections.get(keyOf(wanted));
    if (connection === undefined) {
      return refusal(403, "http_request_denied", "this target is not in the list");
    }
    return this.#send(connection, body.slice(at, end), requesting);
  }

  #send(
    connection: TargetConnection,
    body: Uint8Array,
    requesting: Requesting,
  ): HttpResponse | undefined {
    const isFull = this.#waiting >= WAITING_MAX;
    const seat = isFull ? undefined : this.#counts.enter(requesting.client);
    if (seat === undefined) return refusal(429, "http_request_denied", "too many requests");
    this.#waiting++;
    const respond = requesting.later();
    connection.send(body, (relayed) => {
      this.#waiting--;
      this.#counts.leave(seat);
      respond(responseOf(relayed));
    });
    return undefined;
  }
}

function keyOf({ host, port, path }: RelayTarget): string {
  return `${host}:${port}${path}`;
}

/** The target that a request names; undefined where it names none. */
function wantedTarget(head: RequestHead): RelayTarget | undefined {
  const { target, targetBytes } = head;
  const at = pathEnd(target, targetBytes);
  const host = queryValue(target, at, targetBytes, "targethost")?.toLowerCase();
  const path = queryValue(target, at, targetBytes, "targetpath");
  if (host === undefined || path === undefined || !path.startsWith("/")) return undefined;
  const found = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host);
  if (found === null) return undefined;
  return { host: found[1]!, port: found[2] === undefined ? HTTPS_PORT : Number(found[2]), path };
}

/** What names this relay in `proxy-status` (RFC 9209 §2): it has no name that tells more. */
const US = "lethe";

function refusal(status: number, error: string, details: string): HttpResponse {
  return {
    status,
    type: responseType.text,
    maxAgeS: NOT_SAID,
    body: Buffer.from(`${details}\n`),
    fields: [["proxy-status", `${US}; error=${error}; details="${details}"`]],
  };
}

/** Time-outs are 504, all else that fails is 502 (RFC 9209 §2.3). */
const TIME_OUTS: ReadonlySet<ProxyError> = new Set(["connection_timeout", "http_response_timeout"]);

function responseOf(relayed: Relayed): HttpResponse {
  if (relayed.kind === "failed") return failure(relayed.why);
  const { status, isOblivious, body } = relayed;
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && !isOblivious) return failure("http_protocol_error");
  return {
    status,
    type: isOblivious ? responseType.obliviousDnsMessage : responseType.text,
    maxAgeS: NOT_SAID,
    body,
    fields: [["proxy-status", `${US}; received-status=${status}`]],
  };
}

function failure(why: ProxyError): HttpResponse {
  return refusal(TIME_OUTS.has(why) ? 504 : 502, why, "nothing came from the target");
}
