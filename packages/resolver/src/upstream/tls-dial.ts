/**
 * Opens TLS to servers and has them prove who they are, before a byte of a question leaves.
 *
 * TLS 1.2 or 1.3. A certificate must name what the terms say, be valid today and come from an
 * authority that counts; or its key is one that is pinned (RFC 8310 §8.1, RFC 7858 §4.2).
 *
 * PRIVACY: a ticket resumes one session and is gone: who looks on cannot tell by it that two later
 * connections are of one resolver (RFC 8446 §C.4). Tickets are in memory only.
 */
import { createHash } from "node:crypto";
import {
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
  checkServerIdentity,
  connect,
  createSecureContext,
} from "node:tls";
import { type ServerAddress, ipToText, serverKey } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { type SecureTerms, type Trust, termsKey } from "../base/secure-terms.ts";
import { monotonicMs } from "../system/clock.ts";

const TICKETS_MAX = limits.tlsTicketsMax.value;
const TICKET_MS = limits.tlsTicketS.value * 1000;

/** The `code` of an error of a server whose key is not pinned. */
const KEY_NOT_PINNED = "KEY_NOT_PINNED";
/** The `code` of an error of a server that speaks another protocol inside TLS. */
export const WRONG_PROTOCOL = "WRONG_PROTOCOL";

/** Whom to open TLS to. */
export interface Dialled {
  readonly server: ServerAddress;
  readonly terms: SecureTerms;
  /** What is to be spoken inside (RFC 7301). */
  readonly protocols: readonly string[];
  /** The address to come from; undefined leaves it to the kernel. */
  readonly source: Uint8Array | undefined;
}

interface Ticket {
  readonly session: Buffer;
  readonly untilMs: number;
}

/** What is made once of whose word counts. */
interface Believed {
  readonly context: SecureContext;
  /** The newest ticket of each server, the oldest first. */
  readonly tickets: Map<string, Ticket>;
}

export class TlsDialler {
  readonly #believed = new WeakMap<Trust, Believed>();
  readonly #nowMs: () => number;

  /** `nowMs` is the clock by which tickets grow old. */
  constructor(nowMs: () => number = monotonicMs) {
    this.#nowMs = nowMs;
  }

  /**
   * A socket that is being opened. It says `secureConnect` once the server has proven itself, and
   * is destroyed with an error that has a `code` where it cannot.
   */
  dial({ server, terms, protocols, source }: Dialled): TLSSocket {
    const { trust, name } = terms;
    const { context, tickets } = this.#believe(trust);
    const key = `${serverKey(server)} ${termsKey(terms)}`;
    const host = ipToText(server.ip);
    const session = takeTicket(tickets, key, this.#nowMs());
    const socket = connect({
      host,
      port: server.port,
      secureContext: context,
      ALPNProtocols: [...protocols],
      // Pinned keys are looked at below; Node looks at the rest.
      rejectUnauthorized: trust.kind === "authorities",
      ...(name === undefined ? {} : { servername: name }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name ?? host, certificate),
      ...(session === undefined ? {} : { session }),
      ...(source === undefined ? {} : { localAddress: ipToText(source) }),
    });
    socket.setNoDelay(true);
    socket.on("session", (fresh: Buffer) => {
      keepTicket(tickets, key, { session: fresh, untilMs: this.#nowMs() + TICKET_MS });
    });
    if (trust.kind === "keys") {
      socket.once("secureConnect", () => {
        const problem = keyProblem(socket, trust.pins, name);
        if (problem !== undefined) socket.destroy(problem);
      });
    }
    return socket;
  }

  #believe(trust: Trust): Believed {
    let believed = this.#believed.get(trust);
    if (believed === undefined) {
      const ca = trust.kind === "authorities" ? trust.roots : undefined;
      const context = createSecureContext({
        minVersion: "TLSv1.2",
        ...(ca === undefined ? {} : { ca }),
      });
      believed = { context, tickets: new Map() };
      this.#believed.set(trust, believed);
    }
    return believed;
  }
}

function takeTicket(tickets: Map<string, Ticket>, key: string, nowMs: number): Buffer | undefined {
  const ticket = tickets.get(key);
  tickets.delete(key);
  return ticket !== undefined && nowMs < ticket.untilMs ? ticket.session : undefined;
}

/** A resumed session is not looked at again: so it may be resumed for a bounded time only. */
function keepTicket(tickets: Map<string, Ticket>, key: string, ticket: Ticket): void {
  tickets.delete(key);
  const [oldest] = tickets.keys();
  if (tickets.size >= TICKETS_MAX && oldest !== undefined) tickets.delete(oldest);
  tickets.set(key, ticket);
}

/** What is wrong with the key of a server, or with its name; undefined where nothing is. */
function keyProblem(
  socket: TLSSocket,
  pins: readonly string[],
  name: string | undefined,
): Error | undefined {
  const certificate = socket.getPeerX509Certificate();
  // A resumed session comes without one; the key was looked at when it began.
  if (certificate === undefined && socket.isSessionReused()) return undefined;
  const key = certificate?.publicKey.export({ type: "spki", format: "der" });
  const pin = key && createHash("sha256").update(key).digest("base64");
  if (pin === undefined || !pins.includes(pin)) {
    return Object.assign(new Error("key not pinned"), { code: KEY_NOT_PINNED });
  }
  const peer: PeerCertificate = socket.getPeerCertificate();
  return name === undefined ? undefined : checkServerIdentity(name, peer);
}

/** What errors say of servers that did not prove who they are. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is of an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an authority that is not trusted",
  CERT_SIGNATURE_FAILURE: "its certificate has a wrong signature",
  INVALID_PURPOSE: "its certificate is not for servers",
  INVALID_CA: "its certificate is of somebody who is no authority",
  CERT_REJECTED: "its certificate is rejected",
  CERT_UNTRUSTED: "its certificate is not trusted",
  [KEY_NOT_PINNED]: "its key is not one that is pinned",
  [WRONG_PROTOCOL]: "it does not speak HTTP/2",
};

/**
 * Why a connection is not trusted, by the code of its error; undefined: that was not why.
 *
 * Whoever breaks off the handshake or speaks no TLS has not proven anything either.
 */
export function whyUntrusted(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  const known = Object.hasOwn(UNTRUSTED, code) ? UNTRUSTED[code] : undefined;
  if (known !== undefined) return known;
  return /^(ERR_SSL_|EPROTO)/.test(code) ? "it does not speak TLS as we do" : undefined;
}
