/** Workers that die under load: who serves on, what is lost, and what is left open. */
import assert from "node:assert/strict";
import { type Socket, createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { listen } from "./loopback-server.ts";
import { answerTo, questionOf } from "./plain-messages.ts";
import { type Death, openPool } from "./small-pool.ts";
import { until } from "./until.ts";

const CLIENTS = 64;
/** A client that has no answer for so long asks again. */
const PATIENCE_MS = 200;
const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;

/** A client that asks one question after the other, every second one for the same name. */
class Client {
  readonly #socket: Socket = createSocket("udp4");
  readonly #port: number;
  readonly #number: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  answered = 0;

  constructor(port: number, number: number) {
    this.#port = port;
    this.#number = number;
    this.#socket.on("message", () => {
      this.answered++;
      clearTimeout(this.#timer);
      if (!this.#isStopped) this.#ask();
    });
  }

  start(): void {
    this.#isStopped = false;
    this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  close(): void {
    this.stop();
    this.#socket.close();
  }

  #ask(): void {
    const label = this.answered % 2 === 0 ? "same" : `c${this.#number}-${this.answered}`;
    this.#socket.send(questionOf(label), this.#port, "127.0.0.1");
    this.#timer = setTimeout(() => this.#ask(), PATIENCE_MS);
  }
}

/** Sends one question from each of many ports, and never again; settles with the last answer. */
async function askOnceFromMany(port: number, label: string): Promise<void> {
  const probes = Array.from({ length: CLIENTS }, async (_, i) => {
    const socket = createSocket("udp4");
    const answer = once(socket, "message") as Promise<[Buffer]>;
    socket.send(questionOf(`${label}-${i}`), port, "127.0.0.1");
    const [message] = await answer;
    socket.close();
    // SERVFAIL too is an answer: on a machine that is very busy the authority may be too slow.
    assert.ok(message[2]! & 0x80);
  });
  await Promise.all(probes);
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** How many descriptors are open as soon as no socket waits for another question any more. */
async function settledDescriptors(): Promise<number> {
  let count = openDescriptors();
  let sinceMs = performance.now();
  await until(() => {
    const now = openDescriptors();
    if (now !== count) sinceMs = performance.now();
    count = now;
    return performance.now() - sinceMs > 2 * limits.udpSocketReuseMs.value;
  });
  return count;
}

test(
  "a worker that dies under load is replaced within a second; nothing leaks, nothing is swallowed",
  { skip },
  async (t) => {
    let neverAnswered = 0;
    const authority = await listen("127.0.0.53", ({ query, reply }) => {
      // `hang…`: an upstream socket is in flight when the worker dies.
      if (Buffer.from(query).toString("latin1", 13, 17).toLowerCase() === "hang") neverAnswered++;
      else reply(answerTo(query));
    });
    t.after(() => authority.close());
    const deaths: Death[] = [];
    const pool = openPool(authority.address, deaths);
    t.after(() => pool.drain());
    const openedMs = performance.now();
    assert.equal(await pool.start(), undefined);
    // A second, where threads start as fast as they do on a machine with nothing else to do.
    const startMs = Math.max(1000, 3 * (performance.now() - openedMs));
    const port = pool.ports[0]!;
    const hanging = createSocket("udp4").bind(0, "127.0.0.1");
    t.after(() => hanging.close());
    await once(hanging, "listening");
    const clients = Array.from({ length: CLIENTS }, (_, i) => new Client(port, i));
    t.after(() => clients.forEach((client) => client.close()));
    clients.forEach((client) => client.start());
    await until(() => clients.every(({ answered }) => answered > 10));
    clients.forEach((client) => client.stop());
    await askOnceFromMany(port, "warm");
    const before = await settledDescriptors();

    for (let death = 0; death < 4; death++) {
      clients.forEach((client) => client.start());
      const hungBefore = neverAnswered;
      for (let i = 0; i < 8; i++) hanging.send(questionOf(`hang${death}-${i}`), port, "127.0.0.1");
      await until(() => neverAnswered > hungBefore);
      const counts = clients.map(({ answered }) => answered);
      await pool.fail(death % 2);
      const diedMs = performance.now();
      // Half of these come to the dead one's socket, and wait there for the successor.
      await askOnceFromMany(port, `gap${death}`);
      await until(() => clients.every(({ answered }, i) => answered > counts[i]! + 1));
      const backOffMs = limits.workerRestartMs.value * 2 ** Math.floor(death / 2);
      assert.ok(performance.now() - diedMs < startMs + backOffMs);
      await askOnceFromMany(port, `full${death}`);
      clients.forEach((client) => client.stop());
    }
    // The other worker has questions of its own that hang: both end, and leave nothing open.
    await pool.fail(0);
    await pool.fail(1);
    await askOnceFromMany(port, "last");
    await until(() => openDescriptors() <= before);
    assert.equal(await settledDescriptors(), before);
    assert.deepEqual(
      deaths.map(({ worker }) => worker),
      [0, 1, 0, 1, 0, 1],
    );
    for (const { why } of deaths) assert.match(why, /^[\w-]+ at [\w-]+\.ts:\d+$/);
  },
);
