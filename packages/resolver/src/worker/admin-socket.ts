/**
 * The operator's socket: a UNIX socket of mode 0600, which the main thread owns.
 *
 * Only the user that the server runs as, and root, are heard: the file's mode says so, and where
 * system calls can be had the kernel is asked for the peer's user.
 */
import { lstatSync, unlinkSync } from "node:fs";
import { type Server, type Socket, connect, createServer } from "node:net";
import { limits } from "../base/limits.ts";
import type { ControlAnswer, ControlOrder } from "../serve/control.ts";
import type { Libc } from "../system/libc.ts";
import { descriptorOf, peerUid } from "../system/peer.ts";
import { type AdminReply, readRequest } from "./admin-request.ts";

const REQUEST_BYTES_MAX = limits.adminRequestBytesMax.value;
const CONNECTIONS_MAX = limits.adminConnectionsMax.value;
const IDLE_MS = limits.adminIdleMs.value;

/** The socket is made with this mask, so that there is no moment at which others may connect. */
const OWNER_ONLY = 0o177;
const ROOT_UID = 0;

export interface AdminOptions {
  readonly path: string;
  /** Asks for the peer's user; the file's mode alone counts where absent. */
  readonly libc: Libc | undefined;
  /** How long a connection may stay without an order, `adminIdleMs` where absent. */
  readonly idleMs?: number;
  readonly workers: number;
  readonly perform: (order: ControlOrder) => Promise<readonly ControlAnswer[]>;
}

export class AdminSocket {
  readonly #options: AdminOptions;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(options: AdminOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Begins to listen; gives an errno's name where that cannot be. */
  static async open(options: AdminOptions): Promise<AdminSocket | string> {
    await removeLeftover(options.path);
    const admin = new AdminSocket(options);
    const why = await admin.#listen();
    return why ?? admin;
  }

  /** Stops listening, drops who is connected, and removes the socket. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  #listen(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "?"));
      const before = process.umask(OWNER_ONLY);
      this.#server.listen({ path: this.#options.path }, () => resolve(undefined));
      process.umask(before);
    });
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(this.#options.idleMs ?? IDLE_MS, () => socket.destroy());
    if (!this.#isOperator(socket)) {
      socket.destroy();
      return;
    }
    let line = "";
    const take = (chunk: Buffer): void => {
      line += chunk.toString("utf8");
      const end = line.indexOf("\n");
      if (end < 0 && line.length <= REQUEST_BYTES_MAX) return;
      socket.off("data", take);
      if (end < 0 || end > REQUEST_BYTES_MAX) reply(socket, { wrong: "the order is too long" });
      else void this.#answer(socket, line.slice(0, end));
    };
    socket.on("data", take);
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const order = readRequest(line);
    if (typeof order === "string") {
      reply(socket, { wrong: order });
      return;
    }
    const { workers, perform } = this.#options;
    reply(socket, { workers, answers: await perform(order) });
  }

  /** Says whether the peer runs as our own user, or as root. */
  #isOperator(socket: Socket): boolean {
    const { libc } = this.#options;
    const fd = descriptorOf(socket);
    if (libc === undefined || fd === undefined) return true;
    const uid = peerUid(libc, fd);
    return uid === ROOT_UID || uid === process.geteuid?.();
  }
}

function reply(socket: Socket, what: AdminReply): void {
  socket.end(`${JSON.stringify(what)}\n`);
}

/** Removes a socket that nobody listens at any more: its server was killed. */
async function removeLeftover(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const isDead = await new Promise((resolve) => {
    const probe = connect({ path });
    probe.on("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
  if (isDead === true) unlinkSync(path);
}
