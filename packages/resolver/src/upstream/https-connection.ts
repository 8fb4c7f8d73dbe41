/**
 * One HTTP/2 connection to a server of DNS over HTTPS: a stream a question, POST (RFC 8484 §4.1).
 *
 * PRIVACY: a request has what HTTP/2 and RFC 8484 demand, and no header more.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import { type ServerAddress, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { SecureTerms } from "../base/secure-terms.ts";
import { monotonicMs } from "../system/clock.ts";
import { judgeReply } from "./match.ts";
import { paddedQuery } from "./padding.ts";
import type { StreamConnection, StreamListener } from "./stream-kind.ts";
import type { TcpAsk } from "./tcp-ask.ts";
import { Timer } from "./timer-wheel.ts";
import { WRONG_PROTOCOL } from "./tls-dial.ts";

const ASKS_MAX = limits.tcpAsksPerConnectionMax.value;
const REPLY_BYTES_MAX = 65_535;
const MEDIA_TYPE = "application/dns-message";

/** It is itself the timer of its idleness. */
export class HttpsConnection extends Timer implements StreamConnection {
  readonly server: ServerAddress;
  readonly #terms: SecureTerms;
  readonly #listener: StreamListener;
  readonly #socket: TLSSocket;
  #session: ClientHttp2Session | undefined;
  /** Questions under way; those that wait for the handshake or for their turn have no stream. */
  readonly #asks = new Map<TcpAsk, ClientHttp2Stream | undefined>();
  /** A request is on its way out. Knot Resolver refuses one that begins within another. */
  #isSending = false;
  #isRetired = false;
  #hasAnswered = false;
  #failure: string | undefined;

  /** `socket` is being opened. */
  constructor(
    server: ServerAddress,
    terms: SecureTerms,
    socket: TLSSocket,
    listener: StreamListener,
  ) {
    super();
    this.server = server;
    this.#terms = terms;
    this.#listener = listener;
    this.#socket = socket;
    socket.on("secureConnect", () => this.#goUp());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#failure = error.code;
    });
    socket.on("close", () => this.#close());
  }

  get hasRoom(): boolean {
    return !this.#isRetired && this.#asks.size < ASKS_MAX;
  }

  send(ask: TcpAsk): void {
    ask.connection = this;
    ask.isOnUsedConnection = this.#hasAnswered;
    ask.sentMs = monotonicMs();
    this.#asks.set(ask, undefined);
    this.#sendNext();
  }

  /** A connection that a question was given up on may be dead: it closes with its last. */
  abandon(ask: TcpAsk): void {
    const stream = this.#asks.get(ask);
    this.#asks.delete(ask);
    stream?.close(constants.NGHTTP2_CANCEL);
    this.#isRetired = true;
    if (this.#asks.size === 0) this.destroy();
  }

  expire(): void {
    this.destroy();
  }

  destroy(): void {
    this.#isRetired = true;
    this.#session?.destroy();
    this.#socket.destroy();
  }

  #goUp(): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.alpnProtocol !== "h2") {
      this.#failure = WRONG_PROTOCOL;
      this.destroy();
      return;
    }
    const session = connect(`https://${authorityOf(this.server, this.#terms)}`, {
      createConnection: () => this.#socket,
      settings: { enablePush: false },
    });
    session.on("error", () => this.destroy());
    session.on("goaway", () => {
      this.#isRetired = true;
    });
    session.on("close", () => this.#socket.destroy());
    this.#session = session;
    const nowMs = monotonicMs();
    for (const ask of this.#asks.keys()) ask.sentMs = nowMs; // the handshake is no part of its time
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#session === undefined || this.#isSending) return;
    for (const [ask, stream] of this.#asks) {
      if (stream === undefined) return this.#request(this.#session, ask);
    }
  }

  #sent(): void {
    this.#isSending = false;
    this.#sendNext();
  }

  #request(session: ClientHttp2Session, ask: TcpAsk): void {
    const query = paddedQuery(ask.query, ask.questionEnd);
    // A cache on the way is of use only where equal questions are equal (RFC 8484 §4.1).
    query[0] = 0;
    query[1] = 0;
    if (query !== ask.query) ask.query.set(query.subarray(0, 2));
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({
        ":method": "POST",
        ":authority": authorityOf(this.server, this.#terms),
        ":path": this.#terms.path,
        accept: MEDIA_TYPE,
        "content-type": MEDIA_TYPE,
        "content-length": query.length,
      });
    } catch {
      this.destroy(); // it is going away, and `closed` gives the question to another
      return;
    }
    this.#asks.set(ask, stream);
    this.#isSending = true;
    this.#listen(ask, stream);
    stream.end(query, () => this.#sent());
  }

  #listen(ask: TcpAsk, stream: ClientHttp2Stream): void {
    let isGood = false;
    let body = new Uint8Array(0);
    stream.on("response", (headers) => {
      isGood = headers[":status"] === 200 && headers["content-type"] === MEDIA_TYPE;
    });
    stream.on("data", (chunk: Buffer) => {
      if (body.length + chunk.length > REPLY_BYTES_MAX) {
        isGood = false;
        stream.close(constants.NGHTTP2_CANCEL);
      } else body = Buffer.concat([body, chunk]);
    });
    stream.on("error", () => {});
    stream.on("close", () => {
      if (!stream.writableFinished) this.#sent();
      this.#take(ask, isGood && stream.readableEnded ? body : undefined);
    });
  }

  /** `reply` is undefined where there is none: another status, a stream that was reset. */
  #take(ask: TcpAsk, reply: Uint8Array | undefined): void {
    // Where the whole connection is gone, `closed` tells of all that was asked over it.
    if (this.#socket.destroyed || this.#session?.destroyed === true) return;
    if (!this.#asks.delete(ask)) return;
    this.#hasAnswered = true;
    if (this.#asks.size === 0) {
      if (this.#isRetired) this.destroy();
      else this.#listener.idle(this);
    }
    const verdict =
      reply === undefined ? undefined : judgeReply(ask.query, ask.questionEnd, reply, reply.length);
    if (verdict === "match") this.#listener.matched(ask, reply!);
    else if (verdict === "wrong-case") this.#listener.matchedButCase(ask);
    else {
      if (verdict !== undefined) this.#listener.unwanted(verdict);
      this.#listener.refused(ask);
    }
  }

  #close(): void {
    this.#isRetired = true;
    const asks = [...this.#asks.keys()];
    this.#asks.clear();
    const isUp = this.#session !== undefined;
    this.#session?.destroy();
    this.#listener.closed(this, asks, isUp ? undefined : this.#failure);
  }
}

/** Whom a request is for: the name, or the address; with the port where it is another than 443. */
function authorityOf({ ip, port }: ServerAddress, { name }: SecureTerms): string {
  const text = ipToText(ip);
  const host = name ?? (ip.length === 4 ? text : `[${text}]`);
  return port === 443 ? host : `${host}:${port}`;
}
