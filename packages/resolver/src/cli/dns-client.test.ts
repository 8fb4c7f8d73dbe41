/** The client behind `lethe query`, against sockets that lose, lie and refuse. */
import assert from "node:assert/strict";
import { type Socket, createSocket } from "node:dgram";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { type Asked, askServer, writeClientQuery } from "./dns-client.ts";
import { readQueryArguments } from "./query-arguments.ts";

const TRIES = limits.queryTriesMax.value;

async function ask(port: number, ...options: readonly string[]): Promise<Asked> {
  const plan = readQueryArguments([`@127.0.0.1:${port}`, "example.com", ...options]);
  assert.ok(!("kind" in plan));
  const brief = { ...plan, timeoutMs: 100 };
  return await askServer(brief, writeClientQuery(brief, new SystemRandom()));
}

/** The query as its own answer, with these flags in the third byte. */
function echo(query: Uint8Array, flags = 0x80): Uint8Array {
  const reply = Uint8Array.from(query); // a Buffer's `slice` would share its memory
  reply[2]! |= flags;
  return reply;
}

describe("a question over UDP", () => {
  let server: Socket;
  let port = 0;
  let received = 0;
  let replies: (query: Uint8Array, count: number) => readonly Uint8Array[] = () => [];

  before(async () => {
    server = createSocket("udp4");
    server.on("message", (query, from) => {
      for (const reply of replies(query, ++received)) server.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    ({ port } = server.address());
  });
  after(() => server.close());

  test("is answered at its last try, and given up after it", async () => {
    received = 0;
    replies = (query, count) => (count === TRIES ? [echo(query)] : []);
    assert.equal((await ask(port)).kind, "reply");
    received = 0;
    replies = (query, count) => (count === TRIES + 1 ? [echo(query)] : []);
    assert.deepEqual(await ask(port), { kind: "no-answer", why: "no reply within 0.1 s" });
    assert.equal(received, TRIES);
  });

  test("passes over replies with another id or question", async () => {
    replies = (query) => {
      const otherId = echo(query);
      otherId[0]! ^= 1;
      const otherType = echo(query);
      otherType[26]! ^= 1;
      return [otherId, otherType, query, echo(query, 0x84)];
    };
    const asked = await ask(port);
    assert.ok(asked.kind === "reply");
    assert.equal(asked.message[2]! & 0x84, 0x84);
  });

  test("shows a truncated reply where UDP alone was asked for", async () => {
    replies = (query) => [echo(query, 0x82)];
    const asked = await ask(port, "+udp");
    assert.ok(asked.kind === "reply");
    assert.equal(asked.transport, "udp");
    const whole = await ask(port);
    assert.deepEqual(whole, { kind: "no-answer", why: "nobody listens there" });
  });
});

describe("a server that is not there", () => {
  test("is told at once, over UDP and over TCP", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    assert.ok(typeof address === "object" && address !== null);
    await new Promise((resolve) => taken.close(resolve));
    for (const option of ["+udp", "+tcp"]) {
      assert.deepEqual(await ask(address.port, option), {
        kind: "no-answer",
        why: "nobody listens there",
      });
    }
  });

  test("that closes the stream is said to", async () => {
    const server = createServer((stream) => stream.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const asked = await ask(address.port, "+tcp");
    assert.deepEqual(asked, { kind: "no-answer", why: "the server closed the stream" });
    server.close();
  });
});
