/** A relay from one loopback address to another, for servers that listen at 127.0.0.1 only. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

/** Passes datagrams and streams on to a port of 127.0.0.1, and back; what it gives ends it. */
export async function relay(ip: string, port: number, toPort: number): Promise<() => void> {
  const udp = createSocket("udp4");
  udp.on("message", (query, from) => {
    const onward = createSocket("udp4");
    onward.on("error", () => {});
    onward.once("message", (reply) => {
      udp.send(reply, from.port, from.address);
      onward.close();
    });
    onward.send(query, toPort, LOOPBACK);
    onward.unref();
  });
  const open = new Set<Socket>();
  const tcp = createServer((stream) => {
    const onward = connect(toPort, LOOPBACK);
    for (const one of [stream, onward]) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => open.delete(one));
    }
    stream.pipe(onward).pipe(stream);
  });
  udp.bind(port, ip);
  tcp.listen(port, ip);
  await Promise.all([once(udp, "listening"), once(tcp, "listening")]);
  return () => {
    for (const stream of open) stream.destroy();
    udp.close();
    tcp.close();
  };
}
