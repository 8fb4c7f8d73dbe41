/** Streams: the suite of all transports, what streams may hold, and what hostile ones get. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { after, test } from "node:test";
import { call, closed, connect, dial, framed, ids, listen } from "../../test/stream-client.ts";
import { type TestListener, TestDoor, complies } from "../../test/transport-compliance.ts";
import { message } from "../../test/transport-compliance.ts";
import { until } from "../../test/until.ts";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { monotonicMs } from "../system/clock.ts";
import { libc as systemLibc, linux } from "../system/libc.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import { openListener } from "../system/sockets.ts";
import { type Reply, TAKEN } from "./door.ts";
import { DnsStreams } from "./stream.ts";
import { TcpListener } from "./tcp.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;
const open: (() => void)[] = [];
after(() => open.forEach((close) => close()));

complies("tcp by Node's own listener", false, async (door, row): Promise<TestListener> => {
  const { listener, port } = await listen(door, row);
  return { connect: () => connect(port), stop: () => listener.stop() };
});

complies("tcp over a raw descriptor", skip, async (door, row): Promise<TestListener> => {
  const socket = openListener(libc!, "tcp", ipFromText("127.0.0.1")!, 0);
  assert.ok(socket.kind === "socket");
  const listener = new TcpListener({ fd: libc!.dup(socket.fd) }, row, new DnsStreams(door, "tcp"));
  open.push(() => libc!.close(socket.fd));
  return { connect: () => connect(socket.port), stop: () => listener.stop() };
});

test(
  "a descriptor outlives its listener, and its successor has what came between",
  {
    skip,
  },
  async () => {
    const socket = openListener(libc!, "tcp", ipFromText("127.0.0.1")!, 0);
    assert.ok(socket.kind === "socket");
    const first = new TcpListener(
      { fd: libc!.dup(socket.fd) },
      0,
      new DnsStreams(new TestDoor(), "tcp"),
    );
    first.stop();
    const client = await dial(socket.port);
    client.write(framed(message(5, "echo")));
    const second = new TcpListener(
      { fd: libc!.dup(socket.fd) },
      0,
      new DnsStreams(new TestDoor(), "tcp"),
    );
    const found = ids(client);
    await until(() => found.length === 1);
    client.destroy();
    second.stop();
    libc!.close(socket.fd);
  },
);

test("a stream that asks nothing for streamIdleMs is closed, and not before", async () => {
  const { listener, port } = await listen(new TestDoor());
  const beforeMs = monotonicMs();
  const client = await connect(port);
  await client.ask(message(1, "echo"));
  listener.closeIdle(beforeMs + limits.streamIdleMs.value - 1);
  await client.ask(message(2, "echo"));
  assert.equal(listener.streams, 1);
  listener.closeIdle(monotonicMs() + limits.streamIdleMs.value);
  await until(() => listener.streams === 0);
});

test("half a message, or messages that mean nothing, keep no stream open", async () => {
  const { listener, port } = await listen(new TestDoor());
  const half = await dial(port);
  const noise = await dial(port);
  await until(() => listener.streams === 2);
  const accepted = monotonicMs();
  half.write(Uint8Array.of(0, 30, 1, 2));
  noise.write(framed(message(1, "drop")));
  await until(() => listener.heldBytes === 4);
  listener.closeIdle(accepted + limits.streamIdleMs.value);
  await Promise.all([closed(half), closed(noise)]);
});

test("a stream whose question is being answered is not idle", async () => {
  const replies: Reply[] = [];
  const { listener, port } = await listen({
    ask: (_frame, _at, _length, _capacity, asked) => {
      replies.push(asked.later());
      return TAKEN;
    },
  });
  const client = await dial(port);
  const found = ids(client);
  client.write(framed(message(9, "echo")));
  await until(() => replies.length === 1);
  listener.closeIdle(monotonicMs() + 10 * limits.streamIdleMs.value);
  replies[0]!(message(9, "echo"));
  await until(() => found.length === 1);
});

test("a stream is not read from while questionsPerStreamMax wait", async () => {
  const replies: Reply[] = [];
  const { port } = await listen({
    ask: (_frame, _at, _length, _capacity, asked) => {
      replies.push(asked.later());
      return TAKEN;
    },
  });
  const max = limits.questionsPerStreamMax.value;
  const client = await dial(port);
  const found = ids(client);
  client.write(framed(...Array.from({ length: max + 20 }, (_, id) => message(id, "echo"))));
  await until(() => replies.length === max);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(replies.length, max);
  replies[3]!(message(3, "echo"));
  await until(() => replies.length === max + 1);
  for (const [i, reply] of replies.entries()) if (i !== 3) reply(message(i, "echo"));
  await until(() => replies.length === max + 20);
  for (const [i, reply] of replies.entries()) if (i > max) reply(message(i, "echo"));
  await until(() => found.length === max + 20);
});

test("a turn takes questionsPerStreamTurnMax questions of a stream", async () => {
  const max = limits.questionsPerStreamTurnMax.value;
  let turn = 0;
  const byTurn: number[] = [];
  const { port } = await listen({
    ask: (_frame, _at, length) => {
      if (byTurn[turn] === undefined) {
        byTurn[turn] = 0;
        setImmediate(() => turn++);
      }
      byTurn[turn]!++;
      return length;
    },
  });
  const client = await dial(port);
  const found = ids(client);
  client.write(framed(...Array.from({ length: max + 7 }, (_, id) => message(id, "echo"))));
  await until(() => found.length === max + 7);
  assert.deepEqual(byTurn, [max, 7]);
});

test("the answers to what came together leave together", async () => {
  const { port } = await listen(new TestDoor());
  for (const what of ["echo", "later"] as const) {
    const client = await dial(port);
    client.write(framed(...Array.from({ length: 50 }, (_, id) => message(id, what))));
    const [chunk] = (await once(client, "data")) as [Buffer];
    assert.equal(chunk.length, 50 * 14);
  }
});

test("a client that does not read is not read from, and has all answers when it does", async () => {
  const { listener, port } = await listen(new TestDoor());
  const client = await dial(port);
  client.pause();
  const total = 12_000;
  const questions = Array.from({ length: total }, (_, id) => message(id, "fill"));
  client.write(framed(...questions));
  await until(() => listener.heldBytes > 65_536);
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(listener.heldBytes < limits.unsentBytesPerStreamMax.value);
  const found = ids(client);
  client.resume();
  await until(() => found.length === total);
  assert.ok(found.every((id, i) => id === i));
});

test("a client that never reads is closed when its idle time is over", async () => {
  const { listener, port } = await listen(new TestDoor());
  const client = await dial(port);
  client.pause();
  client.write(framed(...Array.from({ length: 12_000 }, (_, id) => message(id, "fill"))));
  await until(() => listener.heldBytes > 65_536);
  listener.closeIdle(monotonicMs() + limits.streamIdleMs.value);
  await until(() => listener.streams === 0);
  assert.equal(listener.heldBytes, 0);
});

test(
  "late answers up to unsentBytesPerStreamMax wait for the client, more close it",
  {
    skip,
  },
  async () => {
    const replies: Reply[] = [];
    const { listener, port } = await listen({
      ask: (_frame, _at, _length, _capacity, asked) => {
        replies.push(asked.later());
        return TAKEN;
      },
    });
    const client = dialNarrow(port);
    const asked = limits.questionsPerStreamMax.value;
    client.write(framed(...Array.from({ length: asked }, (_, id) => message(id, "echo"))));
    await until(() => replies.length === asked);
    const answer = new Uint8Array(65_535);
    let mostBytes = 0;
    for (const reply of replies) {
      reply(answer);
      mostBytes = Math.max(mostBytes, listener.heldBytes);
      await new Promise((resolve) => setImmediate(resolve));
      if (listener.streams === 0) break;
    }
    await until(() => listener.streams === 0);
    const max = limits.unsentBytesPerStreamMax.value;
    assert.ok(mostBytes <= max && mostBytes > max - 2 * answer.length, `${mostBytes} bytes`);
    assert.equal(listener.heldBytes, 0);
  },
);

/** A connection that never reads and whose kernel buffer is small. */
function dialNarrow(port: number): Socket {
  const fd = libc!.socket(linux.AF_INET, linux.SOCK_STREAM, 0);
  const size = new Uint8Array(Int32Array.of(4096).buffer);
  libc!.setsockopt(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, size, 4);
  const address = new Uint8Array(SOCKADDR_BYTES);
  const bytes = writeSockaddr(address, 0, ipFromText("127.0.0.1")!, port);
  assert.equal(libc!.connect(fd, address, bytes), 0);
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on("error", () => {});
  open.push(() => socket.destroy());
  return socket;
}

test("all streams hold streamBytesHeldMax, and the next to need more is closed", async () => {
  const { listener, port } = await listen(new TestDoor());
  const half = Buffer.concat([Uint8Array.of(0xff, 0xff), new Uint8Array(65_534)]);
  const max = limits.streamBytesHeldMax.value;
  const count = Math.floor(max / half.length);
  const clients: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const client = await dial(port, `127.0.${1 + (i >>> 8)}.1`);
    clients.push(client);
    client.write(half);
  }
  await until(() => listener.heldBytes === count * half.length);
  assert.equal(listener.streams, count);
  for (let i = 0; i < 2; i++) {
    const client = call(port, "127.0.99.1");
    client.write(half);
    await closed(client);
  }
  assert.ok(listener.heldBytes <= max);
  for (const client of clients) client.destroy();
  await until(() => listener.streams === 0);
  assert.equal(listener.heldBytes, 0);
});

test("networks and listeners have shares of streams, and a crowd has less idle time", async () => {
  let waiting = 0;
  const { listener, port } = await listen({
    ask: (_frame, _at, length, _capacity, asked) => {
      if (waiting === limits.streamsPerListenerMax.value) return length;
      waiting++;
      asked.later();
      return TAKEN;
    },
  });
  const perNetwork = limits.streamsPerNetworkMax.value;
  const max = limits.streamsPerListenerMax.value;
  const clients: Socket[] = [];
  const fill = async (network: number): Promise<void> => {
    for (let i = 0; i < perNetwork; i++) {
      const client = await dial(port, `127.1.${network}.${1 + (i & 63)}`);
      // A question that waits: however slow this machine is, none of these streams is idle.
      client.write(framed(message(i, "echo")));
      clients.push(client);
    }
    await until(() => waiting === clients.length);
    assert.equal(listener.streams, clients.length);
  };
  await fill(0);
  await closed(call(port, "127.1.0.200"));
  assert.equal(listener.streams, perNetwork);
  for (let network = 1; network < max / 2 / perNetwork; network++) await fill(network);
  assert.equal(listener.idleMs, limits.streamIdleMs.value);
  for (let network = max / 2 / perNetwork; network < max / perNetwork; network++) {
    await fill(network);
  }
  assert.equal(listener.streams, max);
  assert.equal(listener.idleMs, limits.streamIdleCrowdedMs.value);
  await closed(call(port, "127.2.0.1"));
  for (const client of clients) client.resetAndDestroy();
  await until(() => listener.streams === 0);
  const again = await connect(port);
  await again.ask(message(1, "echo"));
});
