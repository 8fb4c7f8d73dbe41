/**
 * UDP sockets towards servers by plain system calls, all in one epoll descriptor.
 *
 *   open    socket · bind (random port) · connect · send · epoll_ctl
 *   again   send, from a socket that had its answer from the same server a moment ago
 *   reply   event loop polls the epoll descriptor ► epoll_wait ► recvfrom for each of a batch
 *
 * Connected sockets hear their server only, and learn from the kernel that a port is refused.
 * What came between bind and connect may be anybody's: so the sender is compared as well.
 * PERF: system calls are all that costs here: seven for a question to a server that was not asked
 * just now, two for one more to a server that was (idle-sockets.ts).
 */
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { Epoll } from "../system/epoll.ts";
import { type Libc, errno, linux } from "../system/libc.ts";
import type { OpenDescriptors } from "../system/open-descriptors.ts";
import { ReadPoll } from "../system/poll.ts";
import { SOCKADDR_BYTES, writeSockaddr } from "../system/sockaddr.ts";
import type { UpstreamCounters } from "./counters.ts";
import type { Reach } from "./reach.ts";
import { IdleSockets } from "./idle-sockets.ts";
import type { Sources } from "./source.ts";
import { Later, type Time } from "./timers.ts";
import { type UdpListener, type UdpSockets, notOpened } from "./udp-sockets.ts";

const BIND_TRIES_MAX = limits.bindTriesMax.value;
const REPLIES_MAX = limits.repliesPerTurnMax.value;
const BATCH = 64;
/** How often idle sockets are looked at: so one is open hardly longer than it may be used. */
const SWEEP_MS = limits.udpSocketReuseMs.value / 4;
/** A datagram's greatest size; one buffer serves all. */
const DATAGRAM_BYTES = 65536;
const SOCKET_TYPE = linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;

/** What the sockets share with the rest of upstream/. */
export interface KernelParts {
  readonly time: Time;
  readonly libc: Libc;
  readonly sources: Sources;
  readonly reach: Reach;
  readonly counters: UpstreamCounters;
  /** Told of each descriptor, so that a dead worker's can be closed. */
  readonly descriptors: OpenDescriptors;
}

/**
 * Does nothing, in a callback of Node's own: behind it Node runs what promises wait for. The FFI's
 * poll calls back without that, and whoever awaits a reply would wait for the next event.
 */
function drain(): void {}

export class KernelSockets implements UdpSockets {
  readonly #parts: KernelParts;
  readonly #libc: Libc;
  readonly #listener: UdpListener;
  readonly #epoll: Epoll;
  readonly #poll: ReadPoll;
  readonly #idle = new IdleSockets();
  /** Closes what nobody took in time; runs while something is idle. */
  readonly #sweep = new Later(() => this.#closeOld());
  #isSweeping = false;
  /** The server of each open descriptor. */
  readonly #servers: (ServerAddress | undefined)[] = [];
  readonly #own = new Uint8Array(SOCKADDR_BYTES);
  readonly #peer = new Uint8Array(SOCKADDR_BYTES);
  readonly #sender = new Uint8Array(SOCKADDR_BYTES);
  readonly #senderBytes = new Uint32Array(1);
  readonly #senderSize = new Uint8Array(this.#senderBytes.buffer);
  readonly #datagram = new Uint8Array(DATAGRAM_BYTES);

  constructor(parts: KernelParts, listener: UdpListener) {
    this.#parts = parts;
    this.#libc = parts.libc;
    this.#listener = listener;
    this.#epoll = new Epoll(parts.libc, BATCH);
    parts.descriptors.note(this.#epoll.fd);
    this.#poll = new ReadPoll(this.#epoll.fd, () => this.#readOrThrow());
  }

  open(server: ServerAddress, query: Uint8Array): number {
    const known = this.#idle.take(server, this.#parts.time.nowMs());
    if (known < 0) return this.#openNew(server, query);
    if (this.#libc.send(known, query, query.length, 0) >= 0) {
      this.#parts.counters.udpSocketsReused++;
      return known;
    }
    // Whatever it is that stands against it, a socket of its own will hear it too.
    this.close(known);
    return this.#openNew(server, query);
  }

  #openNew(server: ServerAddress, query: Uint8Array): number {
    const fd = this.#socket(server.ip);
    if (fd < 0) return this.#whyNot(this.#libc.errno(), server);
    const failure = this.#send(fd, server, query);
    if (failure !== 0) {
      this.#closeFd(fd);
      return this.#whyNot(failure, server);
    }
    if (!this.#epoll.add(fd)) {
      this.#closeFd(fd);
      return notOpened.exhausted;
    }
    this.#servers[fd] = server;
    this.#idle.opened(fd, server, this.#parts.time.nowMs());
    return fd;
  }

  close(handle: number): void {
    this.#servers[handle] = undefined;
    this.#idle.closed(handle);
    this.#closeFd(handle);
  }

  release(handle: number): void {
    if (!this.#idle.keep(handle, this.#parts.time.nowMs())) {
      this.close(handle);
    } else if (!this.#isSweeping) {
      this.#isSweeping = true;
      this.#parts.time.start(this.#sweep, SWEEP_MS);
    }
  }

  closeAll(): void {
    this.#parts.time.stop(this.#sweep);
    this.#closeOld(Number.POSITIVE_INFINITY);
    this.#poll.stop();
    this.#closeFd(this.#epoll.fd);
  }

  /** Closes what is idle and was opened too long ago. */
  #closeOld(nowMs: number = this.#parts.time.nowMs()): void {
    this.#isSweeping = false;
    this.#idle.expire(nowMs, (handle) => this.close(handle));
    if (this.#idle.size === 0) return;
    this.#isSweeping = true;
    this.#parts.time.start(this.#sweep, SWEEP_MS);
  }

  #socket(ip: Uint8Array): number {
    const family = ip.length === 4 ? linux.AF_INET : linux.AF_INET6;
    let fd = this.#libc.socket(family, SOCKET_TYPE, 0);
    if (fd < 0 && this.#idle.size > 0) {
      this.#closeOld(Number.POSITIVE_INFINITY); // those that are in use come first
      fd = this.#libc.socket(family, SOCKET_TYPE, 0);
    }
    if (fd >= 0) this.#parts.descriptors.note(fd);
    return fd;
  }

  #closeFd(fd: number): void {
    this.#parts.descriptors.forget(fd);
    this.#libc.close(fd);
  }

  /** Binds, connects and sends; zero, or the number of the failure. */
  #send(fd: number, server: ServerAddress, query: Uint8Array): number {
    const failure = this.#bind(fd, server.ip);
    if (failure !== 0) return failure;
    const peerBytes = writeSockaddr(this.#peer, 0, server.ip, server.port);
    if (this.#libc.connect(fd, this.#peer, peerBytes) < 0) return this.#libc.errno();
    if (this.#libc.send(fd, query, query.length, 0) >= 0) return 0;
    const sendFailure = this.#libc.errno();
    // A full queue loses a datagram as the network does: the time-out is for that.
    return sendFailure === errno.EAGAIN || sendFailure === errno.ENOBUFS ? 0 : sendFailure;
  }

  #bind(fd: number, towards: Uint8Array): number {
    const { sources, counters } = this.#parts;
    const ip = sources.ip(towards);
    for (let tries = 0; tries < BIND_TRIES_MAX; tries++) {
      const sizeBytes = writeSockaddr(this.#own, 0, ip, sources.port());
      if (this.#libc.bind(fd, this.#own, sizeBytes) === 0) return 0;
      const failure = this.#libc.errno();
      // EACCES is a port that this machine keeps for its superuser.
      if (failure !== errno.EADDRINUSE && failure !== errno.EACCES) return failure;
      counters.portsTaken++;
    }
    return errno.EADDRINUSE;
  }

  #whyNot(failure: number, server: ServerAddress): number {
    switch (failure) {
      case errno.EMFILE:
      case errno.ENFILE:
      case errno.ENOBUFS:
      case errno.ENOMEM:
      case errno.EADDRINUSE:
        return notOpened.exhausted;
      case errno.ENETUNREACH:
      case errno.EHOSTUNREACH:
      case errno.EADDRNOTAVAIL:
      case errno.EAFNOSUPPORT:
      case errno.EACCES:
        return this.#parts.reach.withoutRoute(server, (other) => this.#isRouted(other)) ===
          "no-route"
          ? notOpened.noRoute
          : notOpened.unreachable;
      default:
        return notOpened.unreachable;
    }
  }

  /** Says whether a socket can be connected to a server; nothing is sent. */
  #isRouted(server: ServerAddress): boolean {
    const fd = this.#socket(server.ip);
    if (fd < 0) return false;
    const peerBytes = writeSockaddr(this.#peer, 0, server.ip, server.port);
    const isRouted =
      this.#bind(fd, server.ip) === 0 && this.#libc.connect(fd, this.#peer, peerBytes) === 0;
    this.#closeFd(fd);
    return isRouted;
  }

  /** What is thrown into the FFI's poll is lost; our own mistakes must not be. */
  #readOrThrow(): void {
    try {
      this.#read();
    } catch (mistake) {
      setImmediate(() => {
        throw mistake;
      });
    }
  }

  /** Reads what has come, a datagram a socket, until nothing is left or the share is read. */
  #read(): void {
    for (let read = 0; read < REPLIES_MAX;) {
      const ready = this.#epoll.wait();
      if (read === 0 && ready > 0) setImmediate(drain);
      for (let i = 0; i < ready; i++) this.#readOne(this.#epoll.readable(i));
      if (ready < BATCH) return;
      read += ready;
    }
  }

  #readOne(fd: number): void {
    const server = this.#servers[fd];
    if (server === undefined) return; // closed by what was read before it in this batch
    if (this.#idle.remove(fd)) {
      // Nobody asked: a copy of the last reply, or somebody who guesses. The port is given up.
      this.#parts.counters.unwanted.late++;
      this.close(fd);
      return;
    }
    this.#senderBytes[0] = SOCKADDR_BYTES;
    const sizeBytes = this.#libc.recvfrom(
      fd,
      this.#datagram,
      DATAGRAM_BYTES,
      0,
      this.#sender,
      this.#senderSize,
    );
    if (sizeBytes < 0) {
      const failure = this.#libc.errno();
      if (failure === errno.EAGAIN || failure === errno.EINTR) return;
      this.#listener.failed(fd, "unreachable");
    } else if (this.#isFrom(server)) {
      this.#listener.received(fd, this.#datagram, sizeBytes);
    } else {
      this.#listener.receivedFromStranger(fd);
    }
  }

  /** Says whether the last datagram came from a server: port and address, the rest may differ. */
  #isFrom(server: ServerAddress): boolean {
    const sender = this.#sender;
    const { ip, port } = server;
    if (sender[2] !== port >>> 8 || sender[3] !== (port & 0xff)) return false;
    const at = ip.length === 4 ? 4 : 8;
    for (let i = 0; i < ip.length; i++) if (sender[at + i] !== ip[i]) return false;
    return true;
  }
}
