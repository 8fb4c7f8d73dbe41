/**
 * What is spoken at the encrypted listeners, by the name that the client offers (RFC 7301):
 *
 *   tls     dot, or no name ──────────────► messages behind their lengths (RFC 7858)
 *   https   h2 ───────────────────────────► HTTP/2
 *           http/1.1, or no name ─────────► HTTP/1.1
 *           dot ──────────────────────────► as at tls, for networks where no other port is open
 */
import type { Socket } from "node:net";
import type { Client } from "../privacy/client.ts";
import type { Door } from "./door.ts";
import type { HttpHost } from "./http/host.ts";
import { HttpHosting } from "./http/hosting.ts";
import type { HttpService } from "./http/service.ts";
import { Http1Connection } from "./http1/connection.ts";
import { Http2Connection } from "./http2/connection.ts";
import type { Session, StreamHost, StreamProtocol } from "./session.ts";
import { DnsStreams } from "./stream.ts";
import { type TlsContexts, TlsProtocol } from "./tls.ts";

/** DNS over TLS. */
export function dnsOverTls(contexts: TlsContexts, door: Door): StreamProtocol {
  const dot = new DnsStreams(door, "tls");
  return new TlsProtocol(contexts, { byName: new Map([["dot", dot]]), unnamed: dot });
}

/** HTTPS for one listener, and DNS over TLS beside it. */
export function https(contexts: TlsContexts, door: Door, service: HttpService): StreamProtocol {
  const http1 = new HttpConnections(service, Http1Connection);
  const byName = new Map<string, StreamProtocol>([
    ["h2", new HttpConnections(service, Http2Connection)],
    ["http/1.1", http1],
    ["dot", new DnsStreams(door, "tls")],
  ]);
  return new TlsProtocol(contexts, { byName, unnamed: http1 });
}

type HttpConnection = new (socket: Socket, client: Client, host: HttpHost) => Session;

/** Connections of one version of HTTP at one listener. */
class HttpConnections implements StreamProtocol {
  readonly #service: HttpService;
  readonly #Connection: HttpConnection;
  #host: HttpHost | undefined;

  constructor(service: HttpService, Connection: HttpConnection) {
    this.#service = service;
    this.#Connection = Connection;
  }

  open(socket: Socket, client: Client, host: StreamHost): Session {
    this.#host ??= new HttpHosting(host, this.#service);
    return new this.#Connection(socket, client, this.#host);
  }
}
