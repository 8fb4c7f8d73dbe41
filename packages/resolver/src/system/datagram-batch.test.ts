/** Batches of datagrams over real loopback sockets. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { DatagramBatch } from "./datagram-batch.ts";
import { libc as systemLibc } from "./libc.ts";
import { ReadPoll } from "./poll.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "./sockaddr.ts";
import { isWildcard, openListener } from "./sockets.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;
const open: (() => void)[] = [];
after(() => open.forEach((close) => close()));

/** A socket that echoes each datagram through a batch, first byte changed; counts the batches. */
function echo(address: string): { port: number; largest: () => number; batch: DatagramBatch } {
  const ip = ipFromText(address)!;
  const socket = openListener(libc!, "udp", ip, 0);
  assert.ok(socket.kind === "socket", "a loopback socket opens");
  const batch = new DatagramBatch(libc!, socket.fd, isWildcard(ip));
  let largest = 0;
  const poll = new ReadPoll(socket.fd, () => {
    const count = batch.receive();
    largest = Math.max(largest, count);
    for (let i = 0; i < count; i++) {
      const size = batch.receivedBytes(i);
      if (size === 0) continue;
      batch.frames[batch.frameAt(i)] = 0x21;
      batch.stage(i, size);
    }
    batch.flush();
  });
  open.push(() => {
    poll.stop();
    libc!.close(socket.fd);
  });
  return { port: socket.port, largest: () => largest, batch };
}

/** Sends one datagram and gives the answer with the address that it came from. */
async function ask(ip: string, port: number, bytes: Uint8Array): Promise<[string, string]> {
  const client = createSocket(ip.includes(":") ? "udp6" : "udp4");
  client.send(bytes, port, ip);
  const [answer, from] = (await once(client, "message")) as [Buffer, { address: string }];
  client.close();
  return [answer.toString(), from.address];
}

test("a datagram is answered in its frame", { skip }, async () => {
  const { port } = echo("127.0.0.1");
  assert.deepEqual(await ask("127.0.0.1", port, Buffer.from("?abc")), ["!abc", "127.0.0.1"]);
});

test("a wildcard socket answers from the address that was asked", { skip }, async () => {
  const { port } = echo("0.0.0.0");
  assert.deepEqual(await ask("127.0.0.2", port, Buffer.from("?abc")), ["!abc", "127.0.0.2"]);
  assert.deepEqual(await ask("127.9.8.7", port, Buffer.from("?abc")), ["!abc", "127.9.8.7"]);
});

test("an IPv6 wildcard socket answers from the address that was asked", { skip }, async (t) => {
  let port: number;
  try {
    port = echo("::").port;
  } catch {
    t.skip("no IPv6 on this machine");
    return;
  }
  assert.deepEqual(await ask("::1", port, Buffer.from("?abc")), ["!abc", "::1"]);
});

test("more than datagramsPerBatchMax are answered in several batches", { skip }, async () => {
  const { port, largest } = echo("127.0.0.1");
  const max = limits.datagramsPerBatchMax.value;
  const client = createSocket("udp4");
  let answers = 0;
  const done = new Promise<void>((resolve) => {
    client.on("message", () => ++answers === max + 10 && resolve());
  });
  for (let i = 0; i < max + 10; i++) client.send(`?${i}`, port, "127.0.0.1");
  await done;
  client.close();
  assert.ok(largest() <= max);
});

test(
  "a datagram beyond datagramFrameBytes is dropped, one of that size answered",
  { skip },
  async () => {
    const { port } = echo("127.0.0.1");
    const max = limits.datagramFrameBytes.value;
    const client = createSocket("udp4");
    client.send(Buffer.alloc(max + 1, "?"), port, "127.0.0.1");
    client.send(Buffer.alloc(max, "?"), port, "127.0.0.1");
    const [answer] = (await once(client, "message")) as [Buffer];
    client.close();
    assert.equal(answer.length, max);
  },
);

test("an answer that cannot be sent is counted, and the others leave", { skip }, async () => {
  const { batch } = echo("127.0.0.1");
  const client = createSocket("udp4").bind(0, "127.0.0.1");
  await once(client, "listening");
  const to = (port: number): Uint8Array => {
    const address = new Uint8Array(SOCKADDR_BYTES);
    writeSockaddr(address, 0, ipFromText("127.0.0.1")!, port);
    return address;
  };
  // Nobody is at port 0: the kernel refuses what a forged question asks for.
  for (const [place, port] of [0, client.address().port, 0, client.address().port].entries()) {
    batch.stageLate(place, Uint8Array.of(place), to(port), new Uint8Array(64));
  }
  let answers = 0;
  const both = new Promise<void>((resolve) => {
    client.on("message", () => ++answers === 2 && resolve());
  });
  batch.flush();
  await both;
  client.close();
  assert.equal(batch.droppedUnsendable, 2);
  assert.equal(batch.droppedFull, 0);
});

test("an answer that comes later goes to who asked, from the address asked", { skip }, async () => {
  const ip = ipFromText("0.0.0.0")!;
  const socket = openListener(libc!, "udp", ip, 0);
  assert.ok(socket.kind === "socket");
  const batch = new DatagramBatch(libc!, socket.fd, true);
  const late = new DatagramBatch(libc!, socket.fd, true);
  const poll = new ReadPoll(socket.fd, () => {
    if (batch.receive() === 0) return;
    const peer = batch.addresses.slice(batch.addressAt(0), batch.addressAt(0) + 28);
    const control = batch.keepControl(0);
    setImmediate(() => {
      late.stageLate(3, Buffer.from("late"), peer, control);
      late.flush();
    });
  });
  open.push(() => {
    poll.stop();
    libc!.close(socket.fd);
  });
  assert.deepEqual(await ask("127.0.0.3", socket.port, Buffer.from("?")), ["late", "127.0.0.3"]);
});
