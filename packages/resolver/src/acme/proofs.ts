/**
 * What an authority is shown while it verifies names: over HTTP (RFC 8555 §8.3) or inside TLS
 * (RFC 8737). Nothing is shown that is not being proven at this time.
 */
import { type Server, createServer } from "node:http";
import type { KeyPair } from "../transports/tls.ts";
import type { Identifier } from "./client.ts";

const WELL_KNOWN = "/.well-known/acme-challenge/";

/** Where TLS connections that offer `acme-tls/1` find the certificate to show. */
export interface TlsProofs {
  show(name: string, pair: KeyPair): void;
  hide(name: string): void;
}

/** A place where an HTTP-01 challenge is looked for. */
export interface HttpPlace {
  readonly host: string;
  readonly port: number;
}

/** Serves HTTP-01 challenges, and nothing else, while they are being verified. */
export class HttpProofs {
  readonly #places: readonly HttpPlace[];
  readonly #shown = new Map<string, string>();
  #servers: Server[] = [];

  constructor(places: readonly HttpPlace[]) {
    this.#places = places;
  }

  /** Says whether challenges over HTTP can be met. */
  get isThere(): boolean {
    return this.#places.length > 0;
  }

  /** Begins to listen where it does not; says why it cannot. */
  async open(): Promise<string | undefined> {
    for (const { host, port } of this.#servers.length > 0 ? [] : this.#places) {
      const server = createServer({ connectionsCheckingInterval: 1000, requestTimeout: 5000 });
      server.on("request", ({ url = "", method }, response) => {
        const token = url.startsWith(WELL_KNOWN) ? url.slice(WELL_KNOWN.length) : "";
        const text = method === "GET" ? this.#shown.get(token) : undefined;
        response.writeHead(text === undefined ? 404 : 200, {
          "content-type": "application/octet-stream",
          connection: "close",
        });
        response.end(text ?? "");
      });
      const why = await new Promise<string | undefined>((resolve) => {
        server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
        server.listen({ host, port, ipv6Only: true }, () => resolve(undefined));
      });
      if (why !== undefined) {
        this.close();
        return `${host} port ${port}: ${why}`;
      }
      this.#servers.push(server);
    }
    return undefined;
  }

  show(token: string, keyAuthorization: string): void {
    this.#shown.set(token, keyAuthorization);
  }

  hide(token: string): void {
    this.#shown.delete(token);
  }

  /** Listens no more: between two renewals nobody has anything to ask here. */
  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    this.#servers = [];
  }
}

/** The name that TLS clients ask for an identifier with (RFC 8738 §6). */
export function serverName({ type, value }: Identifier, octets: Uint8Array | undefined): string {
  if (type === "dns" || octets === undefined) return value;
  if (octets.length === 4) return `${octets.toReversed().join(".")}.in-addr.arpa`;
  const nibbles = Array.from(octets.toReversed(), (octet) => octet.toString(16).padStart(2, "0"));
  return `${nibbles.map((two) => `${two[1]}.${two[0]}`).join(".")}.ip6.arpa`;
}
