/**
 * The miniature Internet on real sockets: loopback addresses in 127.53.0.0/16, one port for all.
 */
import { type Socket as UdpSocket, createSocket } from "node:dgram";
import { type Server, type Socket as TcpSocket, createServer } from "node:net";
import { setU16 } from "@lethe/wire/bytes.ts";
import { assert } from "../src/base/assert.ts";
import type { RootHint } from "../src/recursor/options.ts";
import { rootHintsFromText } from "../src/recursor/root-hints.ts";
import { FrameReader } from "../src/upstream/frame-reader.ts";
import type { Authority, Transport } from "./authority.ts";
import { sandboxTrustAnchors } from "./sandbox-signing.ts";
import { sandboxAuthorities, sandboxRootHints } from "./sandbox-zones.ts";

export interface SandboxOptions {
  /** The port of all servers; 0 for one that is free at all addresses. */
  readonly port: number;
}

export interface Sandbox {
  readonly kind: "sandbox";
  readonly port: number;
  /** The root hints as a master file, for any resolver. */
  readonly hintsText: string;
  readonly rootHints: readonly RootHint[];
  /** The DS record of the signed root, as a master file. */
  readonly trustAnchors: string;
  stop(): Promise<void>;
}

/** An address that could not be had, in a plain line. */
export interface SandboxProblem {
  readonly kind: "sandbox-problem";
  readonly line: string;
}

/** A port that is free at one address may be taken at another: this many are tried for port 0. */
const PORTS_TRIED = 10;
const TCP_IDLE_MS = 10_000;

/** Starts all servers; resolves once every one of them answers. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox | SandboxProblem> {
  const authorities = sandboxAuthorities(Math.floor(Date.now() / 1000));
  for (let left = options.port === 0 ? PORTS_TRIED : 1; ; left--) {
    const running = await open(authorities, options.port);
    if (!("kind" in running)) return sandboxAt(running.port, () => close(running.hosts));
    if (left <= 1) return running;
  }
}

/** The sandbox that runs at a port, wherever its sockets are. */
export function sandboxAt(port: number, stop: () => Promise<void>): Sandbox {
  const hintsText = sandboxRootHints();
  const rootHints = rootHintsFromText(hintsText);
  assert(!("kind" in rootHints), "the sandbox's hints are a zone file");
  return { kind: "sandbox", port, hintsText, rootHints, trustAnchors: sandboxTrustAnchors(), stop };
}

/** The sockets of one address. */
interface Host {
  readonly udp: UdpSocket;
  readonly tcp: Server;
  readonly streams: Set<TcpSocket>;
}

interface Running {
  readonly port: number;
  readonly hosts: readonly Host[];
}

async function open(
  authorities: ReadonlyMap<string, Authority>,
  wantedPort: number,
): Promise<Running | SandboxProblem> {
  const hosts: Host[] = [];
  let port = wantedPort;
  for (const [ip, authority] of authorities) {
    const host = newHost(authority);
    hosts.push(host);
    let why = await bound(host.udp, () => host.udp.bind(port, ip));
    if (why === undefined) {
      port = host.udp.address().port;
      why = await bound(host.tcp, () => host.tcp.listen(port, ip));
    }
    if (why !== undefined) {
      await close(hosts);
      return { kind: "sandbox-problem", line: `${ip}:${port}: ${reasonOf(why)}` };
    }
  }
  return { port, hosts };
}

function reasonOf(code: string): string {
  if (code === "EADDRINUSE") return "already in use; choose another port with --port";
  if (code === "EACCES") return "not allowed; choose a port above 1023 with --port";
  if (code === "EADDRNOTAVAIL") return "this machine has no such loopback address";
  return code;
}

/** Waits until a socket is bound; gives the system's code for why it is not. */
function bound(socket: UdpSocket | Server, bind: () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("listening", () => resolve(undefined));
    bind();
  });
}

function newHost(authority: Authority): Host {
  const udp = createSocket("udp4");
  udp.on("error", () => {}); // of one datagram; `bound` tells why a socket has no address
  udp.on("message", (query, { port, address }) => {
    answer(authority, query, "udp", (reply) => {
      udp.send(reply, port, address, () => {}); // a client that has gone is no concern of ours
    });
  });
  const streams = new Set<TcpSocket>();
  const tcp = createServer((stream) => {
    streams.add(stream);
    stream.setTimeout(TCP_IDLE_MS, () => stream.destroy());
    stream.on("error", () => stream.destroy());
    stream.on("close", () => streams.delete(stream));
    const frames = new FrameReader((query) => {
      answer(authority, query, "tcp", (reply) => {
        if (stream.writable) stream.write(framed(reply));
      });
    });
    stream.on("data", (chunk: Buffer) => frames.read(chunk));
  });
  return { udp, tcp, streams };
}

function answer(
  authority: Authority,
  query: Uint8Array,
  transport: Transport,
  send: (reply: Uint8Array) => void,
): void {
  const { delayMs, messages } = authority.reply(query, transport);
  const sendAll = (): void => {
    for (const message of messages) send(message);
  };
  if (delayMs === 0) sendAll();
  else setTimeout(sendAll, delayMs).unref();
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + message.length);
  setU16(frame, 0, message.length);
  frame.set(message, 2);
  return frame;
}

async function close(hosts: readonly Host[]): Promise<void> {
  await Promise.all(
    hosts.map(async ({ udp, tcp, streams }) => {
      for (const stream of streams) stream.destroy();
      await Promise.all([
        new Promise<void>((resolve) => {
          try {
            udp.close(resolve);
          } catch {
            resolve(); // it was never bound
          }
        }),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    }),
  );
}
