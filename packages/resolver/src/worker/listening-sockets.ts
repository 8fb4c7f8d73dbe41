/** The listening sockets of all workers, which the main thread opens and owns. */
import { limits } from "../base/limits.ts";
import type { Libc } from "../system/libc.ts";
import { type NoSocket, isWildcard, openListener, whyTaken } from "../system/sockets.ts";
import type { CannotListen, ListenRow, Spoken, WorkerListener } from "./options.ts";

const PORT_TRIES_MAX = limits.portTriesMax.value;

/** Listening sockets that the main thread owns. */
type OwnSockets = Exclude<WorkerListener, { kind: "address" }>;

export interface OpenSockets {
  /** The rows as they are listened at, with the ports that the kernel chose. */
  readonly listen: readonly ListenRow[];
  /** For each worker its own sockets, one of each row. */
  readonly ofWorkers: readonly (readonly OwnSockets[])[];
}

/** Opens every row for every worker; leaves none open where one cannot be. */
export function openAll(
  libc: Libc,
  rows: readonly ListenRow[],
  workers: number,
): OpenSockets | CannotListen {
  // Looked at first: our own sockets share their ports, also where two rows overlap.
  for (const [row, { ip, port, spoken }] of rows.entries()) {
    const why = port === 0 ? undefined : whyTaken(libc, transportOf(spoken), ip, port, false);
    if (why !== undefined) return { kind: "cannot-listen", row, why };
  }
  const ofWorkers: OwnSockets[][] = Array.from({ length: workers }, () => []);
  const listen: ListenRow[] = [];
  for (const [row, wanted] of rows.entries()) {
    const opened = openRow(libc, wanted, workers);
    if ("kind" in opened) {
      closeAll(libc, ofWorkers.flat());
      return { kind: "cannot-listen", row, why: opened.why };
    }
    for (const [i, listener] of opened.listeners.entries()) ofWorkers[i]!.push(listener);
    listen.push({ ...wanted, port: opened.port });
  }
  return { listen, ofWorkers };
}

/** The transport whose port tells whether another server has it: DNS has both, and UDP first. */
function transportOf(spoken: Spoken): "udp" | "tcp" {
  return spoken === "dns" ? "udp" : "tcp";
}

/** Closes what the main thread owns of these. */
export function closeAll(libc: Libc | undefined, listeners: readonly WorkerListener[]): void {
  for (const listener of listeners) {
    if (listener.kind === "address") continue;
    libc?.close(listener.tcpFd);
    if (listener.kind === "dns") libc?.close(listener.udpFd);
  }
}

interface OpenRow {
  readonly listeners: readonly OwnSockets[];
  readonly port: number;
}

/**
 * Opens the sockets of one row for every worker.
 *
 * Where the kernel may choose the port it chooses one for UDP, which may be taken for TCP: then it
 * chooses again.
 */
function openRow(libc: Libc, row: ListenRow, workers: number): OpenRow | NoSocket {
  for (let tries = 1; ; tries++) {
    const opened = openRowAt(libc, row, workers);
    if (row.port !== 0 || !("kind" in opened) || tries >= PORT_TRIES_MAX) return opened;
  }
}

function openRowAt(libc: Libc, row: ListenRow, workers: number): OpenRow | NoSocket {
  const listeners: OwnSockets[] = [];
  let { port } = row;
  for (let i = 0; i < workers; i++) {
    const own = openOwn(libc, { ...row, port });
    if ("why" in own) {
      closeAll(libc, listeners);
      return own;
    }
    port = own.port;
    listeners.push(own.listener);
  }
  return { listeners, port };
}

/** Opens the sockets of one row for one worker. */
function openOwn(
  libc: Libc,
  { ip, port, spoken }: ListenRow,
): { readonly listener: OwnSockets; readonly port: number } | NoSocket {
  if (spoken !== "dns") {
    const tcp = openListener(libc, "tcp", ip, port);
    if (tcp.kind === "no-socket") return tcp;
    return { listener: { kind: "encrypted", spoken, tcpFd: tcp.fd }, port: tcp.port };
  }
  const udp = openListener(libc, "udp", ip, port);
  if (udp.kind === "no-socket") return udp;
  const tcp = openListener(libc, "tcp", ip, udp.port);
  if (tcp.kind === "no-socket") {
    libc.close(udp.fd);
    return tcp;
  }
  const listener = {
    kind: "dns",
    udpFd: udp.fd,
    tcpFd: tcp.fd,
    isWildcard: isWildcard(ip),
  } as const;
  return { listener, port: udp.port };
}
