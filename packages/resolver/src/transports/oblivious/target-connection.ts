/**
 * A relay's connection to one target: HTTP/2, shared by all clients, kept while it is used.
 *
 * One connection for all of them is faster, and tells the target nothing of who asks (RFC 9230
 * §11.2). PRIVACY: a request has a body, its length and its type; nothing that a client sent beside
 * the body reaches this file.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  connect,
  constants,
} from "node:http2";
import type { LookupFunction } from "node:net";
import { limits } from "../../base/limits.ts";

const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;
const TYPE = "application/oblivious-dns-message";

/** A server that questions are passed on to. */
export interface RelayTarget {
  /** A name, or an address; IPv6 ones in brackets. In small letters. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Why nothing came from a target, in the words of RFC 9209 §2.3. */
export type ProxyError =
  | "dns_error"
  | "connection_refused"
  | "connection_timeout"
  | "connection_terminated"
  | "tls_certificate_error"
  | "tls_protocol_error"
  | "http_response_incomplete"
  | "http_response_timeout"
  | "http_response_body_size"
  | "http_protocol_error";

export type Relayed =
  | {
      readonly kind: "response";
      readonly status: number;
      /** It has the type of sealed messages. */
      readonly isOblivious: boolean;
      readonly body: Uint8Array;
    }
  | { readonly kind: "failed"; readonly why: ProxyError };

/** How targets are found and believed. */
export interface TargetTerms {
  /** Finds the addresses of a name. */
  readonly lookUp: LookupFunction;
  /** Certificates of authorities, PEM, in the place of those that are built in. */
  readonly authorities: string | undefined;
  /** How long a response may be in coming, and a connection may stay idle. */
  readonly waitMs: number;
  readonly idleMs: number;
}

export class TargetConnection {
  readonly #target: RelayTarget;
  readonly #terms: TargetTerms;
  #session: ClientHttp2Session | undefined;
  #isClosed = false;

  constructor(target: RelayTarget, terms: TargetTerms) {
    this.#target = target;
    this.#terms = terms;
  }

  /** Sends a body; `done` is called once, when the time for it is over at the latest. */
  send(body: Uint8Array, done: (relayed: Relayed) => void): void {
    const session = this.#session ?? this.#open();
    const isFresh = session.connecting;
    const { path } = this.#target;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({
        ":method": "POST",
        ":path": path,
        accept: TYPE,
        "content-type": TYPE,
        "content-length": body.length,
      });
    } catch {
      // A session that is closing takes no more; what comes next has another one.
      this.#drop(session);
      done({ kind: "failed", why: "connection_terminated" });
      return;
    }
    stream.end(body);
    gather(stream, this.#terms.waitMs, (gathered) => {
      if (gathered.kind !== "broken") {
        done(gathered);
        return;
      }
      this.#drop(session);
      // One that was idle may have been closed at the other end just now: once more, over another.
      if (isFresh || this.#isClosed) done({ kind: "failed", why: gathered.why });
      else this.send(body, done);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    const { host, port } = this.#target;
    const { lookUp, authorities, idleMs } = this.#terms;
    const session = connect(`https://${host}:${port}`, {
      lookup: lookUp,
      ...(authorities === undefined ? {} : { ca: authorities }),
      minVersion: "TLSv1.2",
      settings: { enablePush: false, initialWindowSize: BODY_BYTES_MAX },
    });
    this.#session = session;
    // Its streams tell.
    session.on("error", () => {});
    session.on("goaway", () => this.#drop(session));
    session.on("close", () => this.#drop(session));
    session.setTimeout(idleMs, () => session.close());
    return session;
  }

  #drop(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
    if (!session.closed) session.close();
  }
}

/** What came on a stream; "broken": its connection ended, or could not be had, before anything. */
type Gathered = Relayed | { readonly kind: "broken"; readonly why: ProxyError };

/** Takes a response from its stream. */
function gather(
  stream: ClientHttp2Stream,
  waitMs: number,
  done: (gathered: Gathered) => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  let head: IncomingHttpHeaders | undefined;
  let broken: ProxyError = "connection_terminated";
  let isOver = false;
  const finish = (gathered: Gathered): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    stream.close();
    done(gathered);
  };
  const fail = (why: ProxyError): void => finish({ kind: "failed", why });
  const timer = setTimeout(() => {
    fail(stream.pending ? "connection_timeout" : "http_response_timeout");
  }, waitMs);
  stream.on("response", (headers) => (head = headers));
  stream.on("data", (part: Buffer) => {
    size += part.length;
    parts.push(part);
    if (size > BODY_BYTES_MAX) fail("http_response_body_size");
  });
  stream.on("error", (error: Error) => (broken = whyOf(error)));
  stream.on("close", () => {
    const status = head?.[":status"];
    if (typeof status !== "number") {
      finish({ kind: "broken", why: broken });
    } else if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
      fail("http_response_incomplete");
    } else {
      const isOblivious = head?.["content-type"] === TYPE;
      finish({ kind: "response", status, isOblivious, body: Buffer.concat(parts) });
    }
  });
}

const REASONS: ReadonlyMap<string, ProxyError> = new Map([
  ["ENOTFOUND", "dns_error"],
  ["ECONNREFUSED", "connection_refused"],
  ["ETIMEDOUT", "connection_timeout"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_certificate_error"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_certificate_error"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls_certificate_error"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_certificate_error"],
  ["UNABLE_TO_GET_ISSUER_CERT", "tls_certificate_error"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls_certificate_error"],
  ["CERT_HAS_EXPIRED", "tls_certificate_error"],
  ["CERT_NOT_YET_VALID", "tls_certificate_error"],
]);

/** Why a stream ended: mostly since its session did, for a cause of its own. */
function whyOf(error: Error): ProxyError {
  const { code = "" } = (error.cause ?? error) as NodeJS.ErrnoException;
  const known = REASONS.get(code);
  if (known !== undefined) return known;
  return code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS")
    ? "tls_protocol_error"
    : "connection_terminated";
}
