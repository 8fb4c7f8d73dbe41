/** UDP asks over sockets of memory, in virtual time: bounds, wrong replies, late ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { echo } from "../../test/loopback-server.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import { SystemRandom } from "../system/random.ts";
import { newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { UdpAsks } from "./udp-asks.ts";
import { type UdpSockets, notOpened } from "./udp-sockets.ts";

const SOCKETS_MAX = limits.udpSocketsMax.value;
const QUEUE_MAX = limits.udpQueueMax.value;
const LINGER_MS = limits.udpLingerMs.value;
const SERVER: ServerAddress = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
const OTHER: ServerAddress = { ip: Uint8Array.of(192, 0, 2, 2), port: 53 };

/** Sockets that only note what is sent. */
class MemorySockets implements UdpSockets {
  readonly openSockets = new Map<number, Uint8Array>();
  readonly #closed: number[] = [];
  sent = 0;
  /** Closed with the word that they may be used again. */
  released = 0;
  /** What `open` says instead of opening, where it is below zero. */
  refusal = 0;

  open(_server: ServerAddress, bytes: Uint8Array): number {
    if (this.refusal < 0) return this.refusal;
    const handle = this.#closed.pop() ?? this.openSockets.size;
    this.openSockets.set(handle, bytes);
    this.sent++;
    return handle;
  }

  close(handle: number): void {
    assert.ok(this.openSockets.delete(handle), "an open socket is closed, once");
    this.#closed.push(handle);
  }

  release(handle: number): void {
    this.released++;
    this.close(handle);
  }

  closeAll(): void {}
}

class World {
  readonly time = new VirtualTime();
  readonly counters = newCounters();
  readonly sockets = new MemorySockets();
  readonly asks: UdpAsks;
  /** How each ask ended, by the order in which they were asked. */
  readonly ended: (string | undefined)[] = [];
  readonly results: (AskResult | undefined)[] = [];

  constructor() {
    const parts = { time: this.time, counters: this.counters, random: new SystemRandom() };
    this.asks = new UdpAsks({ ...parts, reach: new Reach() }, () => this.sockets);
  }

  ask(change: Partial<Ask> = {}): Cancel {
    const i = this.ended.length;
    this.ended.push(undefined);
    const effect: Ask = {
      kind: "ask",
      server: SERVER,
      transport: "udp",
      query: query(i),
      timeoutMs: 400,
      ...change,
    };
    let hasReturned = false;
    const cancel = this.asks.ask(effect, (result) => {
      assert.ok(hasReturned, "nothing is called before the ask has returned");
      assert.equal(this.ended[i], undefined, "an ask ends once");
      this.ended[i] = result.kind;
      this.results[i] = result;
    });
    hasReturned = true;
    return cancel;
  }

  receive(handle: number, datagram: Uint8Array): void {
    this.asks.received(handle, datagram, datagram.length);
  }
}

/** A query for `xxNN.`, type A: each number another name, and an id of its own. */
function query(name: number, id = name, letters = 0x78): Uint8Array {
  const bytes = Uint8Array.of(id >> 8, id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  return Uint8Array.of(...bytes, 4, letters, letters, name >> 8, name & 0xff, 0, 0, 1, 0, 1);
}

test("a reply ends its ask, in memory of its own, and closes the socket", () => {
  const world = new World();
  world.ask();
  const datagram = echo(query(0));
  world.time.pass(30);
  world.receive(0, datagram);
  datagram.fill(0);
  const result = world.results[0]!;
  assert.ok(result.kind === "reply");
  assert.deepEqual(result.message, echo(query(0)));
  assert.equal(result.rttMs, 30);
  assert.equal(world.sockets.openSockets.size, 0);
  world.time.pass(1000);
  assert.equal(world.counters.timeouts, 0);
});

test("a wrong reply is ignored, counted by its reason, and the wait goes on", () => {
  const world = new World();
  world.ask();
  world.receive(0, echo(query(0, 999)));
  world.receive(0, query(0));
  assert.equal(world.ended[0], undefined);
  assert.equal(world.counters.unwanted["wrong-id"], 1);
  assert.equal(world.counters.unwanted["not-a-reply"], 1);
  world.receive(0, echo(query(0)));
  assert.equal(world.ended[0], "reply");
});

test("so many wrong replies and the question is to go over TCP; one less and it waits", () => {
  const world = new World();
  world.ask();
  const max = limits.nearMissesMax.value;
  for (let i = 1; i < max; i++) world.receive(0, echo(query(7, 0)));
  assert.equal(world.ended[0], undefined);
  world.asks.receivedFromStranger(0);
  assert.equal(world.ended[0], "case-mismatch");
  assert.equal(world.counters.suspectedSpoofing, 1);
  assert.equal(world.sockets.openSockets.size, 0);
});

test("a reply in other letters ends the ask at once", () => {
  const world = new World();
  world.ask();
  world.receive(0, echo(query(0, 0, 0x58)));
  assert.equal(world.ended[0], "case-mismatch");
  assert.equal(world.counters.suspectedSpoofing, 0);
});

test("a late reply is taken by the next attempt, whatever its id and letters", () => {
  const world = new World();
  world.ask();
  world.time.pass(410);
  assert.deepEqual(world.ended, ["timeout"]);
  assert.equal(world.sockets.openSockets.size, 1);
  world.ask({ query: query(0, 77, 0x58) });
  world.time.pass(100);
  world.receive(0, echo(query(0)));
  const result = world.results[1]!;
  assert.ok(result.kind === "reply");
  assert.equal(result.rttMs, 510, "measured from when the query left that it replies to");
  assert.equal(world.counters.repliesToEarlierAsk, 1);
  assert.equal(world.sockets.openSockets.size, 0, "both sockets are closed");
});

test("three attempts in a row: the first reply of any ends the last", () => {
  const world = new World();
  for (const id of [1, 2, 3]) {
    world.ask({ query: query(0, id) });
    if (id < 3) world.time.pass(410);
  }
  world.receive(0, echo(query(0, 1)));
  assert.deepEqual(world.ended, ["timeout", "timeout", "reply"]);
  assert.equal(world.sockets.openSockets.size, 0);
});

test("a late reply is nobody's where another server, question or option was asked since", () => {
  for (const next of [{ server: OTHER }, { query: query(1) }, { query: query(0).with(2, 1) }]) {
    const world = new World();
    world.ask();
    world.time.pass(410);
    world.ask(next);
    world.receive(0, echo(query(0)));
    assert.deepEqual(world.ended, ["timeout", undefined]);
    assert.equal(world.counters.unwanted.late, 1);
  }
});

test("each attempt is answered at its own socket only: ids are not mixed", () => {
  const world = new World();
  world.ask();
  world.time.pass(410);
  world.ask({ query: query(0, 77) });
  world.receive(1, echo(query(0, 0)));
  world.receive(0, echo(query(0, 77)));
  assert.equal(world.ended[1], undefined);
  assert.equal(world.counters.unwanted["wrong-id"], 2);
});

test("a socket lingers for its time and not longer", () => {
  const world = new World();
  world.ask();
  world.time.pass(410 + LINGER_MS - 50);
  assert.equal(world.sockets.openSockets.size, 1);
  world.time.pass(50);
  assert.equal(world.sockets.openSockets.size, 0);
});

test("a cancelled ask is never heard of again, and its socket is closed", () => {
  const world = new World();
  const cancel = world.ask();
  world.time.pass(10);
  cancel();
  cancel();
  assert.equal(world.sockets.openSockets.size, 0);
  world.receive(0, echo(query(0)));
  world.time.pass(5000);
  assert.deepEqual(world.ended, [undefined]);
});

test("no more sockets than the limit: the ask beyond it waits, and goes when one is free", () => {
  const world = new World();
  for (let i = 0; i < SOCKETS_MAX; i++) world.ask();
  assert.equal(world.counters.udpQueued, 0);
  assert.equal(world.counters.udpSocketsOpen, SOCKETS_MAX);
  world.ask();
  world.ask();
  assert.equal(world.counters.udpQueued, 2);
  world.receive(5, echo(query(5)));
  assert.equal(world.ended[5], "reply");
  assert.equal(world.counters.udpQueued, 1);
  assert.equal(world.counters.udpSocketsOpen, SOCKETS_MAX);
  assert.equal(world.sockets.sent, SOCKETS_MAX + 1);
});

test("what only waits for late replies gives way to a new ask", () => {
  const world = new World();
  for (let i = 0; i < SOCKETS_MAX; i++) world.ask();
  world.time.pass(410);
  assert.equal(world.counters.udpSocketsOpen, SOCKETS_MAX);
  world.ask();
  assert.equal(world.counters.udpQueued, 0);
  assert.equal(world.counters.udpSocketsOpen, SOCKETS_MAX);
  // The oldest gave its handle up.
  assert.deepEqual(world.sockets.openSockets.get(0), query(SOCKETS_MAX));
});

test("a queue holds so many asks; the one beyond it ends as busy", () => {
  const world = new World();
  for (let i = 0; i < SOCKETS_MAX + QUEUE_MAX; i++) world.ask();
  assert.equal(world.counters.udpQueued, QUEUE_MAX);
  assert.equal(world.counters.refused, 0);
  world.ask();
  assert.equal(world.counters.refused, 1);
  world.time.pass(5);
  assert.equal(world.ended[SOCKETS_MAX + QUEUE_MAX], "busy");
});

test("an ask that is cancelled or times out in the queue leaves it unsent", () => {
  const world = new World();
  for (let i = 0; i < SOCKETS_MAX; i++) world.ask({ timeoutMs: 5000 });
  const cancel = world.ask();
  world.ask();
  cancel();
  assert.equal(world.counters.udpQueued, 1);
  world.time.pass(410);
  assert.equal(world.counters.udpQueued, 0);
  assert.deepEqual(world.ended.slice(SOCKETS_MAX), [undefined, "timeout"]);
  assert.equal(world.sockets.sent, SOCKETS_MAX);
});

test("what the kernel will not send ends the ask, after it has returned", () => {
  for (const [refusal, expected] of [
    [notOpened.noRoute, "no-route"],
    [notOpened.unreachable, "unreachable"],
    [notOpened.exhausted, "busy"],
  ] as const) {
    const world = new World();
    world.sockets.refusal = refusal;
    world.ask();
    world.ask()();
    world.time.pass(5);
    assert.deepEqual(world.ended, [expected, undefined]);
    assert.equal(world.counters.udpSocketsOpen, 0);
  }
});

test("an ask waits where the kernel has no socket left while others are under way", () => {
  const world = new World();
  world.ask();
  world.sockets.refusal = notOpened.exhausted;
  world.ask();
  assert.equal(world.counters.udpQueued, 1);
  world.sockets.refusal = 0;
  world.receive(0, echo(query(0)));
  assert.equal(world.counters.udpQueued, 0);
  world.receive(0, echo(query(1)));
  assert.deepEqual(world.ended, ["reply", "reply"]);
});

test("the callback of an ask may ask again at once", () => {
  const world = new World();
  const { asks } = world;
  let hops = 0;
  const hop = (result: AskResult): void => {
    assert.equal(result.kind, "reply");
    if (++hops === 3) return;
    asks.ask(
      { kind: "ask", server: SERVER, transport: "udp", query: query(hops), timeoutMs: 9 },
      hop,
    );
  };
  asks.ask({ kind: "ask", server: SERVER, transport: "udp", query: query(0), timeoutMs: 9 }, hop);
  for (const i of [0, 1, 2]) world.receive(0, echo(query(i)));
  assert.equal(hops, 3);
});

test("closing ends everything without a result", () => {
  const world = new World();
  world.ask();
  world.time.pass(410);
  world.ask();
  world.asks.close();
  assert.equal(world.sockets.openSockets.size, 0);
  world.time.pass(5000);
  assert.deepEqual(world.ended, ["timeout", undefined]);
});

test("a socket may be used again where the first datagram was the reply, else not", () => {
  const world = new World();
  world.ask();
  world.receive(0, echo(query(0)));
  assert.equal(world.sockets.released, 1);
  world.ask();
  world.receive(0, echo(query(1, 999)));
  world.receive(0, echo(query(1)));
  assert.deepEqual(world.ended, ["reply", "reply"]);
  world.ask();
  world.time.pass(410);
  world.receive(0, echo(query(2)));
  assert.equal(world.sockets.released, 1);
  assert.equal(world.sockets.openSockets.size, 0);
});
