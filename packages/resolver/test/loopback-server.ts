/**
 * Servers on loopback addresses for tests of real sockets: one function says what each sends.
 *
 * A server is heard on UDP and TCP at one port. Everything is closed by `close`.
 */
import { type Socket as UdpSocket, type RemoteInfo, createSocket } from "node:dgram";
import { once } from "node:events";
import { type Server, type Socket, createServer } from "node:net";
import { setU16 } from "@lethe/wire/bytes.ts";
import { type ServerAddress, ipFromText } from "../src/base/address.ts";
import { assert } from "../src/base/assert.ts";
import { FrameReader } from "../src/upstream/frame-reader.ts";

/** One query that came over UDP. */
export interface Asked {
  readonly query: Uint8Array;
  readonly from: RemoteInfo;
  /** Sends a datagram back to where the query came from. */
  readonly reply: (datagram: Uint8Array) => void;
}

/** One query that came over a stream; `connection` counts them from 0. */
export interface AskedOnStream {
  readonly query: Uint8Array;
  readonly connection: number;
  readonly stream: Socket;
  readonly reply: (message: Uint8Array) => void;
}

export interface LoopbackServer {
  readonly address: ServerAddress;
  /** Streams accepted so far. */
  streams(): number;
  close(): Promise<void>;
}

/** A server at a loopback address; what it is not given a function for, it never answers. */
export async function listen(
  ip: string,
  onUdp: (asked: Asked) => void = () => {},
  onStream: (asked: AskedOnStream) => void = () => {},
): Promise<LoopbackServer> {
  const type = ip.includes(":") ? "udp6" : "udp4";
  const udp = createSocket({ type, recvBufferSize: 1 << 20 }); // a burst is not to be lost
  const open = new Set<Socket>();
  let streams = 0;
  const tcp = createServer((stream) => {
    const connection = streams++;
    open.add(stream);
    stream.on("error", () => {});
    stream.on("close", () => open.delete(stream));
    const reader = new FrameReader((query) => {
      onStream({ query, connection, stream, reply: (message) => stream.write(frame(message)) });
    });
    stream.on("data", (chunk: Buffer) => reader.read(chunk));
  });
  await bindBoth(udp, tcp, ip);
  udp.on("message", (query, from) => {
    onUdp({ query, from, reply: (datagram) => udp.send(datagram, from.port, from.address) });
  });
  return {
    address: { ip: ipFromText(ip)!, port: udp.address().port },
    streams: () => streams,
    close: async () => {
      for (const stream of open) stream.destroy();
      const closed = Promise.all([once(udp, "close"), once(tcp, "close")]);
      udp.close();
      tcp.close();
      await closed;
    },
  };
}

async function bindBoth(udp: UdpSocket, tcp: Server, ip: string): Promise<void> {
  tcp.listen(0, ip);
  await once(tcp, "listening");
  const bound = tcp.address();
  assert(bound !== null && typeof bound === "object", "a server that listens has an address");
  udp.bind(bound.port, ip);
  await once(udp, "listening");
}

/** A message with its length before it (RFC 1035 §4.2.2). */
export function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + message.length);
  setU16(bytes, 0, message.length);
  bytes.set(message, 2);
  return bytes;
}

/** The plainest reply to a query: the same bytes with QR set. */
export function echo(query: Uint8Array): Uint8Array {
  const reply = Uint8Array.from(query);
  reply[2]! |= 0x80;
  return reply;
}
