/**
 * Sockets whose question was answered, kept for the next question to the same server.
 *
 *   open ──► asks ──reply──► idle ──► asks ──► idle ──► … ──► closed: used up, or too old
 *
 * A socket never asks two servers and never two questions at once, so that no server learns the
 * port of a question to another, and what is under way at one time has as many ports. How long a
 * port is open is bounded as well: docs/decisions/0038 has the comparison with one a question.
 */
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { isSameServer } from "./match.ts";

const USES_MAX = limits.udpSocketUsesMax.value;
const REUSE_MS = limits.udpSocketReuseMs.value;
const IDLE_MAX = limits.udpSocketsIdleMax.value;

/** One socket that may be used again. Made once a socket, not once a question. */
interface Lease {
  readonly handle: number;
  readonly server: ServerAddress;
  readonly openedMs: number;
  uses: number;
}

export class IdleSockets {
  /** Every socket that was opened and is not closed yet, by its handle. */
  readonly #leases: (Lease | undefined)[] = [];
  /** What is idle, by a number for the server; the youngest last. */
  readonly #idle = new Map<number, Lease[]>();
  #size = 0;

  /** How many are idle. */
  get size(): number {
    return this.#size;
  }

  /** Notes a socket that was opened and has asked its first question. */
  opened(handle: number, server: ServerAddress, nowMs: number): void {
    this.#leases[handle] = { handle, server, openedMs: nowMs, uses: 1 };
  }

  /** Forgets a socket that is closed; it is not idle. */
  closed(handle: number): void {
    this.#leases[handle] = undefined;
  }

  /** Takes the youngest idle socket of a server; its handle, or -1 where there is none. */
  take(server: ServerAddress, nowMs: number): number {
    if (this.#size === 0) return -1;
    const row = this.#idle.get(rowOf(server));
    const lease = row?.at(-1);
    if (lease === undefined || isOld(lease, nowMs) || !isSameServer(lease.server, server))
      return -1;
    row!.pop();
    this.#size--;
    lease.uses++;
    return lease.handle;
  }

  /** Keeps a socket whose question was answered; false where it is to be closed. */
  keep(handle: number, nowMs: number): boolean {
    const lease = this.#leases[handle];
    if (lease === undefined || lease.uses >= USES_MAX || isOld(lease, nowMs)) return false;
    if (this.#size >= IDLE_MAX) return false;
    const key = rowOf(lease.server);
    const row = this.#idle.get(key);
    if (row === undefined) this.#idle.set(key, [lease]);
    else row.push(lease);
    this.#size++;
    return true;
  }

  /** Says whether a socket is idle, which it is not any more then. */
  remove(handle: number): boolean {
    const lease = this.#leases[handle];
    if (lease === undefined || this.#size === 0) return false;
    const row = this.#idle.get(rowOf(lease.server));
    const at = row?.indexOf(lease) ?? -1;
    if (at < 0) return false;
    row!.splice(at, 1);
    this.#size--;
    return true;
  }

  /** Gives what has been open for too long to `close`; everything idle where `nowMs` is endless. */
  expire(nowMs: number, close: (handle: number) => void): void {
    for (const [key, row] of this.#idle) {
      const young = row.filter((lease) => !isOld(lease, nowMs));
      for (const lease of row) if (isOld(lease, nowMs)) close(lease.handle);
      this.#size -= row.length - young.length;
      if (young.length === 0) this.#idle.delete(key);
      else this.#idle.set(key, young);
    }
  }
}

function isOld(lease: Lease, nowMs: number): boolean {
  return nowMs - lease.openedMs >= REUSE_MS;
}

/** Where the sockets of a server stand; two servers may share a row. */
function rowOf({ ip, port }: ServerAddress): number {
  let key = port;
  for (let i = 0; i < ip.length; i++) key = (Math.imul(key, 31) + ip[i]!) | 0;
  return key;
}
