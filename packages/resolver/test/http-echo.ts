/** A server of HTTP over loopback whose service echoes: for tests of the protocol. */
import { once } from "node:events";
import { type AddressInfo, type Server, createServer } from "node:net";
import { Client } from "../src/privacy/client.ts";
import { type RequestHead, method } from "../src/transports/http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type Outcome,
  type Requesting,
  type ResponseSlot,
  responseType,
} from "../src/transports/http/service.ts";
import type { Http1Connection } from "../src/transports/http1/connection.ts";
import type { Http2Connection } from "../src/transports/http2/connection.ts";
import type { Session } from "../src/transports/session.ts";
import { ANSWERS_BYTES } from "../src/transports/stream.ts";

/** Answers `/size/N` with N octets, `/later` when told to, and else with what was asked. */
class EchoService implements HttpService {
  readonly waiting: ((response: HttpResponse) => void)[] = [];

  serve(
    head: RequestHead,
    _body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    const target = Buffer.from(head.target.subarray(0, head.targetBytes)).toString("latin1");
    if (target === "/later") {
      this.waiting.push(requesting.later());
      return "later";
    }
    const size = /^\/size\/(\d+)$/.exec(target)?.[1];
    const text =
      size === undefined
        ? `${head.method === method.post ? "POST" : "GET"} ${target} ${end - at}`
        : "x".repeat(Number(size));
    slot.octets.set(Buffer.from(text), slot.at);
    slot.length = text.length;
    slot.status = target === "/missing" ? 404 : 200;
    slot.type = size === undefined ? responseType.text : responseType.dnsMessage;
    slot.maxAgeS = 60;
    return "filled";
  }
}

/** A listener whose connections can be looked at. */
export class EchoServer {
  readonly service = new EchoService();
  readonly sessions = new Set<Session>();
  /** Bytes that the connections say they hold. */
  held = 0;
  readonly #server: Server;

  constructor(Connection: typeof Http1Connection | typeof Http2Connection) {
    const us = Client.at(Uint8Array.of(127, 0, 0, 1), 1);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const session = new Connection(socket, us, this.#host);
      this.sessions.add(session);
      socket.on("close", () => this.sessions.delete(session));
    });
    this.#server.listen(0, "127.0.0.1");
  }

  async listening(): Promise<number> {
    if (!this.#server.listening) await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }

  readonly #host = {
    listener: 0,
    service: this.service,
    answers: new Uint8Array(ANSWERS_BYTES),
    idleMs: 10000,
    slot: {
      octets: new Uint8Array(0),
      at: 0,
      capacity: 0,
      status: 0,
      type: responseType.text,
      maxAgeS: NOT_SAID,
      length: 0,
    } as ResponseSlot,
    hold: (bytes: number): boolean => {
      this.held += bytes;
      return true;
    },
    settleSoon: (session: Session): void => {
      setImmediate(() => session.settle());
    },
  };
}
