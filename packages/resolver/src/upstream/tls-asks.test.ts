/** Asks over TLS: who must prove what, pipelining, reuse, and every way in which it breaks. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, test } from "node:test";
import { readMessage } from "@lethe/wire/message.ts";
import { authorityPem, keyPin, serverName } from "../../test/certificates.ts";
import { echo, listen } from "../../test/loopback-server.ts";
import { type AskedInTls, frame, listenTls } from "../../test/loopback-tls.ts";
import { name } from "../../test/small-world.ts";
import { until } from "../../test/until.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { SecureTerms, Trust } from "../base/secure-terms.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
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

const ours: Trust = { kind: "authorities", roots: authorityPem };

function terms(called: string | undefined, trust: Trust = ours): SecureTerms {
  return { over: "tls", name: called, path: "", trust };
}

type Certificate = Parameters<typeof listenTls>[1];

async function serve(
  onQuery: (asked: AskedInTls) => void = answering,
  certificate: Certificate = "server",
) {
  const server = await listenTls(onQuery, certificate);
  toClose.push(() => server.close());
  return server;
}

const answering = ({ query, reply }: AskedInTls): void => reply(echo(query));

function aQuery(): Uint8Array {
  const form = { edns: true, randomCase: false, recursionDesired: true };
  return writeQuery({ name: name("abc"), type: 1, class: 1 }, form, new SystemRandom());
}

/** Asks whose time-outs pass in virtual time; the sockets are real. */
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

  start(server: ServerAddress, secure: SecureTerms, done: (result: AskResult) => void): Cancel {
    const at = { ...server, secure };
    const effect: Ask = {
      kind: "ask",
      server: at,
      transport: "tls",
      query: aQuery(),
      timeoutMs: 1000,
    };
    return this.asks.ask(effect, done);
  }

  ask(server: ServerAddress, secure: SecureTerms = terms(serverName)): Promise<AskResult> {
    return new Promise((resolve) => this.start(server, secure, resolve));
  }
}

describe("who is asked has proven who it is", () => {
  const cases: readonly (readonly [string, Certificate, SecureTerms, string | undefined])[] = [
    ["a name in the certificate", "server", terms(serverName), undefined],
    ["an address in the certificate", "server", terms(undefined), undefined],
    ["another name", "other-name", terms(serverName), "its certificate is for another name"],
    ["another address", "other-name", terms(undefined), "its certificate is for another name"],
    ["an expired certificate", "expired", terms(serverName), "its certificate has expired"],
    [
      "an authority that nobody trusts",
      "stranger",
      terms(serverName),
      "its certificate is of an authority that is not trusted",
    ],
    [
      "an authority that is not among Node's own",
      "server",
      terms(serverName, { kind: "authorities", roots: undefined }),
      "its certificate is of an authority that is not trusted",
    ],
    [
      "a certificate signed by itself",
      "self-signed",
      terms(serverName),
      "its certificate is signed by itself",
    ],
    [
      "a key that is pinned, and a certificate signed by itself",
      "self-signed",
      terms(undefined, { kind: "keys", pins: [keyPin] }),
      undefined,
    ],
    [
      "another key than is pinned, and a good certificate",
      "server",
      terms(serverName, { kind: "keys", pins: [`A${keyPin.slice(1)}`] }),
      "its key is not one that is pinned",
    ],
    [
      "a key that is pinned, and another name than is demanded",
      "other-name",
      terms(serverName, { kind: "keys", pins: [keyPin] }),
      "its certificate is for another name",
    ],
    ["anyone at all", "self-signed", terms(undefined, { kind: "anyone" }), undefined],
  ];
  for (const [title, certificate, secure, why] of cases) {
    test(title, async () => {
      let asked = 0;
      const server = await serve((one) => {
        asked++;
        answering(one);
      }, certificate);
      const result = await new World().ask(server.address, secure);
      if (why === undefined) return assert.equal(result.kind, "reply");
      assert.deepEqual(result, { kind: "untrusted", why });
      assert.equal(asked, 0, "no question leaves before");
    });
  }
});

test("questions in flight share a connection, padded, and replies come in any order", async () => {
  const asked: AskedInTls[] = [];
  const server = await serve((one) => {
    asked.push(one);
    if (asked.length === 3) for (const each of asked.toReversed()) answering(each);
  });
  const world = new World();
  const results = await Promise.all([1, 2, 3].map(() => world.ask(server.address)));
  for (const result of results) assert.equal(result.kind, "reply");
  assert.equal(server.resumed.length, 1);
  for (const one of asked) {
    assert.equal(one.query.length, 128);
    const message = readMessage(one.query);
    assert.equal(message.kind === "message" && message.opt?.options[0]?.code, 12);
  }
});

test("a connection is used again for a while; the next one resumes its session", async () => {
  const server = await serve();
  const world = new World();
  for (const _ of [1, 2]) assert.equal((await world.ask(server.address)).kind, "reply");
  world.time.pass(limits.tlsIdleMs.value - 100);
  assert.equal((await world.ask(server.address)).kind, "reply");
  assert.deepEqual(server.resumed, [false]);
  world.time.pass(limits.tlsIdleMs.value + 10);
  await until(() => world.counters.tlsConnectionsOpen === 0);
  assert.equal((await world.ask(server.address)).kind, "reply");
  assert.deepEqual(server.resumed, [false, true]);
});

test("what was proven to one name is not resumed for another", async () => {
  const server = await serve();
  const world = new World();
  assert.equal((await world.ask(server.address)).kind, "reply");
  const result = await world.ask(server.address, terms("dns.other.example"));
  assert.equal(result.kind, "untrusted");
});

test("a closed port is unreachable", async () => {
  const server = await serve();
  await toClose.pop()!();
  assert.equal((await new World().ask(server.address)).kind, "unreachable");
});

test("half a handshake ends with the ask's time, and the connection with it", async () => {
  const server = await listen("127.0.0.1");
  toClose.push(() => server.close());
  const world = new World();
  const stuck = world.ask(server.address);
  await until(() => server.streams() === 1);
  world.time.pass(1010);
  assert.equal((await stuck).kind, "timeout");
  await until(() => world.counters.tlsConnectionsOpen === 0);
});

test("a server that speaks no TLS is not trusted", async () => {
  const result = await new World().ask(await servePlain("greets"));
  assert.deepEqual(result, { kind: "untrusted", why: "it does not speak TLS as we do" });
});

test("a server that breaks off the handshake is unreachable, and asked nothing", async () => {
  assert.equal((await new World().ask(await servePlain("hangs up"))).kind, "unreachable");
});

test("a slow server costs one time-out, and nothing new is asked over that connection", async () => {
  const server = await serve((one) => {
    if (one.connection > 0) answering(one);
  });
  const world = new World();
  const stuck = world.ask(server.address);
  await until(() => server.resumed.length === 1);
  world.time.pass(1010);
  assert.equal((await stuck).kind, "timeout");
  assert.equal((await world.ask(server.address)).kind, "reply");
  assert.equal(server.resumed.length, 2);
});

test("a close in the middle of a reply is asked again once, where the stream had served", async () => {
  const server = await serve((one) => {
    const count = counts[one.connection] ?? 0;
    counts[one.connection] = count + 1;
    if (count === 0) return answering(one);
    one.stream.write(frame(echo(one.query)).subarray(0, 9));
    one.stream.end();
  });
  const counts: number[] = [];
  const world = new World();
  assert.equal((await world.ask(server.address)).kind, "reply");
  assert.equal((await world.ask(server.address)).kind, "reply");
  assert.deepEqual(counts, [2, 1]);
});

test("a close in the middle of the first reply is unreachable", async () => {
  const server = await serve((one) => {
    one.stream.write(frame(echo(one.query)).subarray(0, 9));
    one.stream.end();
  });
  assert.equal((await new World().ask(server.address)).kind, "unreachable");
});

test("where no connection may be opened any more, an ask is busy", async () => {
  const server = await serve(() => {});
  const world = new World();
  const most = limits.tlsConnectionsMax.value * limits.tcpAsksPerConnectionMax.value;
  for (let i = 0; i < most; i++) world.start(server.address, terms(serverName), () => {});
  assert.equal(world.counters.tlsConnectionsOpen, limits.tlsConnectionsMax.value);
  const refused = world.ask(server.address);
  world.time.pass(100);
  assert.equal((await refused).kind, "busy");
});

/** A server of TCP that greets in plain, or hangs up when it hears something. */
async function servePlain(how: "greets" | "hangs up"): Promise<ServerAddress> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (how === "greets") socket.end("220 welcome\r\n");
    else socket.once("data", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  toClose.push(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { ip: Uint8Array.of(127, 0, 0, 1), port };
}
