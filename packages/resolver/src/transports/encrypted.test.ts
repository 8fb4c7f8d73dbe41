/** What every transport owes its clients, inside TLS. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { type TLSSocket, connect } from "node:tls";
import { before, test } from "node:test";
import { clientOver, framed, ids } from "../../test/stream-client.ts";
import {
  type TestClient,
  TestDoor,
  type TestListener,
  complies,
  message,
} from "../../test/transport-compliance.ts";
import { until } from "../../test/until.ts";
import { DohService } from "./doh.ts";
import type { Door } from "./door.ts";
import { dnsOverTls, https } from "./encrypted.ts";
import { HttpRouter } from "./http/router.ts";
import { selfSigned } from "./self-signed.ts";
import { TcpListener } from "./tcp.ts";
import { TICKET_KEYS_BYTES, TlsContexts } from "./tls.ts";

const HERE = { host: "127.0.0.1", port: 0 };
let contexts: TlsContexts;
before(async () => {
  const pair = await selfSigned(["127.0.0.1"], Date.now());
  contexts = new TlsContexts({ pair, ticketKeys: randomBytes(TICKET_KEYS_BYTES) });
});

async function dial(port: number, ALPNProtocols: string[]): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

/** A listener of HTTPS with DNS behind `/dns-query`. */
function httpsListener(door: Door, row: number): TcpListener {
  const service = new HttpRouter([{ path: "/dns-query", service: new DohService(door) }]);
  return new TcpListener(HERE, row, https(contexts, door, service));
}

complies("tls", false, async (door, row): Promise<TestListener> => {
  const listener = new TcpListener(HERE, row, dnsOverTls(contexts, door));
  const port = await listener.listening();
  return {
    connect: async () => clientOver(await dial(port, ["dot"])),
    stop: () => listener.stop(),
  };
});

complies("tls at the https port", false, async (door, row): Promise<TestListener> => {
  const listener = httpsListener(door, row);
  const port = await listener.listening();
  return {
    connect: async () => clientOver(await dial(port, ["dot"])),
    stop: () => listener.stop(),
  };
});

for (const how of ["POST", "GET"] as const) {
  complies(`https, HTTP/2, ${how}`, false, async (door, row): Promise<TestListener> => {
    const listener = httpsListener(door, row);
    const port = await listener.listening();
    return { connect: () => dialHttp2(port, how), stop: () => listener.stop() };
  });
}

/** A client of Node's own HTTP/2. */
async function dialHttp2(port: number, how: "GET" | "POST"): Promise<TestClient> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on("error", () => {});
  await once(session, "connect");
  let strays = 0;
  return {
    ask: async (bytes) => {
      const { status, body } = await request(session, how, bytes);
      assert.equal(status, 200);
      return body;
    },
    send: (bytes) => {
      void request(session, how, bytes).then(({ status }) => {
        if (status === 200) strays++;
      });
    },
    get strays() {
      return strays;
    },
    close: () => session.destroy(),
  };
}

async function request(
  session: ClientHttp2Session,
  how: "GET" | "POST",
  bytes: Uint8Array,
): Promise<{ status: number; body: Buffer }> {
  const query = `/dns-query?dns=${Buffer.from(bytes).toString("base64url")}`;
  const stream =
    how === "GET"
      ? session.request({ ":path": query })
      : session.request({
          ":method": "POST",
          ":path": "/dns-query",
          "content-type": "application/dns-message",
        });
  if (how === "POST") stream.end(bytes);
  let status = 0;
  stream.on("response", (head) => (status = Number(head[":status"])));
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return { status, body: Buffer.concat(parts) };
}

test("a client that breaks its TLS is gone, and others are served on", async () => {
  const listener = new TcpListener(HERE, 0, dnsOverTls(contexts, new TestDoor()));
  const port = await listener.listening();
  const good = await dial(port, ["dot"]);
  const found = ids(good);
  const raw = connectTcp(port, "127.0.0.1");
  const bad = connect({ socket: raw, rejectUnauthorized: false });
  bad.on("error", () => {});
  await once(bad, "secureConnect");
  good.write(framed(message(1, "echo")));
  await until(() => found.length === 1 && listener.streams === 2);
  // A record of data that nobody has sealed.
  raw.write(Uint8Array.of(0x17, 3, 3, 0, 20, ...new Uint8Array(20)));
  await until(() => listener.streams === 1);
  good.write(framed(message(2, "echo")));
  await until(() => found.length === 2);
  good.destroy();
  await until(() => listener.streams === 0);
  assert.equal(listener.heldBytes, 0);
  listener.stop();
});

test("a stream that is out of step is closed inside TLS too", async () => {
  const listener = new TcpListener(HERE, 0, dnsOverTls(contexts, new TestDoor()));
  const port = await listener.listening();
  const short = await dial(port, ["dot"]);
  short.resume();
  short.write(Uint8Array.of(0, 3, 1, 2, 3));
  await until(() => short.destroyed && listener.streams === 0);
  assert.equal(listener.heldBytes, 0);
  listener.stop();
});
