/**
 * The process that speaks QUIC: the native library, apart from everything else.
 *
 * It admits clients itself and hands over messages and requests with the client's view, never an
 * address. It resolves nothing and keeps nothing.
 */
import type { Socket } from "node:net";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { Client } from "../privacy/client.ts";
import { Admission, DROP } from "../serve/admit.ts";
import { Channels } from "../transports/quic/channels.ts";
import { DoqServer } from "../transports/quic/doq.ts";
import { Http3Server } from "../transports/quic/http3.ts";
import {
  type NativeOptions,
  type NativeQuic,
  type NativeServer,
  type OnEvents,
  event,
  loadQuic,
} from "../transports/quic/native.ts";
import type { KeyPair } from "../transports/tls.ts";
import type { QuicOptions, QuicOrder, QuicRow, QuicTold } from "./quic-orders.ts";

const PORT_TRIES_MAX = limits.quicPortTriesMax.value;
const PORT_TRY_MS = limits.quicPortTryMs.value;

const channels = new Channels();
let options: QuicOptions | undefined;
let admission: Admission | undefined;
let servers: Listening[] = [];

/** What is listened at: the library's server, and who hears what happens there. */
interface Listening {
  readonly native: NativeServer;
  readonly spoken: DoqServer | Http3Server;
}

/** The view of who connects; undefined where that one is to hear nothing. */
function viewOf(client: Client): number | undefined {
  const view = admission!.viewOf(client);
  return view === DROP ? undefined : view;
}

function nativeOptions({ certificate, key }: KeyPair): Omit<NativeOptions, "alpn"> {
  return {
    key: Buffer.from(key),
    cert: Buffer.from(certificate),
    runtimeMode: "portable",
    maxIdleTimeoutMs: limits.streamIdleMs.value,
    initialMaxData: limits.quicConnectionBytesMax.value,
    initialMaxStreamDataBidiLocal: limits.quicStreamBytesMax.value,
    initialMaxStreamsBidi: limits.questionsPerStreamMax.value,
    maxConnections: limits.quicConnectionsMax.value,
    // An address is proven before memory is spent on it (RFC 9000 §8.1.2).
    disableRetry: false,
    disableActiveMigration: true,
  };
}

/** Makes a server that does not listen yet. */
function serverOf(quic: NativeQuic, row: QuicRow, pair: KeyPair): Listening {
  const onEvents: OnEvents = (_error, events) => {
    for (const one of events) {
      if (one.eventType !== event.shutdownComplete) server.spoken.on(one);
    }
    server.native.ackEventBatch(events.length);
  };
  const server = row.speaks === "doq" ? doqServer() : http3Server();
  return server;

  function doqServer(): Listening {
    const native = new quic.NativeQuicServer({ ...nativeOptions(pair), alpn: ["doq"] }, onEvents);
    return { native, spoken: new DoqServer(native, row.listener, channels, viewOf) };
  }

  function http3Server(): Listening {
    const tables = { qpackMaxTableCapacity: 0 };
    const native = new quic.NativeWorkerServer({ ...nativeOptions(pair), ...tables }, onEvents);
    return { native, spoken: new Http3Server(native, row.listener, channels, viewOf) };
  }
}

/** Listens at a row; where `tries` say so, until a port that we have just left is free. */
async function listen(
  quic: NativeQuic,
  row: QuicRow,
  pair: KeyPair,
  tries: number,
): Promise<number | string> {
  for (let left = tries; ; left--) {
    const server = serverOf(quic, row, pair);
    try {
      const { port } = server.native.listen(row.port, row.ip);
      servers.push(server);
      return port;
    } catch (error) {
      if (left <= 1) return whyOf(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PORT_TRY_MS));
  }
}

/** The errno's name, where the library's text has one. */
function whyOf(error: unknown): string {
  const text = error instanceof Error ? error.message : "";
  return /in use/i.test(text) ? "EADDRINUSE" : (/E[A-Z]{4,}/.exec(text)?.[0] ?? "no socket");
}

async function listenAtAll(tries: number): Promise<QuicTold> {
  const quic = loadQuic();
  if (quic === undefined) return { kind: "no-library" };
  const ports: number[] = [];
  for (const [row, one] of options!.rows.entries()) {
    const port = await listen(quic, one, options!.pair, tries);
    if (typeof port === "string") return { kind: "cannot-listen", row, why: port };
    ports.push(port);
  }
  // What the kernel has chosen stays when we listen anew.
  const rows = options!.rows.map((one, row) => ({ ...one, port: ports[row]! }));
  options = { ...options!, rows };
  return { kind: "listening", ports };
}

function stopServers(): void {
  for (const { spoken } of servers) spoken.closeAll();
  for (const { native } of servers) native.requestShutdown();
  for (const { native } of servers) native.joinWorker();
  servers = [];
}

function tell(told: QuicTold): void {
  process.send!(told);
}

async function obey(order: QuicOrder, socket: Socket | undefined): Promise<void> {
  switch (order.kind) {
    case "start":
      options = order.options;
      admission = new Admission(options.admit);
      tell(await listenAtAll(1));
      break;
    case "worker":
      if (socket !== undefined) channels.add(socket);
      break;
    case "admit":
      admission = new Admission(order.admit);
      // Nothing of an address is left by which who is connected could be judged anew.
      for (const { spoken } of servers) spoken.closeAll();
      break;
    case "certificate":
      stopServers();
      options = { ...options!, pair: order.pair };
      tell(await listenAtAll(PORT_TRIES_MAX));
      break;
    case "end":
      stopServers();
      channels.close();
      process.exit(0);
  }
}

assert(process.send !== undefined, "the QUIC process is another's child");
let last = Promise.resolve();
process.on("message", (order: QuicOrder, socket: Socket | undefined) => {
  last = last.then(() => obey(order, socket));
});
// Who has nobody to answer for has nothing to do.
process.on("disconnect", () => process.exit(0));
