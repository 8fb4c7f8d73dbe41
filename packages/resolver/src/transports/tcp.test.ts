/** Streams: pipelining, order, and what is done with those that ask too much or never read. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect } from "node:net";
import { after, test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { openListener } from "../system/sockets.ts";
import { type Asked, type Door, type Reply, TAKEN } from "./door.ts";
import { TcpListener } from "./tcp.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;
const toStop: (() => void)[] = [];
after(() => toStop.forEach((stop) => stop()));

function listen(ask: Door["ask"]): number {
  const socket = openListener(libc!, "tcp", ipFromText("127.0.0.1")!, 0);
  assert.ok(socket.kind === "socket");
  const listener = new TcpListener(socket.fd, 0, { ask });
  toStop.push(() => listener.stop());
  return socket.port;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  toStop.push(() => void socket.destroy());
  await once(socket, "connect");
  assert.equal((socket.address() as AddressInfo).address, "127.0.0.1");
  return socket;
}

const framed = (text: string): Buffer =>
  Buffer.from(`\0${String.fromCharCode(text.length)}${text}`);

/** Reads until the stream has given `size` bytes. */
async function read(socket: Socket, size: number): Promise<string> {
  let text = "";
  while (text.length < size) text += String(((await once(socket, "data")) as [Buffer])[0]);
  return text;
}

test("messages in pieces and in one piece are all answered", { skip }, async () => {
  const port = listen((_frame, _at, length) => length);
  const socket = await open(port);
  const bytes = Buffer.concat([framed("one"), framed("two"), framed("three")]);
  socket.write(bytes.subarray(0, 4));
  setImmediate(() => socket.write(bytes.subarray(4)));
  assert.equal(await read(socket, bytes.length), bytes.toString());
});

test("answers leave in the order in which they come, and tell streamIdleMs", { skip }, async () => {
  const replies: Reply[] = [];
  const port = listen((_frame, _at, _length, _capacity, asked: Asked) => {
    assert.equal(asked.idleTimeoutS * 1000, limits.streamIdleMs.value);
    replies.push(asked.later());
    if (replies.length === 2) {
      replies[1]!(Buffer.from("second"));
      replies[0]!(Buffer.from("first"));
    }
    return TAKEN;
  });
  const socket = await open(port);
  socket.write(Buffer.concat([framed("a"), framed("b")]));
  assert.equal(await read(socket, 15), `${String(framed("second"))}${String(framed("first"))}`);
});

test("no more than questionsPerStreamMax wait at once", { skip }, async () => {
  const max = limits.questionsPerStreamMax.value;
  const replies: Reply[] = [];
  const port = listen((_frame, _at, _length, _capacity, asked) => {
    replies.push(asked.later());
    if (replies.length === max) setImmediate(() => replies[0]!(Buffer.from("x")));
    return TAKEN;
  });
  const socket = await open(port);
  socket.write(Buffer.concat(Array.from({ length: max + 1 }, () => framed("q"))));
  assert.equal(await read(socket, 3), String(framed("x")));
  assert.equal(replies.length, max + 1);
});

test("who reads nothing is closed at unsentBytesPerStreamMax", { skip }, async () => {
  const answerBytes = 65535;
  assert.ok(answerBytes < limits.unsentBytesPerStreamMax.value);
  const port = listen(() => answerBytes);
  const socket = await open(port);
  socket.on("error", () => {});
  socket.pause();
  const write = (): void => {
    if (socket.destroyed) return;
    socket.write(framed("again"));
    setImmediate(write);
  };
  write();
  await new Promise((resolve) => socket.once("close", resolve));
});

test("streamsPerListenerMax streams stand, one more is closed", { skip }, async () => {
  const port = listen((_frame, _at, length) => length);
  const sockets: Socket[] = [];
  for (let i = 0; i < limits.streamsPerListenerMax.value; i++) sockets.push(await open(port));
  const last = sockets.at(-1)!;
  last.write(framed("ok"));
  assert.equal(await read(last, 4), String(framed("ok")));
  const further = await open(port);
  further.resume();
  await once(further, "close");
  for (const socket of sockets) socket.destroy();
});
