/**
 * TLS for clients: contexts that can be replaced while connections stand, and what is inside.
 *
 * A connection takes the context that is in force when it comes. So a new certificate, or a new key
 * for tickets, counts from the next connection on, and none is dropped for it.
 *
 * PRIVACY: tickets are sealed with keys that exist in memory only and go within the hour, so that
 * resumption ties a client's visits together for an hour at most (RFC 8310 §5.1, RFC 9325 §3.4).
 * No session is kept on this side.
 */
import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket, createSecureContext } from "node:tls";
import { limits } from "../base/limits.ts";
import type { Client } from "../privacy/client.ts";
import { monotonicMs } from "../system/clock.ts";
import type { Session, StreamHost, StreamProtocol } from "./session.ts";

const HANDSHAKE_MS = limits.tlsHandshakeMs.value;

/** Suites of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325 §4.2). */
const TLS_1_2_SUITES = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];
const TLS_1_3_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_256_GCM_SHA384",
];
/** Octets of the keys that seal tickets: a name, a key for the seal, a key for what is in it. */
export const TICKET_KEYS_BYTES = 48;
/** Resumption works among all listeners and workers of one server, and with no other's. */
const SESSION_CONTEXT = "lethe";

/** A certificate with its key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a server proves itself with, and seals tickets with. */
export interface TlsMaterial {
  readonly pair: KeyPair;
  /** `TICKET_KEYS_BYTES` that nobody can guess; alike in all workers, so that each opens all. */
  readonly ticketKeys: Uint8Array;
}

/** The context that new connections take. */
export class TlsContexts {
  #current: SecureContext;

  constructor(material: TlsMaterial) {
    this.#current = contextOf(material);
  }

  get current(): SecureContext {
    return this.#current;
  }

  /** Takes another certificate or other ticket keys: the next connection has them. */
  replace(material: TlsMaterial): void {
    this.#current = contextOf(material);
  }
}

/**
 * Why a certificate and a key cannot be used, in a few words; undefined where they can.
 *
 * PRIVACY: says nothing of the key.
 */
export function whyUnusable(pair: KeyPair): string | undefined {
  // What is empty would be left out without a word.
  if (pair.key === "" || pair.certificate === "") return "not a certificate and a key in PEM";
  try {
    contextOf({ pair, ticketKeys: new Uint8Array(TICKET_KEYS_BYTES) });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH"
      ? "the key does not belong to the certificate"
      : "not a certificate and a key in PEM";
  }
}

function contextOf({ pair, ticketKeys }: TlsMaterial): SecureContext {
  return createSecureContext({
    cert: pair.certificate,
    key: pair.key,
    minVersion: "TLSv1.2",
    ciphers: [...TLS_1_3_SUITES, ...TLS_1_2_SUITES].join(":"),
    honorCipherOrder: true,
    // RFC 9325 §3.5: renegotiation is of no use here, and has been of use to attackers.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    sessionIdContext: SESSION_CONTEXT,
    sessionTimeout: limits.tlsTicketLifetimeS.value,
    ticketKeys: Buffer.from(ticketKeys),
  });
}

/** What is spoken inside TLS, by the name that the client offers (RFC 7301). */
export interface Inside {
  /** Names in the order of preference, with what is spoken under each. */
  readonly byName: ReadonlyMap<string, StreamProtocol>;
  /** What is spoken to clients that offer no name. */
  readonly unnamed: StreamProtocol;
}

/** Connections that begin with a handshake. */
export class TlsProtocol implements StreamProtocol {
  readonly #contexts: TlsContexts;
  readonly #inside: Inside;
  readonly #names: readonly string[];

  constructor(contexts: TlsContexts, inside: Inside) {
    this.#contexts = contexts;
    this.#inside = inside;
    this.#names = [...inside.byName.keys()];
  }

  open(socket: Socket, client: Client, host: StreamHost): Session {
    return new TlsSession(this.#wrap(socket), client, host, this.#inside);
  }

  #wrap(socket: Socket): TLSSocket {
    return new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#contexts.current,
      // RFC 7301 §3.2: a client that offers only what is not spoken here gets an alert.
      ALPNCallback: ({ protocols }) => this.#names.find((name) => protocols.includes(name)),
    });
  }
}

/** A connection whose handshake goes on, and then what is spoken inside. */
class TlsSession implements Session {
  readonly #socket: TLSSocket;
  readonly #startMs = monotonicMs();
  #inner: Session | undefined;

  constructor(socket: TLSSocket, client: Client, host: StreamHost, inside: Inside) {
    this.#socket = socket;
    // A handshake that fails is the client's affair; "close" follows.
    socket.on("error", () => {});
    socket.once("secure", () => {
      const name = socket.alpnProtocol;
      const protocol = typeof name === "string" ? inside.byName.get(name) : inside.unnamed;
      if (protocol === undefined) socket.destroy();
      else this.#inner = protocol.open(socket, client, host);
    });
  }

  end(): void {
    if (this.#inner === undefined) this.#socket.destroy();
    else this.#inner.end();
  }

  settle(): void {
    this.#inner?.settle();
  }

  closeIfIdle(nowMs: number): void {
    if (this.#inner !== undefined) this.#inner.closeIfIdle(nowMs);
    else if (nowMs - this.#startMs >= HANDSHAKE_MS) this.#socket.destroy();
  }
}
