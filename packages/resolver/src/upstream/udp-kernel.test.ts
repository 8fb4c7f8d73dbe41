/** Sockets by system calls: taken ports, what a turn reads, and descriptors. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { echo, listen } from "../../test/loopback-server.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { linux, libc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import { SystemRandom } from "../system/random.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import { newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { Sources } from "./source.ts";
import { KernelSockets } from "./udp-kernel.ts";
import { type UdpListener, notOpened } from "./udp-sockets.ts";

const calls = libc();
const skip = calls === undefined ? "the FFI does not load here" : false;
const NOBODY: ServerAddress = { ip: Uint8Array.of(127, 0, 0, 1), port: 9 };
const QUERY = Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 65, 0, 0, 1, 0, 1);

/** Notes what is heard. */
class Heard implements UdpListener {
  datagrams = 0;
  failures: string[] = [];
  onDatagram = (): void => {};

  received(): void {
    this.datagrams++;
    this.onDatagram();
  }

  receivedFromStranger(): void {
    assert.fail("nobody else sends here");
  }

  failed(_handle: number, why: string): void {
    this.failures.push(why);
  }
}

function openAll(listening: readonly number[] = []) {
  const counters = newCounters();
  const descriptors = new OpenDescriptors();
  const heard = new Heard();
  const sources = new Sources([], listening, new SystemRandom());
  const time = new VirtualTime();
  const parts = { time, libc: calls!, sources, reach: new Reach(), counters, descriptors };
  return { sockets: new KernelSockets(parts, heard), time, counters, descriptors, heard };
}

/** Takes a UDP port on every IPv4 address; the port, and how to give it back. */
function takePort(): { port: number; free: () => void } {
  const fd = calls!.socket(linux.AF_INET, linux.SOCK_DGRAM, 0);
  const address = new Uint8Array(SOCKADDR_BYTES);
  for (let port = 40_000; ; port++) {
    const sizeBytes = writeSockaddr(address, 0, new Uint8Array(4), port);
    if (calls!.bind(fd, address, sizeBytes) === 0) return { port, free: () => calls!.close(fd) };
  }
}

test("a taken port is passed over, so many times and not once more", { skip }, () => {
  const taken = takePort();
  const allButOne = Array.from({ length: 64_512 }, (_, i) => 1024 + i);
  const { sockets, counters } = openAll(allButOne.filter((port) => port !== taken.port));
  assert.equal(sockets.open(NOBODY, QUERY), notOpened.exhausted);
  assert.equal(counters.portsTaken, limits.bindTriesMax.value);
  taken.free();
  const handle = sockets.open(NOBODY, QUERY);
  assert.ok(handle >= 0);
  assert.equal(counters.portsTaken, limits.bindTriesMax.value);
  sockets.close(handle);
  sockets.closeAll();
});

test("a turn of the loop reads so many datagrams and leaves the rest", { skip }, async () => {
  const max = limits.repliesPerTurnMax.value;
  const asks = max + 20;
  const replies: (() => void)[] = [];
  const server = await listen("127.0.0.1", ({ query, reply }) => {
    replies.push(() => reply(echo(query)));
    if (replies.length === asks) for (const send of replies) send();
  });
  const { sockets, heard } = openAll();
  const perTurn: number[] = [];
  await new Promise<void>((resolve) => {
    let before = 0;
    let isOver = false;
    const look = (): void => {
      perTurn.push(heard.datagrams - before);
      before = heard.datagrams;
      if (!isOver) setImmediate(look);
    };
    setImmediate(look);
    const handles = Array.from({ length: asks }, () => sockets.open(server.address, QUERY));
    heard.onDatagram = () => {
      if (heard.datagrams < asks) return;
      isOver = true;
      for (const handle of handles) sockets.close(handle);
      sockets.closeAll();
      setImmediate(resolve);
    };
  });
  assert.equal(Math.max(...perTurn), max);
  assert.equal(heard.datagrams, asks);
  await server.close();
});

test("a mistake in the callback of a reply ends the process, as any other does", { skip }, () => {
  const source = `
    import { echo, listen } from ${JSON.stringify(import.meta.resolve("../../test/loopback-server.ts"))};
    import { Driver } from ${JSON.stringify(import.meta.resolve("./driver.ts"))};
    const server = await listen("127.0.0.1", ({ query, reply }) => reply(echo(query)));
    const effect = { kind: "ask", server: server.address, transport: "udp", timeoutMs: 1000 };
    const query = Uint8Array.of(${QUERY.join(",")});
    new Driver({ outgoing: [], listening: [] }).ask({ ...effect, query }, () => {
      throw new Error("our own mistake");
    });
    setTimeout(() => process.exit(0), 5000);
  `;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
  });
  assert.match(stderr, /our own mistake/);
  assert.equal(status, 1);
});

test("open descriptors are noted for whoever sees the worker die", { skip }, () => {
  const { sockets, descriptors } = openAll();
  const handles = [1, 2, 3].map(() => sockets.open(NOBODY, QUERY));
  sockets.close(handles[1]!);
  const left: number[] = [];
  new OpenDescriptors(descriptors.memory).closeAll((fd) => left.push(fd));
  assert.equal(left.length, 3, "the epoll descriptor and two sockets");
  assert.ok(left.includes(handles[0]!) && left.includes(handles[2]!));
  sockets.close(handles[0]!);
  sockets.close(handles[2]!);
  sockets.closeAll();
});

test(
  "a server's next question takes the socket of an answered one, as long as it may",
  { skip },
  async () => {
    const ports: number[] = [];
    const server = await listen("127.0.0.1", ({ query, from, reply }) => {
      ports.push(from.port);
      reply(echo(query));
    });
    const { sockets, time, counters, descriptors, heard } = openAll();
    const ask = (): Promise<number> => {
      const handle = sockets.open(server.address, QUERY);
      return new Promise((resolve) => {
        heard.onDatagram = () => resolve(handle);
      });
    };
    sockets.release(await ask());
    sockets.release(await ask());
    assert.equal(counters.udpSocketsReused, 1);
    sockets.close(await ask());
    sockets.release(await ask());
    assert.equal(counters.udpSocketsReused, 2, "one that was closed is not used again");
    time.pass(2 * limits.udpSocketReuseMs.value);
    const open: number[] = [];
    new OpenDescriptors(descriptors.memory).closeAll((fd) => open.push(fd));
    assert.equal(open.length, 1, "the epoll descriptor");
    for (const fd of open) descriptors.note(fd);
    sockets.close(await ask());
    assert.deepEqual([new Set(ports.slice(0, 3)).size, new Set(ports).size], [1, 3]);
    sockets.closeAll();
    await server.close();
  },
);

test("a socket that hears something while nobody asks is closed", { skip }, async () => {
  let again = (): void => {};
  const server = await listen("127.0.0.1", ({ query, reply }) => {
    again = () => reply(echo(query));
    reply(echo(query));
  });
  const { sockets, counters, heard } = openAll();
  const handle = sockets.open(server.address, QUERY);
  await new Promise<void>((resolve) => {
    heard.onDatagram = resolve;
  });
  sockets.release(handle);
  again();
  while (counters.unwanted.late === 0) await new Promise((resolve) => setImmediate(resolve));
  sockets.close(sockets.open(server.address, QUERY));
  assert.equal(counters.udpSocketsReused, 0);
  sockets.closeAll();
  await server.close();
});
