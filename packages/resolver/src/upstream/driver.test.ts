/** The driver on loopback, over plain system calls and over Node's own sockets: the same suite. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createSocket } from "node:dgram";
import { readdirSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { type LoopbackServer, echo, listen } from "../../test/loopback-server.ts";
import { type ServerAddress, ipFromText } from "../base/address.ts";
import type { Ask, AskResult } from "../recursor/effect.ts";
import { libc } from "../system/libc.ts";
import { Driver, type DriverOptions } from "./driver.ts";

function query(id: number, name = "example"): Uint8Array {
  const label = new TextEncoder().encode(name);
  const header = [id >> 8, id & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(...header, label.length, ...label, 0, 0, 1, 0, 1);
}

/** Asks and waits for the result. */
function ask(
  driver: Driver,
  server: ServerAddress,
  bytes: Uint8Array,
  change: Partial<Ask> = {},
): Promise<AskResult> {
  const effect: Ask = { kind: "ask", server, transport: "udp", query: bytes, timeoutMs: 2000 };
  return new Promise((resolve) => driver.ask({ ...effect, ...change }, resolve));
}

/** Replies that anybody may make up; none of them is one. */
const SPOOFED = [
  ["another id", (asked: Uint8Array) => echo(asked).with(1, asked[1]! ^ 1)],
  ["another name", (asked: Uint8Array) => echo(asked).with(13, 0x5f)],
  ["not a reply", (asked: Uint8Array) => asked],
  ["two bytes", () => Uint8Array.of(1, 2)],
  ["nothing", () => new Uint8Array(0)],
] as const;

for (const systemCalls of [true, false]) {
  const skip = systemCalls && libc() === undefined ? "the FFI does not load here" : false;
  describe(systemCalls ? "over system calls" : "over node:dgram", { skip }, () => {
    const toClose: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
      for (const close of toClose.splice(0).toReversed()) await close();
    });

    const serve = async (...args: Parameters<typeof listen>): Promise<LoopbackServer> => {
      const server = await listen(...args);
      toClose.push(() => server.close());
      return server;
    };
    const drive = (options: Partial<DriverOptions> = {}): Driver => {
      const driver = new Driver({ outgoing: [], listening: [], systemCalls, ...options });
      toClose.push(() => driver.close());
      return driver;
    };
    for (const ip of ["127.0.0.1", "::1"]) {
      test(`a server at ${ip} answers`, async () => {
        const server = await serve(ip, ({ query: asked, reply }) => reply(echo(asked)));
        const driver = drive();
        const result = await ask(driver, server.address, query(1));
        assert.ok(result.kind === "reply");
        assert.deepEqual(result.message, echo(query(1)));
        assert.ok(result.rttMs > 0 && result.rttMs < 2000);
      });
    }

    for (const [title, spoof] of SPOOFED) {
      test(`the true reply is taken behind a spoofed one: ${title}`, async () => {
        const server = await serve("127.0.0.1", ({ query: asked, reply }) => {
          reply(spoof(asked));
          reply(echo(asked));
        });
        const driver = drive();
        const result = await ask(driver, server.address, query(1));
        assert.equal(result.kind, "reply");
        const wrong = Object.values(driver.counters.unwanted).reduce((a, b) => a + b);
        assert.equal(wrong, 1);
      });
    }

    test("a reply from another address or port is never heard", async () => {
      const strangers = await Promise.all(
        ["127.0.0.1", "127.0.0.2"].map(async (ip) => {
          const socket = createSocket("udp4").bind(0, ip);
          await once(socket, "listening");
          toClose.push(() => void socket.close());
          return socket;
        }),
      );
      const server = await serve("127.0.0.1", ({ query: asked, from, reply }) => {
        for (const stranger of strangers) {
          for (let i = 0; i < 10; i++)
            stranger.send(echo(asked).with(3, 3), from.port, from.address);
        }
        setTimeout(() => reply(echo(asked)), 20);
      });
      const driver = drive();
      const result = await ask(driver, server.address, query(1));
      assert.ok(result.kind === "reply");
      assert.equal(result.message[3], 0);
      assert.equal(driver.counters.suspectedSpoofing, 0);
    });

    test("a server that folds letter case is told apart", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => {
        reply(echo(asked).with(13, asked[13]! ^ 0x20));
      });
      const result = await ask(drive(), server.address, query(1));
      assert.equal(result.kind, "case-mismatch");
    });

    test("a guesser sends the question to TCP", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => {
        for (let id = 0; id < 5; id++) reply(echo(asked).with(0, id + 100));
      });
      const driver = drive();
      assert.equal((await ask(driver, server.address, query(1))).kind, "case-mismatch");
      assert.equal(driver.counters.suspectedSpoofing, 1);
    });

    test("a silent server is a time-out, a refused port is told at once", async () => {
      const server = await serve("127.0.0.1");
      const driver = drive();
      const result = await ask(driver, server.address, query(1), { timeoutMs: 20 });
      assert.equal(result.kind, "timeout");
      await server.close().then(() => toClose.splice(0, 1));
      assert.equal((await ask(driver, server.address, query(2))).kind, "unreachable");
    });

    test("the late reply to a first attempt answers the second", async () => {
      const late: (() => void)[] = [];
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => {
        late.push(() => reply(echo(asked)));
        if (late.length === 2) late[0]!();
      });
      const driver = drive();
      const first = await ask(driver, server.address, query(1), { timeoutMs: 20 });
      assert.equal(first.kind, "timeout");
      const second = await ask(driver, server.address, query(2));
      assert.ok(second.kind === "reply");
      assert.equal(second.message[1], 1);
    });

    test("questions under way come from the outgoing address, each from a port of its own", async () => {
      const ports = new Set<number>();
      const replies: (() => void)[] = [];
      const server = await serve("127.0.0.1", ({ query: asked, from, reply }) => {
        assert.equal(from.address, "127.0.0.7");
        ports.add(from.port);
        replies.push(() => reply(echo(asked)));
        if (replies.length === 100) for (const send of replies) send();
      });
      const driver = drive({ outgoing: [ipFromText("127.0.0.7")!] });
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => ask(driver, server.address, query(i))),
      );
      assert.ok(ports.size >= 98, `${ports.size} ports for 100 questions`);
      assert.ok([...ports].some((port) => port < 32768) && [...ports].some((port) => port > 50000));
    });

    test("an outgoing address that is not ours is no route", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => reply(echo(asked)));
      const driver = drive({ outgoing: [ipFromText("192.0.2.7")!] });
      assert.equal((await ask(driver, server.address, query(1))).kind, "no-route");
    });

    test("one address without a route costs its family nothing, once that was heard", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => reply(echo(asked)));
      const driver = drive();
      await ask(driver, server.address, query(1));
      const broadcast = { ip: ipFromText("255.255.255.255")!, port: 53 };
      assert.equal((await ask(driver, broadcast, query(2))).kind, "unreachable");
    });

    test("a burst is answered whole, each question by its own reply", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => reply(echo(asked)));
      const driver = drive();
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, i) => ask(driver, server.address, query(i))),
      );
      for (const [i, result] of results.entries()) {
        assert.ok(result.kind === "reply");
        assert.deepEqual(result.message, echo(query(i)));
      }
      assert.equal(driver.counters.udpSocketsOpen, 0);
    });

    test("a cancelled ask is never called, and close leaves no descriptor", async () => {
      const server = await serve("127.0.0.1", ({ query: asked, reply }) => reply(echo(asked)));
      const before = readdirSync("/proc/self/fd").length;
      const driver = new Driver({ outgoing: [], listening: [], systemCalls });
      const effect: Ask = {
        kind: "ask",
        server: server.address,
        transport: "udp",
        query: query(1),
        timeoutMs: 2000,
      };
      driver.ask(effect, () => assert.fail("cancelled"))();
      assert.equal((await ask(driver, server.address, query(2))).kind, "reply");
      const silent = await serve("127.0.0.2");
      for (let i = 0; i < 50; i++) {
        driver.ask({ ...effect, server: silent.address }, () => assert.fail("closed"));
      }
      await ask(driver, server.address, query(3), { timeoutMs: 1 });
      driver.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      // The silent server holds two.
      assert.equal(readdirSync("/proc/self/fd").length, before + 2);
    });
  });
}
