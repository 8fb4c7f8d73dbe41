/**
 * The echo beside the resolvers: Lethe's UDP listener with nothing behind it.
 *
 * `node bench/echo-server.ts PORT` answers each question with itself, QR set, until it is ended:
 * what remains of a resolver when its work costs nothing.
 */
import { flag } from "@lethe/wire/header.ts";
import { assert } from "../src/base/assert.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { openListener } from "../src/system/sockets.ts";
import { KernelDatagrams } from "../src/transports/kernel-datagrams.ts";
import { UdpListener } from "../src/transports/udp.ts";

const libc = systemLibc();
assert(libc !== undefined, "the echo needs the system calls");
const socket = openListener(libc, "udp", Uint8Array.of(127, 0, 0, 1), Number(process.argv[2]));
assert(socket.kind !== "no-socket", "the echo needs its port");
const listener = new UdpListener(new KernelDatagrams(libc, socket.fd, false), 0, {
  ask: (frame, at, length) => {
    frame[at + 2] = frame[at + 2]! | (flag.qr >>> 8);
    return length;
  },
});
process.once("SIGTERM", () => {
  listener.stop();
  process.exit(0);
});
