/** A server of TLS that passes everything on to another one, and keeps what passed in the clear. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Server, type TLSSocket, connect, createServer } from "node:tls";
import type { KeyPair } from "../src/transports/tls.ts";

export class TlsRecorder {
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  readonly #toServer: Buffer[] = [];
  readonly #toClient: Buffer[] = [];
  /** Addresses that connections came from. */
  readonly peers = new Set<string>();

  private constructor(pair: KeyPair, toPort: number) {
    const { certificate: cert, key } = pair;
    this.#server = createServer({ cert, key, ALPNProtocols: ["h2"] }, (socket) => {
      this.peers.add(socket.remoteAddress ?? "");
      const on = connect({ port: toPort, host: "127.0.0.1", ca: cert, ALPNProtocols: ["h2"] });
      this.#pass(socket, on, this.#toServer);
      this.#pass(on, socket, this.#toClient);
    });
  }

  static async before(port: number, pair: KeyPair): Promise<TlsRecorder> {
    const recorder = new TlsRecorder(pair, port);
    recorder.#server.listen(0, "127.0.0.1");
    await once(recorder.#server, "listening");
    return recorder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All octets that passed, in both directions. */
  get all(): Buffer {
    return Buffer.concat([...this.#toServer, ...this.#toClient]);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(from: TLSSocket, to: TLSSocket, kept: Buffer[]): void {
    this.#sockets.add(from);
    from.on("data", (chunk: Buffer) => {
      kept.push(chunk);
      to.write(chunk);
    });
    from.on("error", () => {});
    from.on("close", () => to.end());
  }
}
