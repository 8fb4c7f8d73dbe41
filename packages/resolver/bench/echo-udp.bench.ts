/**
 * What the UDP listener costs by itself: a door that answers in place, CPU time a datagram.
 *
 * `node bench/echo-udp.ts [SECONDS]`: the listener has this process and one core, dnsperf the
 * other. Also told: what stays allocated a datagram, which must be next to nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flag } from "@lethe/wire/header.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { openListener } from "../src/system/sockets.ts";
import { KernelDatagrams } from "../src/transports/kernel-datagrams.ts";
import { UdpListener } from "../src/transports/udp.ts";
import { runLoad } from "./dnsperf.ts";
import { Meter, tell } from "./figure.ts";
import { isInstalled } from "./processes.ts";

const LOAD_CORE = 1;
const WARM_UP_S = 1;
const seconds = Math.min(Number(process.argv[2] ?? 3), 20);

const libc = systemLibc();
if (libc === undefined || !["dnsperf", "taskset"].every(isInstalled)) {
  process.exit(0); // no figure: the FFI, dnsperf and taskset are needed
}
const loopback = Uint8Array.of(127, 0, 0, 1);
const socket = openListener(libc, "udp", loopback, 0);
if (socket.kind === "no-socket") throw new Error(socket.why);

let datagrams = 0;
const source = new KernelDatagrams(libc, socket.fd, false);
const listener = new UdpListener(source, 0, {
  ask: (frame, at, length) => {
    datagrams++;
    frame[at + 2] = frame[at + 2]! | (flag.qr >>> 8);
    return length;
  },
});
const directory = mkdtempSync(join(tmpdir(), "lethe-echo-"));
const questionsFile = join(directory, "questions");
writeFileSync(questionsFile, "www.example.com A\n");
const { port } = socket;
const load = {
  core: LOAD_CORE,
  ip: "127.0.0.1",
  port,
  questionsFile,
  rate: 0,
  outstanding: 200,
  transport: "udp",
  times: 0,
  sockets: 4,
  edns: "none",
  latencies: false,
} as const;
try {
  await runLoad({ ...load, secondsMax: WARM_UP_S });
  datagrams = 0;
  const meter = new Meter();
  await runLoad({ ...load, secondsMax: seconds });
  tell({ title: "UDP echo through the listener", ...meter.each(datagrams) });
} finally {
  listener.stop();
  libc.close(socket.fd);
  rmSync(directory, { recursive: true, force: true });
}
