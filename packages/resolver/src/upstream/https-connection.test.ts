/** Asks over HTTPS: the request as it goes out, and replies that are none. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { afterEach, describe, test } from "node:test";
import { authorityPem, serverName } from "../../test/certificates.ts";
import { echo } from "../../test/loopback-server.ts";
import { listenHttps, listenTls } from "../../test/loopback-tls.ts";
import { name } from "../../test/small-world.ts";
import { until } from "../../test/until.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { ServerAddress } from "../base/address.ts";
import type { SecureTerms } from "../base/secure-terms.ts";
import type { AskResult } from "../recursor/effect.ts";
import { writeQuery } from "../recursor/query.ts";
import { SystemRandom } from "../system/random.ts";
import { newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { Sources } from "./source.ts";
import { TcpAsks } from "./tcp-asks.ts";
import { TlsStreams } from "./tls-streams.ts";

const toClose: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const trust = { kind: "authorities", roots: authorityPem } as const;
const terms: SecureTerms = { over: "https", name: serverName, path: "/dns-query", trust };

type OnRequest = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

async function serve(onRequest: OnRequest): Promise<ServerAddress> {
  const server = await listenHttps(onRequest);
  toClose.push(() => server.close());
  return server.address;
}

const ok = { ":status": 200, "content-type": "application/dns-message" };

class World {
  readonly time = new VirtualTime();
  readonly counters = newCounters();
  readonly asks: TcpAsks;

  constructor() {
    const sources = new Sources([], [], new SystemRandom());
    const { time, counters } = this;
    this.asks = new TcpAsks({ time, counters, sources, reach: new Reach() }, new TlsStreams());
    toClose.push(() => this.asks.close());
  }

  ask(server: ServerAddress, letters = "abc"): Promise<AskResult> {
    const form = { edns: true, randomCase: false, recursionDesired: true };
    const query = writeQuery({ name: name(letters), type: 1, class: 1 }, form, new SystemRandom());
    const at = { ...server, secure: terms };
    const effect = { kind: "ask", server: at, transport: "https", query, timeoutMs: 1000 } as const;
    return new Promise((resolve) => this.asks.ask(effect, resolve));
  }
}

test("a question is one POST, padded, with an id of zero and no header more", async () => {
  const seen: [IncomingHttpHeaders, Buffer][] = [];
  const server = await serve((stream, headers, body) => {
    seen.push([headers, body]);
    stream.respond(ok);
    stream.end(echo(body));
  });
  const world = new World();
  const results = await Promise.all([world.ask(server), world.ask(server)]);
  for (const result of results) assert.equal(result.kind, "reply");
  assert.equal(world.counters.tlsConnectionsOpen, 1, "both over one connection");
  const [[headers, body]] = seen as [[IncomingHttpHeaders, Buffer]];
  assert.deepEqual(Object.fromEntries(Object.entries(headers)), {
    ":method": "POST",
    ":scheme": "https",
    ":authority": `${serverName}:${server.port}`,
    ":path": "/dns-query",
    accept: "application/dns-message",
    "content-type": "application/dns-message",
    "content-length": "128",
  });
  assert.equal(body.length, 128);
  assert.deepEqual([body[0], body[1]], [0, 0]);
});

const useless: readonly (readonly [string, OnRequest])[] = [
  ["an error status", (stream) => stream.respond({ ...ok, ":status": 502 }, { endStream: true })],
  [
    "another media type",
    (stream, _, body) => {
      stream.respond({ ...ok, "content-type": "text/html" });
      stream.end(echo(body));
    },
  ],
  [
    "a reply that is longer than a message may be",
    (stream) => {
      stream.respond(ok);
      stream.end(Buffer.alloc(65_536));
    },
  ],
  [
    "a reply to another question",
    (stream, _, body) => {
      stream.respond(ok);
      const reply = echo(body);
      reply[13]! ^= 0x01;
      stream.end(reply);
    },
  ],
  ["a stream that is reset", (stream) => stream.close(2)],
  [
    "a connection that ends in the middle of a reply",
    (stream, _, body) => {
      stream.respond(ok);
      stream.write(echo(body).subarray(0, 20), () => stream.session!.destroy());
    },
  ],
];

describe("a server of no use is unreachable", () => {
  for (const [title, onRequest] of useless) {
    test(title, async () => {
      assert.equal((await new World().ask(await serve(onRequest))).kind, "unreachable");
    });
  }
});

test("a server that speaks no HTTP/2 is asked nothing", async () => {
  const server = await listenTls(() => assert.fail("asked"));
  toClose.push(() => server.close());
  const result = await new World().ask(server.address);
  assert.equal(result.kind, "untrusted");
});

test("a server that never answers costs one time-out, and the next question a new connection", async () => {
  let requests = 0;
  const server = await serve((stream, _, body) => {
    if (requests++ === 0) return;
    stream.respond(ok);
    stream.end(echo(body));
  });
  const world = new World();
  const stuck = world.ask(server);
  await until(() => requests === 1);
  world.time.pass(1010);
  assert.equal((await stuck).kind, "timeout");
  assert.equal((await world.ask(server)).kind, "reply");
});

test("a server that goes away after an answer is asked the next question anew", async () => {
  let sessions = 0;
  const server = await serve((stream, _, body) => {
    stream.respond(ok);
    stream.end(echo(body));
    stream.once("close", () => stream.session?.close());
    sessions++;
  });
  const world = new World();
  for (const letters of ["one", "two", "three"]) {
    assert.equal((await world.ask(server, letters)).kind, "reply");
  }
  assert.equal(sessions, 3);
});
