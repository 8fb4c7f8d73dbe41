/** Authorities over TLS: nothing waits for it, and what has none is left alone for a day. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { echo, listen } from "../../test/loopback-server.ts";
import { type AskedInTls, listenTls } from "../../test/loopback-tls.ts";
import { name } from "../../test/small-world.ts";
import { until } from "../../test/until.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { limits } from "../base/limits.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import { writeQuery } from "../recursor/query.ts";
import { SystemRandom } from "../system/random.ts";
import { AuthorityTls } from "./authority-tls.ts";
import { newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { Sources } from "./source.ts";

const toClose: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const TIMEOUT_MS = 400;

/** Asks; what goes in plain is noted, and answered where `answersPlain` says so. */
class World {
  readonly time = new VirtualTime();
  readonly counters = newCounters();
  readonly authorities: AuthorityTls;
  readonly plain: Ask[] = [];

  constructor() {
    const sources = new Sources([], [], new SystemRandom());
    const { time, counters } = this;
    const parts = { time, counters, sources, reach: new Reach() };
    this.authorities = new AuthorityTls(parts, (effect, done) => this.#plainly(effect, done));
    toClose.push(() => this.authorities.close());
  }

  #plainly(effect: Ask, done: (result: AskResult) => void): Cancel {
    this.plain.push(effect);
    return this.time.after(0, () => done({ kind: "timeout" }));
  }

  start(port: number, done: (result: AskResult) => void, ip = [127, 0, 0, 1]): Cancel {
    const form = { edns: true, randomCase: false, recursionDesired: false };
    const query = writeQuery({ name: name("abc"), type: 1, class: 1 }, form, new SystemRandom());
    const server = { ip: Uint8Array.from(ip), port: 53 };
    const effect: Ask = { kind: "ask", server, transport: "udp", query, timeoutMs: TIMEOUT_MS };
    return this.authorities.ask(effect, port, done);
  }

  /** What a question came over, or how it ended. */
  async ask(port: number): Promise<string> {
    const result = await new Promise<AskResult>((resolve) => {
      this.start(port, resolve);
      if (this.counters.authorityTlsAsks === 0) this.time.pass(5);
    });
    return result.kind === "reply" ? (result.over ?? "udp") : result.kind;
  }

  /** Has a server tried, and waits until it is open. */
  async open(port: number, isUp: () => boolean): Promise<void> {
    this.start(port, () => {});
    await until(isUp);
    // The client's end is up a little later than the server's.
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    this.plain.length = 0;
  }
}

async function serve(onQuery: (asked: AskedInTls) => void) {
  const server = await listenTls(onQuery, "self-signed");
  toClose.push(() => server.close());
  return server;
}

const answering = ({ query, reply }: AskedInTls): void => reply(echo(query));

test("the first question goes in plain, those after it over TLS, whoever answers", async () => {
  const asked: number[] = [];
  const server = await serve((one) => {
    asked.push(one.query.length);
    answering(one);
  });
  const { port } = server.address;
  const world = new World();
  assert.equal(await world.ask(port), "timeout");
  assert.equal(world.plain.length, 1);
  await world.open(port, () => server.resumed.length === 1);
  assert.deepEqual([await world.ask(port), await world.ask(port)], ["tls", "tls"]);
  assert.deepEqual(asked, [128, 128]);
  assert.equal(world.plain.length, 0);
  assert.equal(server.resumed.length, 1);
});

test("what TLS keeps waiting goes in plain for the second half of its time", async () => {
  const server = await serve(() => {});
  const { port } = server.address;
  const world = new World();
  await world.open(port, () => server.resumed.length === 1);
  let result: AskResult | undefined;
  world.start(port, (told) => (result = told));
  world.time.pass(TIMEOUT_MS / 2 - 20);
  assert.equal(world.plain.length, 0);
  world.time.pass(40);
  assert.equal(world.plain.length, 1);
  assert.ok(world.plain[0]!.timeoutMs <= TIMEOUT_MS / 2);
  world.time.pass(20);
  assert.equal(result?.kind, "timeout");
});

test("a question that loses its connection goes in plain at once", async () => {
  const server = await serve(({ stream }) => stream.destroy());
  const { port } = server.address;
  const world = new World();
  await world.open(port, () => server.resumed.length === 1);
  world.start(port, () => {});
  await until(() => world.plain.length === 1);
  // It never answered: it is left alone.
  world.start(port, () => {});
  assert.equal(world.counters.authorityTlsOpen, 0);
});

test("a question that nobody waits for any more is not asked in plain", async () => {
  const server = await serve(() => {});
  const { port } = server.address;
  const world = new World();
  await world.open(port, () => server.resumed.length === 1);
  world.start(port, () => assert.fail("cancelled"))();
  world.time.pass(TIMEOUT_MS);
  assert.equal(world.plain.length, 0);
});

test("one without TLS is tried again after a day, and no sooner", async () => {
  const server = await listen("127.0.0.1", undefined, ({ stream }) => stream.destroy());
  toClose.push(() => server.close());
  const { port } = server.address;
  const world = new World();
  world.start(port, () => {});
  await until(() => server.streams() === 1);
  world.time.pass(limits.authorityTlsProbeMs.value - 100);
  assert.equal(world.counters.authorityTlsOpen, 1, "a handshake may take so long");
  world.time.pass(200);
  await until(() => world.counters.authorityTlsOpen === 0);
  world.start(port, () => {});
  world.time.pass(limits.authorityTlsDampingMs.value - 1000);
  world.start(port, () => {});
  assert.equal(world.counters.authorityTlsOpen, 0);
  world.time.pass(1100);
  world.start(port, () => {});
  assert.equal(world.counters.authorityTlsOpen, 1);
});

test("an idle connection is closed, and opened again beside the next question", async () => {
  const server = await serve(answering);
  const { port } = server.address;
  const world = new World();
  await world.open(port, () => server.resumed.length === 1);
  world.time.pass(limits.tlsIdleMs.value + 100);
  await until(() => world.counters.authorityTlsOpen === 0);
  await world.open(port, () => server.resumed.length === 2);
  assert.equal(await world.ask(port), "tls");
});

test("no more are tried at once than there may be open", async () => {
  const server = await serve(() => {});
  const { port } = server.address;
  const world = new World();
  const most = limits.authorityTlsOpenMax.value;
  for (let i = 0; i < most + 1; i++) world.start(port, () => {}, [127, 0, 1 + (i >> 8), i & 0xff]);
  assert.equal(world.counters.authorityTlsOpen, most);
  assert.equal(world.plain.length, most + 1, "all are asked in plain");
});

test("the one that was tried longest ago is forgotten where there are too many", async () => {
  const world = new World();
  const most = limits.authorityTlsKnownMax.value;
  // Nobody listens at this port: each is tried, and damped.
  const closed = await serve(() => {});
  const { port } = closed.address;
  await toClose.pop()!();
  const tryOne = async (i: number): Promise<boolean> => {
    world.start(port, () => {}, [127, 0, 1 + (i >> 8), i & 0xff]);
    const isTried = world.counters.authorityTlsOpen > 0;
    if (isTried) await until(() => world.counters.authorityTlsOpen === 0);
    return isTried;
  };
  for (let i = 0; i < most; i++) assert.ok(await tryOne(i));
  assert.ok(!(await tryOne(0)), "it is damped");
  assert.ok(await tryOne(most));
  assert.ok(await tryOne(0), "it was forgotten");
  assert.ok(!(await tryOne(most)));
});
