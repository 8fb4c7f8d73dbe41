/** Requests over HTTP/2 from an address of the test's choice: a client that nobody here wrote. */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Send } from "../src/cli/oblivious-client.ts";

export interface HttpsClient {
  readonly send: Send;
  close(): void;
}

/** A client at a loopback address that believes one certificate; a connection for each host. */
export function httpsClient(localAddress: string, ca: string): HttpsClient {
  const sessions = new Map<string, ClientHttp2Session>();
  const sessionTo = (authority: string): ClientHttp2Session => {
    const known = sessions.get(authority);
    if (known !== undefined) return known;
    const { hostname: host, port } = new URL(`https://${authority}`);
    const socket = connectTcp({ host, port: Number(port), localAddress });
    const session = connect(`https://${authority}`, {
      createConnection: () => connectTls({ socket, host, ca, ALPNProtocols: ["h2"] }),
    });
    session.on("error", () => {});
    sessions.set(authority, session);
    return session;
  };
  return {
    send: async ({ method, authority, path, headers, body }) => {
      const stream = sessionTo(authority).request({ ...headers, ":method": method, ":path": path });
      stream.end(body);
      const [head] = (await once(stream, "response")) as [Record<string, string>];
      const parts: Buffer[] = [];
      for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
      const mediaType = head["content-type"] ?? "";
      return { status: Number(head[":status"]), mediaType, body: Buffer.concat(parts) };
    },
    close: () => {
      for (const session of sessions.values()) session.destroy();
    },
  };
}
