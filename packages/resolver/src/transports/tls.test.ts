/** Tests of TLS over loopback: what is spoken inside, and how certificates and keys change. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, type Server, createConnection, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { type ConnectionOptions, type TLSSocket, connect } from "node:tls";
import { limits } from "../base/limits.ts";
import { Client } from "../privacy/client.ts";
import { monotonicMs } from "../system/clock.ts";
import { selfSigned } from "./self-signed.ts";
import type { Session, StreamHost, StreamProtocol } from "./session.ts";
import { type KeyPair, TICKET_KEYS_BYTES, TlsContexts, TlsProtocol, whyUnusable } from "./tls.ts";

/** Says its own name, and what it is told. */
class Says implements StreamProtocol {
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  open(socket: import("node:net").Socket): Session {
    socket.write(this.#name);
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("end", () => socket.destroySoon());
    return { end: () => socket.destroySoon(), settle() {}, closeIfIdle() {} };
  }
}

const host: StreamHost = {
  listener: 0,
  answers: new Uint8Array(0),
  idleMs: 1000,
  hold: () => true,
  settleSoon() {},
};

let pair: KeyPair;
let other: KeyPair;
let contexts: TlsContexts;
let server: Server;
let port = 0;
const sessions = new Set<Session>();
const ticketKeys = randomBytes(TICKET_KEYS_BYTES);

before(async () => {
  [pair, other] = await Promise.all([
    selfSigned(["dns.example", "127.0.0.1"], Date.now()),
    selfSigned(["new.example"], Date.now()),
  ]);
  contexts = new TlsContexts({ pair, ticketKeys });
  const byName = new Map(["h2", "dot"].map((name) => [name, new Says(name)]));
  const tls = new TlsProtocol(contexts, { byName, unnamed: new Says("none") });
  const us = Client.at(Uint8Array.of(127, 0, 0, 1), 1);
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sessions.add(tls.open(socket, us, host));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
after(() => server.close());

function client(options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  socket.on("error", () => {});
  return socket;
}

async function firstWords(socket: TLSSocket): Promise<string> {
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString();
}

/** Waits for the error that a client sees. */
async function errorOf(options: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  return error.code ?? error.message;
}

describe("TLS", () => {
  const spoken: readonly [title: string, offered: string[] | undefined, said: string][] = [
    ["what a client names", ["dot"], "dot"],
    ["what the server likes best of what is offered", ["http/1.1", "dot", "h2"], "h2"],
    ["what is usual, to a client that names nothing", undefined, "none"],
  ];
  for (const [title, offered, said] of spoken) {
    it(`speaks ${title}`, async () => {
      const socket = client(offered === undefined ? {} : { ALPNProtocols: offered });
      assert.equal(await firstWords(socket), said);
      socket.destroy();
    });
  }

  it("refuses a client that offers only what is not spoken here", async () => {
    assert.equal(
      await errorOf({ ALPNProtocols: ["imap"] }),
      "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    );
  });

  it("speaks 1.3 and 1.2, and nothing older", async () => {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      const socket = client({ minVersion: version, maxVersion: version });
      await once(socket, "secureConnect");
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
    assert.match(await errorOf(old), /PROTOCOL_VERSION/);
  });

  it("has no suite without forward secrecy", async () => {
    const ciphers = "AES128-GCM-SHA256";
    assert.match(await errorOf({ ciphers, maxVersion: "TLSv1.2" }), /HANDSHAKE_FAILURE/);
  });

  it("shows a new certificate to the next client, and drops none who is there", async () => {
    const early = client();
    assert.equal(await firstWords(early), "none");
    contexts.replace({ pair: other, ticketKeys });
    const late = client();
    await once(late, "secureConnect");
    assert.match(late.getPeerCertificate().subjectaltname ?? "", /new\.example/);
    early.write("still there");
    assert.equal(await firstWords(early), "still there");
    contexts.replace({ pair, ticketKeys });
    early.destroy();
    late.destroy();
  });

  it("resumes with a ticket, until the keys change, and then begins anew", async () => {
    const first = client({ servername: "dns.example" });
    const [session] = (await once(first, "session")) as [Buffer];
    first.destroy();
    const again = client({ session, servername: "dns.example" });
    await once(again, "secureConnect");
    assert.equal(again.isSessionReused(), true);
    again.destroy();
    contexts.replace({ pair, ticketKeys: randomBytes(TICKET_KEYS_BYTES) });
    const anew = client({ session, servername: "dns.example" });
    await once(anew, "secureConnect");
    assert.equal(anew.isSessionReused(), false);
    anew.destroy();
  });

  it("gives tickets for no longer than tlsTicketLifetimeS", async () => {
    const socket = client({ maxVersion: "TLSv1.2" });
    const [session] = (await once(socket, "session")) as [Buffer];
    // SSL_SESSION in DER: the lifetime hint is a context-specific field, [9].
    const hint = session.indexOf(Buffer.from("a9040202", "hex"));
    assert.ok(hint > 0);
    assert.ok(session.readUInt16BE(hint + 4) <= limits.tlsTicketLifetimeS.value);
    socket.destroy();
  });

  it("waits for a handshake tlsHandshakeMs and no longer", async () => {
    sessions.clear();
    const silent = createConnection(port, "127.0.0.1");
    await once(silent, "connect");
    while (sessions.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [session] = sessions;
    const nowMs = monotonicMs();
    session!.closeIfIdle(nowMs + limits.tlsHandshakeMs.value / 2);
    assert.equal(silent.destroyed, false);
    session!.closeIfIdle(nowMs + limits.tlsHandshakeMs.value + 1000);
    silent.resume();
    await once(silent, "close");
  });

  it("drops noise", async () => {
    const noise = createConnection(port, "127.0.0.1");
    noise.on("error", () => {});
    noise.write("GET / HTTP/1.1\r\n\r\n");
    noise.resume();
    await new Promise((resolve) => noise.once("close", resolve));
  });
});

describe("a certificate and a key", () => {
  const cases: readonly [title: string, pair: () => KeyPair, why: RegExp | undefined][] = [
    ["that belong together are used", () => pair, undefined],
    ["of two owners are not", () => ({ ...pair, key: other.key }), /does not belong/],
    ["that are none are not", () => ({ certificate: "x", key: "y" }), /PEM/],
    ["of which one is missing are not", () => ({ ...pair, key: "" }), /PEM|belong/],
  ];
  for (const [title, given, why] of cases) {
    it(title, () => {
      const said = whyUnusable(given());
      if (why === undefined) assert.equal(said, undefined);
      else assert.match(said ?? "", why);
    });
  }
});
