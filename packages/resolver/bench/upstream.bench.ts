/**
 * What one upstream question costs: CPU time of the process, beside the system calls alone.
 *
 * The other side is a process of its own that sends every datagram back; both are on loopback.
 * `node packages/resolver/bench/upstream.bench.ts [QUESTIONS] [AT ONCE]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ServerAddress } from "../src/base/address.ts";
import type { AskResult } from "../src/recursor/effect.ts";
import { libc, linux } from "../src/system/libc.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../src/system/sockaddr.ts";
import { Driver } from "../src/upstream/driver.ts";
import { Meter, tell } from "./figure.ts";

const QUESTIONS = Number(process.argv[2] ?? 30_000);
const AT_ONCE = Number(process.argv[3] ?? 64);

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Sends each datagram back with QR set, in batches, and ends by itself. */
const RESPONDER = `
  import { libc } from ${here("../src/system/libc.ts")};
  import { openListener } from ${here("../src/system/sockets.ts")};
  import { KernelDatagrams } from ${here("../src/transports/kernel-datagrams.ts")};
  const { fd, port } = openListener(libc(), "udp", Uint8Array.of(127, 0, 0, 1), 0);
  const datagrams = new KernelDatagrams(libc(), fd, false);
  datagrams.start((count) => {
    for (let i = 0; i < count; i++) {
      datagrams.frames[datagrams.frameAt(i) + 2] |= 0x80;
      datagrams.stage(i, datagrams.receivedBytes(i));
    }
  });
  console.log(port);
  setTimeout(() => process.exit(), 60_000);
`;

function query(i: number): Uint8Array {
  const bytes = new Uint8Array(12 + 17 + 4 + 11);
  bytes.set([i >> 8, i, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 0x77, 0x77, 0x77]);
  bytes.set([7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 3, 0x63, 0x6f, 0x6d, 0, 0, 1, 0, 1], 16);
  bytes.set([0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0], 33);
  return bytes;
}

type Each = ReturnType<Meter["each"]>;

/** Asks all questions, so many at once. */
async function measure(server: ServerAddress, systemCalls: boolean): Promise<Each> {
  const driver = new Driver({ outgoing: [], listening: [], systemCalls });
  const queries = Array.from({ length: 1024 }, (_, i) => query(i));
  let asked = 0;
  let ended = 0;
  let lost = 0;
  const meter = new Meter();
  await new Promise<void>((resolve) => {
    const next = (): void => {
      const effect = { kind: "ask", server, transport: "udp", timeoutMs: 1000 } as const;
      driver.ask({ ...effect, query: queries[asked++ & 1023]! }, done);
    };
    const done = (result: AskResult): void => {
      if (result.kind !== "reply") lost++;
      if (++ended === QUESTIONS) resolve();
      else if (asked < QUESTIONS) next();
    };
    for (let i = 0; i < AT_ONCE; i++) next();
  });
  const each = meter.each(QUESTIONS);
  driver.close();
  // A few may be lost on a busy machine; a figure of many time-outs would mean nothing.
  if (lost > QUESTIONS / 100) throw new Error(`${lost} of ${QUESTIONS} questions were lost`);
  return each;
}

/** The seven system calls of a question and nothing else. */
function bareCalls(server: ServerAddress): Each {
  const calls = libc()!;
  const own = new Uint8Array(SOCKADDR_BYTES);
  const peer = new Uint8Array(SOCKADDR_BYTES);
  const event = new Uint8Array(16);
  const datagram = new Uint8Array(65536);
  const bytes = query(1).with(2, 0x80);
  const epoll = calls.epoll_create1(0);
  const type = linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
  const rounds = Math.min(QUESTIONS, 20_000);
  const meter = new Meter();
  for (let i = 0; i < rounds; i++) {
    const fd = calls.socket(linux.AF_INET, type, 0);
    calls.bind(fd, own, writeSockaddr(own, 0, new Uint8Array(4), 1024 + ((i * 7919) % 64512)));
    calls.connect(fd, peer, writeSockaddr(peer, 0, server.ip, server.port));
    calls.send(fd, bytes, bytes.length, 0);
    calls.epoll_ctl(epoll, linux.EPOLL_CTL_ADD, fd, event);
    calls.recv(fd, datagram, datagram.length, 0);
    calls.close(fd);
  }
  const each = meter.each(rounds);
  calls.close(epoll);
  return each;
}

const child = spawn(process.execPath, ["--input-type=module", "-e", RESPONDER], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = await once(child.stdout, "data");
const server = { ip: Uint8Array.of(127, 0, 0, 1), port: Number(String(line)) };
const rows = [
  ["upstream: system calls alone", () => bareCalls(server)],
  ["upstream: driver with system calls", () => measure(server, true)],
  ["upstream: driver with system calls", () => measure(server, true)],
  ["upstream: driver with node:dgram", () => measure(server, false)],
] as const;
for (const [title, run] of rows) tell({ title, ...(await run()) });
child.kill();
