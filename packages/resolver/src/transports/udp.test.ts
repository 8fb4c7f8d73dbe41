/** Datagrams through both back-ends: the same suite, and what only sockets of our own can do. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { after, test } from "node:test";
import { type TestClient, type TestListener, TestDoor } from "../../test/transport-compliance.ts";
import { complies, message } from "../../test/transport-compliance.ts";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { DatagramBatch } from "../system/datagram-batch.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import { isWildcard, openListener } from "../system/sockets.ts";
import { DROPPED, type Door } from "./door.ts";
import { KernelDatagrams } from "./kernel-datagrams.ts";
import { NodeDatagrams } from "./node-datagrams.ts";
import { UdpListener } from "./udp.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;
const loopback = ipFromText("127.0.0.1")!;
const open: (() => void)[] = [];
after(() => open.forEach((close) => close()));

/** A listener of our own system calls. */
function listenKernel(text: string, door: Door, row = 0): { port: number; stop: () => void } {
  const ip = ipFromText(text)!;
  const socket = openListener(libc!, "udp", ip, 0);
  assert.ok(socket.kind === "socket", `${text} can be listened at`);
  const datagrams = new KernelDatagrams(libc!, socket.fd, isWildcard(ip));
  const listener = new UdpListener(datagrams, row, door);
  let isOpen = true;
  const stop = (): void => {
    if (!isOpen) return;
    isOpen = false;
    listener.stop();
    libc!.close(socket.fd);
  };
  open.push(stop);
  return { port: socket.port, stop };
}

/** A client at a port of its own. */
async function connect(ip: string, port: number): Promise<TestClient> {
  const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
  const waiting = new Map<number, (answer: Buffer) => void>();
  let strays = 0;
  socket.bind(0);
  await once(socket, "listening");
  socket.on("message", (answer) => {
    const id = answer.readUInt16BE(0);
    const found = waiting.get(id);
    waiting.delete(id);
    if (found === undefined) strays++;
    else found(answer);
  });
  return {
    ask: (bytes) =>
      new Promise((resolve) => {
        waiting.set((bytes[0]! << 8) | bytes[1]!, resolve);
        socket.send(bytes, port, ip);
      }),
    send: (bytes) => socket.send(bytes, port, ip),
    get strays() {
      return strays;
    },
    close: () => socket.close(),
  };
}

complies("udp by system calls", skip, async (door, row): Promise<TestListener> => {
  const { port, stop } = listenKernel("127.0.0.1", door, row);
  return { connect: () => connect("127.0.0.1", port), stop };
});

complies("udp by node:dgram", false, async (door, row): Promise<TestListener> => {
  const datagrams = await NodeDatagrams.bind(loopback, 0);
  assert.ok(typeof datagrams !== "string");
  const listener = new UdpListener(datagrams, row, door);
  return {
    connect: () => connect("127.0.0.1", datagrams.port),
    stop: () => {
      listener.stop();
      datagrams.close();
    },
  };
});

/** Our addresses that a datagram of this machine can be sent to. */
function ownAddresses(): string[] {
  const rows = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return rows.flatMap(({ address, scopeid }) => (scopeid ? [] : [address]));
}

/** The address that an answer comes from when one is asked. */
async function answeredFrom(ip: string, port: number, what: "echo" | "later"): Promise<string> {
  const client = createSocket(ip.includes(":") ? "udp6" : "udp4");
  client.send(message(1, what), port, ip);
  const [, from] = (await once(client, "message")) as [Buffer, { address: string }];
  client.close();
  return from.address;
}

test("a wildcard listener answers from the IPv4 address that was asked", { skip }, async () => {
  const { port } = listenKernel("0.0.0.0", new TestDoor());
  const addresses = ownAddresses().filter((one) => !one.includes(":"));
  for (const ip of ["127.0.0.2", "127.1.2.3", ...addresses]) {
    assert.equal(await answeredFrom(ip, port, "echo"), ip);
    assert.equal(await answeredFrom(ip, port, "later"), ip);
  }
});

test("a wildcard listener answers from the IPv6 address that was asked", { skip }, async (t) => {
  const addresses = ownAddresses().filter((one) => one.includes(":"));
  if (addresses.length === 0) {
    t.skip("this machine has no IPv6 address");
    return;
  }
  const { port } = listenKernel("::", new TestDoor());
  for (const ip of addresses) {
    assert.equal(await answeredFrom(ip, port, "echo"), ip);
    assert.equal(await answeredFrom(ip, port, "later"), ip);
  }
});

test("a turn takes batchesPerTurnMax batches, the next turn the rest", { skip }, async () => {
  const perBatch = limits.datagramsPerBatchMax.value;
  const total = (limits.batchesPerTurnMax.value + 2) * perBatch;
  let turn = 0;
  const byTurn: number[] = [];
  const done = Promise.withResolvers<void>();
  const { port } = listenKernel("127.0.0.1", {
    ask: () => {
      if (byTurn[turn] === undefined) {
        byTurn[turn] = 0;
        setImmediate(() => turn++);
      }
      byTurn[turn]!++;
      if (byTurn.reduce((sum, one) => sum + one, 0) === total) done.resolve();
      return DROPPED;
    },
  });
  flood(port, total / perBatch);
  await done.promise;
  assert.deepEqual(byTurn, [limits.batchesPerTurnMax.value * perBatch, 2 * perBatch]);
});

/** Sends full batches of datagrams before the event loop turns. */
function flood(port: number, batches: number): void {
  const sender = openListener(libc!, "udp", loopback, 0);
  assert.ok(sender.kind === "socket");
  const batch = new DatagramBatch(libc!, sender.fd, false);
  const to = new Uint8Array(SOCKADDR_BYTES);
  writeSockaddr(to, 0, loopback, port);
  for (let i = 0; i < batches; i++) {
    for (let place = 0; place < batch.size; place++) {
      batch.stageLate(place, message(place, "echo"), to, new Uint8Array(64));
    }
    batch.flush();
  }
  assert.equal(batch.droppedFull + batch.droppedUnsendable, 0);
  libc!.close(sender.fd);
}

test("more late answers than a batch holds all leave", { skip }, async () => {
  const door = new TestDoor();
  const { port } = listenKernel("127.0.0.1", door);
  const client = await connect("127.0.0.1", port);
  const asks = Array.from({ length: 200 }, (_, id) => client.ask(message(id, "later")));
  assert.equal((await Promise.all(asks)).length, 200);
  client.close();
});

test("a datagram of no bytes, or too many, reaches nobody behind the door", { skip }, async () => {
  const lengths: number[] = [];
  const { port } = listenKernel("127.0.0.1", {
    ask: (_frame, _at, length) => lengths.push(length) && length,
  });
  const client = await connect("127.0.0.1", port);
  client.send(new Uint8Array(0));
  client.send(new Uint8Array(limits.datagramFrameBytes.value + 1));
  await client.ask(message(1, "echo"));
  client.close();
  assert.deepEqual(lengths, [12]);
});

test(
  "an answer to a client that cannot be reached costs the others nothing",
  { skip },
  async () => {
    const { port } = listenKernel("127.0.0.1", new TestDoor());
    const gone = await connect("127.0.0.1", port);
    gone.send(message(1, "later"));
    gone.send(message(2, "echo"));
    gone.close();
    const client = await connect("127.0.0.1", port);
    await client.ask(message(3, "later"));
    client.close();
  },
);

test("an address that Node cannot bind is a value", async () => {
  assert.equal(await NodeDatagrams.bind(ipFromText("192.0.2.1")!, 0), "EADDRNOTAVAIL");
});
