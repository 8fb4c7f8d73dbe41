/** Streams to servers that prove who they are: over TLS (RFC 7858) and HTTPS (RFC 8484). */
import { type ServerAddress, serverKey } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { type SecureTerms, termsKey } from "../base/secure-terms.ts";
import { HttpsConnection } from "./https-connection.ts";
import { paddedQuery } from "./padding.ts";
import type { StreamConnection, StreamKind, StreamListener } from "./stream-kind.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { TlsDialler, whyUntrusted } from "./tls-dial.ts";

/** What is spoken inside TLS, by its name in the handshake. */
const PROTOCOLS = { tls: ["dot"], https: ["h2"] } as const;

export class TlsStreams implements StreamKind {
  readonly connectionsMax: number = limits.tlsConnectionsMax.value;
  readonly idleMs: number = limits.tlsIdleMs.value;
  readonly counts = "tls";
  readonly #dialler = new TlsDialler();
  readonly #trustNumbers = new WeakMap<object, number>();
  #trusts = 0;

  /** Servers share connections on the same terms only. */
  keyOf(server: ServerAddress): string {
    const terms = termsOf(server);
    let trust = this.#trustNumbers.get(terms.trust);
    if (trust === undefined) this.#trustNumbers.set(terms.trust, (trust = this.#trusts++));
    return `${serverKey(server)} ${termsKey(terms)} ${trust}`;
  }

  open(
    server: ServerAddress,
    source: Uint8Array | undefined,
    listener: StreamListener,
  ): StreamConnection {
    const terms = termsOf(server);
    const protocols = PROTOCOLS[terms.over];
    const socket = this.#dialler.dial({ server, terms, protocols, source });
    if (terms.over === "https") return new HttpsConnection(server, terms, socket, listener);
    const opening = {
      socket,
      opened: "secureConnect",
      dressed: ({ query, questionEnd }) => paddedQuery(query, questionEnd),
    } as const satisfies ConstructorParameters<typeof TcpConnection>[1];
    return new TcpConnection(server, opening, listener);
  }

  failure(code: string | undefined): ReturnType<StreamKind["failure"]> {
    const why = whyUntrusted(code);
    return why === undefined ? undefined : { kind: "untrusted", why };
  }
}

function termsOf({ secure }: ServerAddress): SecureTerms {
  assert(secure !== undefined, "a server that is asked over TLS has terms");
  return secure;
}
