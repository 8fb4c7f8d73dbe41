/**
 * What stands behind HTTP: a service that answers requests, whichever version brought them.
 *
 *   head and body ─► service ─► a response: at once, where its octets are wanted, or later
 *
 * Names of DNS and pages alike come by this door. A service writes the body of an answer that is at
 * hand to where the connection will send it from; so nothing is allocated on the way.
 */
import type { Client } from "../../privacy/client.ts";
import type { RequestHead } from "./request-head.ts";

/** Types of responses, with the text that is sent. */
export const responseType = {
  dnsMessage: "application/dns-message",
  dnsJson: "application/dns-json",
  googleJson: "application/json; charset=UTF-8",
  obliviousDnsMessage: "application/oblivious-dns-message",
  json: "application/json",
  text: "text/plain; charset=utf-8",
  html: "text/html; charset=utf-8",
  octets: "application/octet-stream",
} as const;
export type ResponseType = (typeof responseType)[keyof typeof responseType];

/** No `cache-control` is sent. */
export const NOT_SAID = -1;

/** A response that is made whole. */
export interface HttpResponse {
  readonly status: number;
  readonly type: ResponseType;
  /** Seconds that caches may keep it, or `NOT_SAID`. */
  readonly maxAgeS: number;
  readonly body: Uint8Array;
  /** Further fields: names in lower case. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** Where a response that is at hand is put: the body's memory is given, the rest filled in. */
export interface ResponseSlot {
  octets: Uint8Array;
  at: number;
  capacity: number;
  status: number;
  type: ResponseType;
  maxAgeS: number;
  length: number;
}

/** The request's side of a connection: holds for the call only. */
export interface Requesting {
  readonly listener: number;
  readonly client: Client;
  /** A way to respond after the call has ended. Called once. */
  later(): (response: HttpResponse) => void;
}

export type Outcome =
  /** The slot holds the response. */
  | "filled"
  /** The function that `later` gave will be called. */
  | "later";

export interface HttpService {
  /** Answers a whole request; its body is `body[at, end)`. Input is hostile: never throws. */
  serve(
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome;
}
