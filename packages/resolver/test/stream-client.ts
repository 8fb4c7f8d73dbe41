/** Both ends of streams for tests: a listener of ours, and clients that do as they like. */
import { once } from "node:events";
import { type Socket, connect as connectSocket } from "node:net";
import { after } from "node:test";
import type { Door } from "../src/transports/door.ts";
import { NONE, StreamFrames } from "../src/transports/framing.ts";
import { DnsStreams } from "../src/transports/stream.ts";
import { TcpListener } from "../src/transports/tcp.ts";
import type { TestClient } from "./transport-compliance.ts";

const open: (() => void)[] = [];
after(() => open.forEach((close) => close()));

/** A listener that Node opened, with its port. */
export async function listen(
  door: Door,
  row = 0,
): Promise<{ listener: TcpListener; port: number }> {
  const listener = new TcpListener(
    { host: "127.0.0.1", port: 0 },
    row,
    new DnsStreams(door, "tcp"),
  );
  open.push(() => listener.stop());
  return { listener, port: await listener.listening() };
}

/** Messages behind their lengths. */
export function framed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((one) => [Uint8Array.of(one.length >>> 8, one.length & 0xff), one]),
  );
}

/** A connection from `from` that may be half closed, before it is known to stand. */
export function call(port: number, from = "127.0.0.1"): Socket {
  const socket = connectSocket({ host: "127.0.0.1", port, localAddress: from, noDelay: true });
  socket.allowHalfOpen = true;
  socket.on("error", () => {});
  open.push(() => socket.destroy());
  return socket;
}

/** A connection that stands. */
export async function dial(port: number, from?: string): Promise<Socket> {
  const socket = call(port, from);
  await once(socket, "connect");
  return socket;
}

/** Settles when the other side has closed a connection, in whatever way. */
export async function closed(socket: Socket): Promise<void> {
  socket.resume();
  socket.allowHalfOpen = false;
  await new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** Reads whole messages from a connection, each as its id. */
export function ids(socket: Socket): number[] {
  const frames = new StreamFrames();
  const into = Buffer.alloc(65535);
  const found: number[] = [];
  socket.on("data", (chunk: Buffer) => {
    frames.push(chunk);
    while (frames.take(into, 0) !== NONE) found.push(into.readUInt16BE(0));
  });
  return found;
}

/** A client of the compliance suite. */
export async function connect(port: number): Promise<TestClient> {
  const socket = await dial(port);
  const waiting = new Map<number, (answer: Buffer) => void>();
  const frames = new StreamFrames();
  const into = Buffer.alloc(65535);
  let strays = 0;
  socket.on("data", (chunk: Buffer) => {
    frames.push(chunk);
    for (let size = frames.take(into, 0); size !== NONE; size = frames.take(into, 0)) {
      const found = waiting.get(into.readUInt16BE(0));
      waiting.delete(into.readUInt16BE(0));
      if (found === undefined) strays++;
      else found(Buffer.copyBytesFrom(into, 0, size));
    }
  });
  return {
    ask: (bytes) =>
      new Promise((resolve) => {
        waiting.set((bytes[0]! << 8) | bytes[1]!, resolve);
        socket.write(framed(bytes));
      }),
    send: (bytes) => void socket.write(framed(bytes)),
    get strays() {
      return strays;
    },
    close: () => socket.destroy(),
  };
}
