/** A worker thread: one resolver, its listeners, its upstream sockets. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { Resolver } from "../serve/resolver.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import { KernelDatagrams } from "../transports/kernel-datagrams.ts";
import { TcpListener } from "../transports/tcp.ts";
import { UdpListener } from "../transports/udp.ts";
import { Driver } from "../upstream/driver.ts";
import type { WorkerMessage, WorkerOptions, WorkerOrder } from "./options.ts";

const port = parentPort;
const libc = systemLibc();
assert(port !== null && libc !== undefined, "workers are threads, and have their system calls");

const options = workerData as WorkerOptions;
const driver = new Driver({
  outgoing: options.outgoing,
  listening: options.listeningPorts,
  descriptors: new OpenDescriptors(options.descriptors),
});
const resolver = new Resolver(options.resolver, driver, driver.verifier);
const listeners = options.listeners.flatMap((row, i) => [
  new UdpListener(new KernelDatagrams(libc, row.udpFd, row.isWildcard), i, resolver),
  // A duplicate: Node closes what it listens at, and the socket is the main thread's.
  new TcpListener({ fd: libc.dup(row.tcpFd) }, i, resolver),
]);

port.on("message", (order: WorkerOrder) => {
  assert(order.kind !== "fail", "told to fail");
  for (const listener of listeners) listener.stop();
  setTimeout(() => {
    resolver.close();
    driver.close();
    process.exit(0);
  }, limits.drainMs.value);
});

const ready: WorkerMessage = { kind: "ready" };
port.postMessage(ready);
