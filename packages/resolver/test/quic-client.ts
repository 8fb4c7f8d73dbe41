/** A client of QUIC without any DNS: the library's own, for tests. */
import { connectQuicAsync } from "@currentspace/http3";

export const NO_QUIC = "the QUIC library does not load here";

/** How an exchange on one stream ended. */
export type QuicEnd =
  | { readonly kind: "answer"; readonly octets: Buffer }
  | { readonly kind: "reset" }
  | { readonly kind: "closed"; readonly code: number };

type Session = Awaited<ReturnType<typeof connectQuicAsync>>;

export class QuicClient {
  readonly #session: Session;
  /** Settles when the connection is closed. */
  readonly closed: Promise<QuicEnd>;

  private constructor(session: Session) {
    this.#session = session;
    this.closed = new Promise((resolve) => {
      session.on("close", (info: { errorCode?: number }) => {
        resolve({ kind: "closed", code: info?.errorCode ?? 0 });
      });
    });
    session.on("error", () => {});
  }

  static async connect(port: number, alpn: string): Promise<QuicClient> {
    const session = await connectQuicAsync(`127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      alpn: [alpn],
      runtimeMode: "portable",
    });
    return new QuicClient(session);
  }

  /** Sends octets on a stream of their own, and tells how that ends. */
  async exchange(octets: Buffer, isLast: boolean): Promise<QuicEnd> {
    const stream = this.#session.openStream();
    const end = new Promise<QuicEnd>((resolve) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const all = Buffer.concat(chunks);
        resolve(all.length === 0 ? { kind: "reset" } : { kind: "answer", octets: all });
      });
      stream.on("error", () => setTimeout(() => resolve({ kind: "reset" }), 50));
    });
    if (isLast) stream.end(octets);
    else stream.write(octets);
    return await Promise.race([end, this.closed]);
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
