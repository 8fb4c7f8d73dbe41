/** A listener as its HTTP connections have it: with the service, and one response at hand. */
import type { Session, StreamHost } from "../session.ts";
import type { HttpHost } from "./host.ts";
import { type HttpService, NOT_SAID, type ResponseSlot, responseType } from "./service.ts";

export class HttpHosting implements HttpHost {
  readonly listener: number;
  readonly answers: Uint8Array;
  readonly service: HttpService;
  readonly slot: ResponseSlot;
  readonly #host: StreamHost;

  constructor(host: StreamHost, service: HttpService) {
    this.listener = host.listener;
    this.answers = host.answers;
    this.service = service;
    this.#host = host;
    this.slot = {
      octets: host.answers,
      at: 0,
      capacity: 0,
      status: 0,
      type: responseType.text,
      maxAgeS: NOT_SAID,
      length: 0,
    };
  }

  get idleMs(): number {
    return this.#host.idleMs;
  }

  hold(bytes: number): boolean {
    return this.#host.hold(bytes);
  }

  settleSoon(session: Session): void {
    this.#host.settleSoon(session);
  }
}
