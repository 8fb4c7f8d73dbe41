/** A worker thread: one resolver, its listeners, its upstream sockets. */
import { parentPort, workerData } from "node:worker_threads";
import type { Name } from "@lethe/wire/name.ts";
import { ipToText } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { AnswerBoard } from "../cache/answer-board.ts";
import { Resolver } from "../serve/resolver.ts";
import { monotonicMs, sharedAheadMs } from "../system/clock.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import { stopPolls } from "../system/poll.ts";
import type { Datagrams } from "../transports/datagrams.ts";
import { DohService } from "../transports/doh.ts";
import { dnsOverTls, https } from "../transports/encrypted.ts";
import { HttpRouter } from "../transports/http/router.ts";
import { KernelDatagrams } from "../transports/kernel-datagrams.ts";
import { NodeDatagrams } from "../transports/node-datagrams.ts";
import { Proxies } from "../transports/proxies.ts";
import type { StreamProtocol } from "../transports/session.ts";
import { DnsStreams } from "../transports/stream.ts";
import { TcpListener } from "../transports/tcp.ts";
import { TlsContexts } from "../transports/tls.ts";
import { UdpListener } from "../transports/udp.ts";
import { Driver } from "../upstream/driver.ts";
import { sweepWhileIdle } from "./idle-sweep.ts";
import type {
  ListenRow,
  Spoken,
  StartMessage,
  WorkerListener,
  WorkerMessage,
  WorkerOptions,
  WorkerOrder,
} from "./options.ts";

const port = parentPort;
assert(port !== null, "workers are threads");

process.on("exit", stopPolls);

const options = workerData as WorkerOptions;
const driver = new Driver({
  outgoing: options.outgoing,
  listening: options.listeningPorts,
  descriptors: new OpenDescriptors(options.descriptors),
  systemCalls: options.listeners.every((row) => row.kind !== "address"),
});
const proxies = options.proxyFrom.length === 0 ? undefined : new Proxies(options.proxyFrom);
const board = options.board && new AnswerBoard(options.board, sharedAheadMs());
const resolver = new Resolver(options.resolver, driver, driver.verifier, {
  board,
  onKeys: (zone, keySet) => tell({ kind: "keys", why: "by-the-way", zone, keySet }),
});

const contexts = options.tls && new TlsContexts(options.tls);
const plain = new DnsStreams(resolver, "tcp");
const services = new HttpRouter([{ path: "/dns-query", service: new DohService(resolver) }]);

/** What is spoken on the connections of a row. */
function protocolOf(spoken: Spoken): StreamProtocol {
  if (spoken === "dns") return plain;
  assert(contexts !== undefined, "encrypted rows come with a certificate");
  return spoken === "tls" ? dnsOverTls(contexts, resolver) : https(contexts, resolver, services);
}

/** Gets the keys of a zone, and tells the main thread. */
function lookAtKeys(zone: Name): void {
  resolver.lookAtKeys(zone, (keySet) => {
    tell({ kind: "keys", why: "told-to-look", zone, keySet });
  });
}

/** Looks whether a zone would validate, and tells the main thread. */
function probe(zone: Name): void {
  resolver.probe(zone, (validates) => tell({ kind: "probed", zone, validates }));
}

interface Listening {
  /** Absent where what is spoken needs streams. */
  readonly udp: UdpListener | undefined;
  readonly tcp: TcpListener;
  readonly port: number;
}

/** Begins to answer at one row; gives the errno's name where that cannot be. */
async function listen(row: WorkerListener, i: number): Promise<Listening | string> {
  if (row.kind === "address") return await listenAt(row, i);
  const libc = systemLibc();
  assert(libc !== undefined, "who gives descriptors has system calls");
  const spoken = row.kind === "dns" ? "dns" : row.spoken;
  return {
    udp:
      row.kind === "dns"
        ? udpOver(new KernelDatagrams(libc, row.udpFd, row.isWildcard), i)
        : undefined,
    // A duplicate: Node closes what it listens at, and the socket is the main thread's.
    tcp: new TcpListener({ fd: libc.dup(row.tcpFd) }, i, protocolOf(spoken), proxies),
    port: options.listeningPorts[i]!,
  };
}

/** Opens sockets of Node's own at an address. */
async function listenAt(row: ListenRow, i: number): Promise<Listening | string> {
  const { ip, spoken } = row;
  const datagrams = spoken === "dns" ? await NodeDatagrams.bind(ip, row.port) : undefined;
  if (typeof datagrams === "string") return datagrams;
  const source = { host: ipToText(ip), port: datagrams?.port ?? row.port };
  const tcp = new TcpListener(source, i, protocolOf(spoken), proxies);
  try {
    const got = await tcp.listening();
    return { udp: datagrams && udpOver(datagrams, i), tcp, port: got };
  } catch (error) {
    datagrams?.close();
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

function udpOver(datagrams: Datagrams, i: number): UdpListener {
  return new UdpListener(datagrams, i, resolver, proxies);
}

/** What is listened at. */
const listening: Listening[] = [];

/** Begins to answer at every row, up to one where that cannot be. */
async function listenAtAll(): Promise<StartMessage> {
  for (const [row, listener] of options.listeners.entries()) {
    const one = await listen(listener, row);
    if (typeof one === "string") return { kind: "cannot-listen", row, why: one };
    listening.push(one);
  }
  return { kind: "ready", ports: listening.map((one) => one.port) };
}

sweepWhileIdle(resolver);

/** Takes nothing more, and ends as soon as everybody has the answer, or at the end of the time. */
function drain(): void {
  for (const { udp, tcp } of listening) {
    udp?.stop();
    tcp.stop();
  }
  const endMs = monotonicMs() + limits.drainMs.value;
  const look = (): void => {
    const isBusy = resolver.clientsWaiting > 0 || listening.some(({ tcp }) => tcp.streams > 0);
    if (isBusy && monotonicMs() < endMs) setTimeout(look, limits.drainLookMs.value);
    else setImmediate(end);
  };
  // What was answered in this turn leaves at the end of it.
  setImmediate(look);
}

function end(): void {
  resolver.close();
  driver.close();
  process.exit(0);
}

function tell(message: WorkerMessage): void {
  port!.postMessage(message);
}

port.on("message", (order: WorkerOrder) => {
  assert(order.kind !== "fail", "told to fail");
  if (order.kind === "drain") drain();
  else if (order.kind === "copy") {
    resolver.useCopy(order.zone, order.packed, driver.nowMs() + order.forMs);
  } else if (order.kind === "look-at-keys") lookAtKeys(order.zone);
  else if (order.kind === "believe") resolver.believe(order.anchors);
  else if (order.kind === "probe") probe(order.zone);
  else if (order.kind === "tls") contexts?.replace(order.material);
  else if (order.kind === "drop-negative") resolver.dropNegative(order.zone);
  else tell({ kind: "controlled", id: order.id, answer: resolver.control(order.order) });
});
// Where it cannot listen it waits to be told to end: what a thread says last may not be heard.
tell(await listenAtAll());
