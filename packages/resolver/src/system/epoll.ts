/**
 * One epoll descriptor that stands for many sockets: the event loop polls it, not each of them.
 *
 *   struct epoll_event   | events (4) | data (8) |              12 bytes, x86-64 only
 *                        | events (4) | padding (4) | data (8) | 16 bytes, elsewhere
 *
 * The data of an event is the descriptor that it is about.
 */
import { type Libc, linux } from "./libc.ts";

const isPacked = process.arch === "x64";
const EVENT_BYTES = isPacked ? 12 : 16;
const DATA_AT = isPacked ? 4 : 8;
const EPOLL_CLOEXEC = linux.SOCK_CLOEXEC;

export class Epoll {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #change = new Uint8Array(EVENT_BYTES);
  readonly #changeView = new DataView(this.#change.buffer);
  readonly #events: Uint8Array;
  readonly #eventsView: DataView;
  readonly #batch: number;

  /** An empty set whose `wait` gives `batch` descriptors at most. */
  constructor(libc: Libc, batch: number) {
    this.#libc = libc;
    this.#batch = batch;
    this.#events = new Uint8Array(batch * EVENT_BYTES);
    this.#eventsView = new DataView(this.#events.buffer);
    this.#changeView.setUint32(0, linux.EPOLLIN, true);
    this.fd = libc.epoll_create1(EPOLL_CLOEXEC);
  }

  /** Takes in a descriptor; it leaves by being closed. False where the kernel has no memory. */
  add(fd: number): boolean {
    this.#changeView.setInt32(DATA_AT, fd, true);
    return this.#libc.epoll_ctl(this.fd, linux.EPOLL_CTL_ADD, fd, this.#change) === 0;
  }

  /** How many descriptors can be read now, without waiting; `readable` names them. */
  wait(): number {
    return Math.max(0, this.#libc.epoll_wait(this.fd, this.#events, this.#batch, 0));
  }

  /** The descriptor number `i` of the last `wait`. */
  readable(i: number): number {
    return this.#eventsView.getInt32(i * EVENT_BYTES + DATA_AT, true);
  }
}
