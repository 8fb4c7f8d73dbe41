/** TCP asks over loopback: pipelining, reuse, closed streams and bounds. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { VirtualTime } from "../../test/virtual-time.ts";
import {
  type AskedOnStream,
  type LoopbackServer,
  echo,
  listen,
} from "../../test/loopback-server.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import { SystemRandom } from "../system/random.ts";
import { newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { Sources } from "./source.ts";
import { TcpAsks } from "./tcp-asks.ts";

const toClose: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function serve(onStream: (asked: AskedOnStream) => void, ip = "127.0.0.1") {
  const server: LoopbackServer = await listen(ip, () => {}, onStream);
  toClose.push(() => server.close());
  return server;
}

function query(id: number): Uint8Array {
  const header = [id >> 8, id & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(...header, 3, 0x61, 0x62, 0x63, 0, 0, 1, 0, 1);
}

/** Asks whose time-outs pass in virtual time; the sockets are real. */
class World {
  readonly time = new VirtualTime();
  readonly counters = newCounters();
  readonly asks: TcpAsks;

  constructor(outgoing: readonly Uint8Array[] = []) {
    const sources = new Sources(outgoing, [], new SystemRandom());
    this.asks = new TcpAsks({
      time: this.time,
      counters: this.counters,
      sources,
      reach: new Reach(),
    });
    toClose.push(() => this.asks.close());
  }

  start(server: ServerAddress, id: number, done: (result: AskResult) => void): Cancel {
    const effect: Ask = { kind: "ask", server, transport: "tcp", query: query(id), timeoutMs: 400 };
    return this.asks.ask(effect, done);
  }

  ask(server: ServerAddress, id: number): Promise<AskResult> {
    return new Promise((resolve) => this.start(server, id, resolve));
  }
}

/** Waits for what a condition says, turn by turn of the loop. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

test("questions in flight share a connection, and replies come in any order", async () => {
  const asked: AskedOnStream[] = [];
  const server = await serve((one) => {
    asked.push(one);
    if (asked.length === 3) for (const each of asked.toReversed()) each.reply(echo(each.query));
  });
  const world = new World();
  const results = await Promise.all([1, 2, 3].map((id) => world.ask(server.address, id)));
  for (const [i, result] of results.entries()) {
    assert.ok(result.kind === "reply");
    assert.deepEqual(result.message, echo(query(i + 1)));
  }
  assert.equal(server.streams(), 1);
});

test("a connection is used again for a while and then closed", async () => {
  const server = await serve(({ query: bytes, reply }) => reply(echo(bytes)));
  const world = new World();
  for (const id of [1, 2]) assert.equal((await world.ask(server.address, id)).kind, "reply");
  world.time.pass(limits.tcpIdleMs.value - 100);
  assert.equal((await world.ask(server.address, 3)).kind, "reply");
  assert.equal(server.streams(), 1);
  world.time.pass(limits.tcpIdleMs.value + 10);
  await until(() => world.counters.tcpConnectionsOpen === 0);
  assert.equal((await world.ask(server.address, 4)).kind, "reply");
  assert.equal(server.streams(), 2);
});

test("an ask has one time-out, and nothing new is asked over a stuck connection", async () => {
  const server = await serve(({ query: bytes, connection, reply }) => {
    if (connection > 0) reply(echo(bytes));
  });
  const world = new World();
  const stuck = world.ask(server.address, 1);
  const cancelled = world.start(server.address, 2, () => assert.fail("cancelled"));
  await until(() => server.streams() === 1);
  cancelled();
  world.time.pass(410);
  assert.equal((await stuck).kind, "timeout");
  assert.equal((await world.ask(server.address, 3)).kind, "reply");
  assert.equal(server.streams(), 2);
  await until(() => world.counters.tcpConnectionsOpen === 1);
});

test("a refused port and a closed stream are unreachable", async () => {
  const server = await serve(({ stream }) => stream.destroy());
  const world = new World();
  assert.equal((await world.ask(server.address, 1)).kind, "unreachable");
  await server.close().then(() => toClose.splice(0, 1));
  assert.equal((await world.ask(server.address, 2)).kind, "unreachable");
});

test("a question lost with a used connection is asked once more over a fresh one", async () => {
  const server = await serve(({ query: bytes, connection, stream, reply }) => {
    if (bytes[1] === 2 && connection === 0) stream.destroy();
    else reply(echo(bytes));
  });
  const world = new World();
  assert.equal((await world.ask(server.address, 1)).kind, "reply");
  assert.equal((await world.ask(server.address, 2)).kind, "reply");
  assert.equal(server.streams(), 2);
});

test("a server that closes every stream on a question is not asked for ever", async () => {
  const server = await serve(({ query: bytes, stream, reply }) => {
    if (bytes[1] === 2) stream.destroy();
    else reply(echo(bytes));
  });
  const world = new World();
  assert.equal((await world.ask(server.address, 1)).kind, "reply");
  assert.equal((await world.ask(server.address, 2)).kind, "unreachable");
  assert.equal(server.streams(), 2);
});

test("wrong replies on a stream are ignored and counted, other letters are told", async () => {
  const server = await serve(({ query: bytes, reply }) => {
    reply(echo(bytes).with(1, 99));
    reply(bytes.subarray(0, 5));
    reply(bytes[1] === 1 ? echo(bytes) : echo(bytes).with(13, 0x41));
  });
  const world = new World();
  assert.equal((await world.ask(server.address, 1)).kind, "reply");
  assert.equal((await world.ask(server.address, 2)).kind, "case-mismatch");
  assert.equal(world.counters.unwanted["wrong-id"], 2);
  assert.equal(world.counters.unwanted.short, 2);
  assert.equal(server.streams(), 2, "a stream that carried junk is not used again");
});

test("a connection carries so many questions; the next has another", async () => {
  const max = limits.tcpAsksPerConnectionMax.value;
  const server = await serve(() => {});
  const world = new World();
  for (let id = 0; id < max; id++) world.start(server.address, id, () => {});
  assert.equal(world.counters.tcpConnectionsOpen, 1);
  world.start(server.address, max, () => {});
  assert.equal(world.counters.tcpConnectionsOpen, 2);
});

test("no more connections than the limit, unless an idle one can be closed", async () => {
  const max = limits.tcpConnectionsMax.value;
  const server = await serve(({ query: bytes, reply }) => {
    if (bytes[1] === 1) reply(echo(bytes));
  }, "0.0.0.0");
  const at = (i: number): ServerAddress => {
    return { ip: Uint8Array.of(127, 1, i >> 8, i & 0xff), port: server.address.port };
  };
  const world = new World();
  assert.equal((await world.ask(at(0), 1)).kind, "reply");
  for (let i = 1; i < max; i++) world.start(at(i), 2, () => {});
  assert.equal(world.counters.refused, 0);
  world.start(at(max), 2, () => {});
  assert.equal(world.counters.refused, 0, "the idle one gave way");
  await until(() => world.counters.tcpConnectionsOpen === max);
  const refused = world.ask(at(max + 1), 2);
  world.time.pass(5);
  assert.equal((await refused).kind, "busy");
  assert.equal(world.counters.refused, 1);
});

test("streams come from the outgoing address", async () => {
  let from: string | undefined;
  const server = await serve(({ query: bytes, stream, reply }) => {
    from = stream.remoteAddress;
    reply(echo(bytes));
  });
  await new World([Uint8Array.of(127, 0, 0, 7)]).ask(server.address, 1);
  assert.equal(from, "127.0.0.7");
});
