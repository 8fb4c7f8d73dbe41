/** Tests of the relay: what it passes on, to whom, and what it says of what does not come. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  createSecureServer,
} from "node:http2";
import type { AddressInfo, LookupFunction } from "node:net";
import { after, before, describe, it } from "node:test";
import { type TestRequest, request, requestLater } from "../../../test/http-requests.ts";
import { limits } from "../../base/limits.ts";
import { SystemRandom } from "../../system/random.ts";
import type { HttpResponse } from "../http/service.ts";
import { selfSigned } from "../self-signed.ts";
import type { KeyPair } from "../tls.ts";
import { ObliviousRelay, type RelayOptions } from "./relay.ts";

const TYPE = "application/oblivious-dns-message";
const LOOPBACK = [{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }];
const BODY = Uint8Array.of(1, 2, 3);
const NAME = "target.test";

/** Every name is here, but for those that are nowhere. */
const lookUp: LookupFunction = (host, _, done) => {
  if (host === NAME)
    (done as (e: null, all: object[]) => void)(null, [{ address: "127.0.0.1", family: 4 }]);
  else done(Object.assign(new Error("nowhere"), { code: "ENOTFOUND" }), "", 4);
};

let pair: KeyPair;
let server: Http2SecureServer;
let port = 0;
/** What the target does with a request. */
let answer: (stream: ServerHttp2Stream, body: Buffer) => void;
const heads: IncomingHttpHeaders[] = [];
const sessions = new Set<ServerHttp2Session>();
let connections = 0;

before(async () => {
  pair = await selfSigned([NAME, "127.0.0.1"], Date.now());
  server = createSecureServer({ cert: pair.certificate, key: pair.key });
  server.on("session", (session) => {
    connections++;
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    heads.push(headers);
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => answer(stream, Buffer.concat(parts)));
    stream.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
after(() => {
  for (const session of sessions) session.destroy();
  server.close();
});

/** Answers with the body turned around. */
function reversed(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond({ ":status": 200, "content-type": TYPE });
  stream.end(Uint8Array.from(body).toReversed());
}

function newRelay(options: Partial<RelayOptions> = {}): ObliviousRelay {
  const targets = [{ host: NAME, port, path: "/dns-query" }];
  const all = { targets, allow: LOOPBACK, authorities: pair.certificate, ...options };
  return new ObliviousRelay(all, lookUp, new SystemRandom());
}

const targetOf = (host: string, path = "/dns-query"): string =>
  `/proxy?targethost=${host}&targetpath=${encodeURIComponent(path)}`;

async function post(relay: ObliviousRelay, more: Partial<TestRequest> = {}): Promise<HttpResponse> {
  const target = targetOf(`${NAME}:${port}`);
  return await requestLater(relay, {
    method: "POST",
    contentType: TYPE,
    body: BODY,
    target,
    ...more,
  });
}

const statusField = (response: HttpResponse): string | undefined =>
  response.fields?.find(([name]) => name === "proxy-status")?.[1];

describe("a relay", () => {
  it("passes the body on, and nothing else; all clients share one connection", async () => {
    answer = reversed;
    const relay = newRelay();
    const already = connections;
    heads.length = 0;
    const asked = [
      [127, 0, 0, 1],
      [127, 0, 0, 2],
      [127, 9, 9, 9],
    ].map(async (ip) => await post(relay, { ip }));
    for (const response of await Promise.all(asked)) {
      assert.deepEqual([response.status, response.type], [200, TYPE]);
      assert.deepEqual(Uint8Array.from(response.body), Uint8Array.of(3, 2, 1));
      assert.equal(statusField(response), "lethe; received-status=200");
    }
    assert.equal(connections, already + 1);
    for (const head of heads) {
      assert.deepEqual(Object.keys(head).toSorted(), [
        ":authority",
        ":method",
        ":path",
        ":scheme",
        "accept",
        "content-length",
        "content-type",
      ]);
    }
    relay.close();
  });

  it("takes the variables in any case and encoding that means the same", async () => {
    answer = reversed;
    const relay = newRelay();
    const target = `/proxy?targetpath=/dns-query&targethost=Target.Test%3A${port}`;
    assert.equal((await post(relay, { target })).status, 200);
    relay.close();
  });

  it("gives the target's status, and its errors as text", async () => {
    answer = (stream) => {
      stream.respond({ ":status": 401, "content-type": "text/plain", "set-cookie": "a=b" });
      stream.end("no such key");
    };
    const relay = newRelay();
    const response = await post(relay);
    assert.deepEqual([response.status, response.type], [401, "text/plain; charset=utf-8"]);
    assert.equal(Buffer.from(response.body).toString(), "no such key");
    assert.equal(response.fields?.length, 1);
    relay.close();
  });

  const refused: readonly [title: string, status: number, error: string, asked: object][] = [
    ["a target that is not in the list", 403, "denied", { target: targetOf("other.test") }],
    ["another port of one that is", 403, "denied", { target: targetOf(NAME) }],
    ["another path of one that is", 403, "denied", { path: "/admin" }],
    ["a network that may not ask", 403, "denied", { ip: [192, 0, 2, 1] }],
    ["a request without variables", 400, "error", { target: "/proxy" }],
    ["a path that is none", 400, "error", { target: "/proxy?targethost=a&targetpath=b" }],
    ["a host that is none", 400, "error", { target: targetOf("user@a:b") }],
    ["a broken encoding", 400, "error", { target: "/proxy?targethost=%zz&targetpath=/" }],
    ["an empty body", 400, "error", { body: new Uint8Array(0) }],
    ["GET", 405, "error", { method: "GET" }],
    ["a message that is not sealed", 415, "error", { contentType: "application/dns-message" }],
  ];
  for (const [title, status, error, asked] of refused) {
    it(`refuses ${title}, and asks nobody`, async () => {
      answer = () => assert.fail("nobody is asked");
      const relay = newRelay();
      const { path, ...more } = asked as Partial<TestRequest> & { path?: string };
      const target = path === undefined ? {} : { target: targetOf(`${NAME}:${port}`, path) };
      const response = await post(relay, { ...more, ...target });
      assert.equal(response.status, status);
      assert.match(statusField(response) ?? "", new RegExp(`^lethe; error=http_request_${error};`));
      relay.close();
    });
  }

  it("says which way a target failed", async () => {
    const free = 1; // nobody listens at tcpmux
    const failures: readonly [Partial<RelayOptions>, string, number, string][] = [
      [{ authorities: (await selfSigned(["x"], Date.now())).certificate }, NAME, port, "tls_cert"],
      [{}, NAME, free, "connection_refused"],
      [{}, "nowhere.test", 443, "dns_error"],
      [{}, "localhost", port, "dns_error"], // names are looked up by the resolver alone
    ];
    for (const [options, host, at, why] of failures) {
      const targets = [{ host, port: at, path: "/dns-query" }];
      const relay = newRelay({ targets, ...options });
      const response = await post(relay, { target: targetOf(`${host}:${at}`) });
      assert.equal(response.status, 502);
      assert.match(statusField(response) ?? "", new RegExp(`error=${why}`));
      relay.close();
    }
  });

  it("says 502 to what is no sealed answer, is cut, or is too long", async () => {
    const relay = newRelay();
    answer = (stream) => {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end("<p>");
    };
    assert.match(statusField(await post(relay)) ?? "", /http_protocol_error/);
    answer = (stream) => {
      stream.respond({ ":status": 200, "content-type": TYPE });
      stream.write("x", () => stream.session?.destroy());
    };
    assert.match(statusField(await post(relay)) ?? "", /http_response_incomplete/);
    const most = limits.httpBodyBytesMax.value;
    answer = (stream) => {
      stream.respond({ ":status": 200, "content-type": TYPE });
      stream.end(Buffer.alloc(most));
    };
    assert.equal((await post(relay)).body.length, most);
    answer = (stream) => {
      stream.respond({ ":status": 200, "content-type": TYPE });
      stream.end(Buffer.alloc(most + 1));
    };
    assert.match(statusField(await post(relay)) ?? "", /http_response_body_size/);
    relay.close();
  });

  it("asks once more where the connection that stood has just been closed", async () => {
    answer = reversed;
    const relay = newRelay();
    assert.equal((await post(relay)).status, 200);
    let isFirst = true;
    answer = (stream, body) => {
      if (isFirst) stream.session?.destroy();
      else reversed(stream, body);
      isFirst = false;
    };
    assert.equal((await post(relay)).status, 200);
    answer = (stream) => stream.session?.destroy();
    assert.match(statusField(await post(relay)) ?? "", /connection_terminated/);
    relay.close();
  });

  it("waits relayWaitMs, and closes a connection that is idle for relayIdleMs", async () => {
    const relay = newRelay({ waitMs: 20, idleMs: 20 });
    answer = () => {};
    const response = await post(relay);
    assert.equal(response.status, 504);
    assert.match(statusField(response) ?? "", /http_response_timeout/);
    answer = reversed;
    assert.equal((await post(relay)).status, 200);
    assert.ok(limits.relayWaitMs.value < limits.relayIdleMs.value);
    await Promise.all([...sessions].map(async (session) => await once(session, "close")));
    assert.equal((await post(relay)).status, 200);
    relay.close();
  });

  it("has relayWaitingMax wait, of one network relayWaitingPerNetworkMax", () => {
    const relay = newRelay();
    const most = limits.relayWaitingMax.value;
    const perNetwork = limits.relayWaitingPerNetworkMax.value;
    const put = (i: number): HttpResponse | undefined =>
      request(relay, {
        method: "POST",
        contentType: TYPE,
        body: BODY,
        target: targetOf(`${NAME}:${port}`),
        ip: [127, 1, i, 1],
      });
    for (let i = 0; i < perNetwork; i++) assert.equal(put(0), undefined);
    assert.equal(put(0)?.status, 429);
    for (let i = perNetwork; i < most; i++) {
      assert.equal(put(Math.floor(i / perNetwork)), undefined);
    }
    assert.equal(relay.waiting, most);
    assert.equal(put(99)?.status, 429);
    relay.close();
  });
});
