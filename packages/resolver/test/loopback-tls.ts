/** Servers of DNS over TLS and HTTPS on loopback addresses, for tests of what asks them. */
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { type Http2SecureServer, type ServerHttp2Stream, createSecureServer } from "node:http2";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { type TLSSocket, createServer } from "node:tls";
import { setU16 } from "@lethe/wire/bytes.ts";
import { type ServerAddress, ipFromText } from "../src/base/address.ts";
import { FrameReader } from "../src/upstream/frame-reader.ts";
import { certificateFile, keyFile } from "./certificates.ts";

/** One query that came; `connection` counts them from 0. */
export interface AskedInTls {
  readonly query: Uint8Array;
  readonly connection: number;
  readonly stream: TLSSocket;
  readonly reply: (message: Uint8Array) => void;
}

export interface LoopbackTls {
  readonly address: ServerAddress;
  /** For each connection: whether it resumed a session. */
  readonly resumed: readonly boolean[];
  close(): Promise<void>;
}

type Certificate = Parameters<typeof certificateFile>[0];

function identity(certificate: Certificate) {
  return { cert: readFileSync(certificateFile(certificate)), key: readFileSync(keyFile) };
}

/** A server of DNS over TLS. */
export async function listenTls(
  onQuery: (asked: AskedInTls) => void,
  certificate: Certificate = "server",
): Promise<LoopbackTls> {
  const resumed: boolean[] = [];
  const server = createServer({ ...identity(certificate), ALPNProtocols: ["dot"] }, (stream) => {
    const connection = resumed.push(stream.isSessionReused()) - 1;
    stream.on("error", () => {});
    const reader = new FrameReader((query) => {
      onQuery({ query, connection, stream, reply: (message) => stream.write(frame(message)) });
    });
    stream.on("data", (chunk: Buffer) => reader.read(chunk));
  });
  return { ...(await opened(server)), resumed };
}

/** A server of DNS over HTTPS; it answers each request by itself. */
export async function listenHttps(
  onRequest: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void,
  certificate: Certificate = "server",
): Promise<LoopbackTls> {
  const server: Http2SecureServer = createSecureServer(identity(certificate));
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const parts: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => onRequest(stream, headers, Buffer.concat(parts)));
  });
  return { ...(await opened(server)), resumed: [] };
}

async function opened(server: Server): Promise<Pick<LoopbackTls, "address" | "close">> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: { ip: ipFromText("127.0.0.1")!, port },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A message with its length before it. */
export function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + message.length);
  setU16(bytes, 0, message.length);
  bytes.set(message, 2);
  return bytes;
}
