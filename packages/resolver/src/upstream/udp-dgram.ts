/**
 * UDP sockets towards servers through `node:dgram`, for where the FFI does not load.
 *
 * The same as udp-kernel.ts keeps, in steps that Node makes one after the other: bind to a random
 * port, connect, send. PERF: several times the cost of plain system calls.
 */
import { type Socket, createSocket } from "node:dgram";
import { type ServerAddress, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { UpstreamCounters } from "./counters.ts";
import type { Reach } from "./reach.ts";
import type { Sources } from "./source.ts";
import type { UdpListener, UdpSockets } from "./udp-sockets.ts";

const BIND_TRIES_MAX = limits.bindTriesMax.value;

/** What the sockets share with the rest of upstream/. */
export interface DgramParts {
  readonly sources: Sources;
  readonly reach: Reach;
  readonly counters: UpstreamCounters;
}

/** One question's socket; another takes its place while ports turn out to be taken. */
interface Opening {
  readonly handle: number;
  readonly server: ServerAddress;
  readonly query: Uint8Array;
  socket: Socket | undefined;
  tries: number;
}

export class DgramSockets implements UdpSockets {
  readonly #parts: DgramParts;
  readonly #listener: UdpListener;
  readonly #openings: (Opening | undefined)[] = [];
  readonly #freeHandles: number[] = [];

  constructor(parts: DgramParts, listener: UdpListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  open(server: ServerAddress, query: Uint8Array): number {
    const handle = this.#freeHandles.pop() ?? this.#openings.length;
    const opening: Opening = { handle, server, query, socket: undefined, tries: 0 };
    this.#openings[handle] = opening;
    this.#bind(opening);
    return handle;
  }

  close(handle: number): void {
    this.#openings[handle]?.socket?.close();
    this.#openings[handle] = undefined;
    this.#freeHandles.push(handle);
  }

  release(handle: number): void {
    this.close(handle);
  }

  closeAll(): void {}

  /** Says whether a callback is about the socket that the handle stands for now. */
  #isCurrent(opening: Opening, socket: Socket): boolean {
    return this.#openings[opening.handle] === opening && opening.socket === socket;
  }

  #bind(opening: Opening): void {
    const { server } = opening;
    const { sources } = this.#parts;
    const socket = createSocket(server.ip.length === 4 ? "udp4" : "udp6");
    opening.socket = socket;
    opening.tries++;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#isCurrent(opening, socket)) this.#fail(opening, error.code);
    });
    const address = ipToText(sources.ip(server.ip));
    socket.bind({ port: sources.port(), address, exclusive: true }, () => {
      if (this.#isCurrent(opening, socket)) this.#connect(opening, socket);
    });
  }

  #connect(opening: Opening, socket: Socket): void {
    const { handle, server, query } = opening;
    const serverIp = ipToText(server.ip);
    socket.on("message", (datagram, sender) => {
      if (!this.#isCurrent(opening, socket)) return;
      if (sender.port === server.port && sender.address === serverIp) {
        this.#listener.received(handle, datagram, datagram.length);
      } else {
        this.#listener.receivedFromStranger(handle);
      }
    });
    socket.connect(server.port, serverIp, (error?: Error) => {
      if (!this.#isCurrent(opening, socket)) return;
      if (error !== undefined) this.#unroutable(opening, (error as NodeJS.ErrnoException).code);
      else socket.send(query);
    });
  }

  #fail(opening: Opening, code: string | undefined): void {
    const { counters } = this.#parts;
    switch (code) {
      case "EADDRINUSE":
      case "EACCES":
        if (opening.tries >= BIND_TRIES_MAX) break;
        counters.portsTaken++;
        opening.socket?.close();
        this.#bind(opening);
        return;
      case "EMFILE":
      case "ENFILE":
      case "ENOBUFS":
      case "ENOMEM":
        break;
      default:
        this.#unroutable(opening, code);
        return;
    }
    this.#listener.failed(opening.handle, "exhausted");
  }

  #unroutable(opening: Opening, code: string | undefined): void {
    const isRouteMissing =
      code === "ENETUNREACH" ||
      code === "EHOSTUNREACH" ||
      code === "EADDRNOTAVAIL" ||
      code === "EAFNOSUPPORT" ||
      code === "EACCES";
    const why = isRouteMissing ? this.#parts.reach.withoutRoute(opening.server) : "unreachable";
    this.#listener.failed(opening.handle, why);
  }
}
