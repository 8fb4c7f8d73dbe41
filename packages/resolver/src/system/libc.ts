/**
 * The system calls that Node has no name for, over raw descriptors, through the FFI.
 *
 * Linux only. Every call returns what the kernel returns; below zero means failure, and `errno()`
 * then says which. Pointers are typed arrays that the caller keeps alive for the call.
 * PERF: a call costs about 0.15 µs beyond the system call itself and allocates nothing.
 */
import koffi from "koffi";

/** The calls, bound once in each thread. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, size: number): number;
  connect(fd: number, address: Uint8Array, size: number): number;
  listen(fd: number, backlog: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, size: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, size: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array, size: Uint8Array): number;
  recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  send(fd: number, bytes: Uint8Array, size: number, flags: number): number;
  recv(fd: number, bytes: Uint8Array, size: number, flags: number): number;
  /** `address` and `addressSize` are filled with the sender's; the latter holds the room first. */
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    size: number,
    flags: number,
    address: Uint8Array,
    addressSize: Uint8Array,
  ): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Uint8Array): number;
  epoll_wait(epoll: number, events: Uint8Array, count: number, timeoutMs: number): number;
  dup(fd: number): number;
  /** `pair` takes two descriptors, 32 bits each. */
  socketpair(domain: number, type: number, protocol: number, pair: Uint8Array): number;
  flock(fd: number, operation: number): number;
  close(fd: number): number;
  errno(): number;
}

/** Numbers of the Linux interface that the rooms above need, as its headers name them. */
export const linux = {
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  MSG_DONTWAIT: 0x40,
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_IPV6: 41,
  SO_REUSEADDR: 2,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_REUSEPORT: 15,
  SO_PEERCRED: 17,
  IP_PKTINFO: 8,
  IP_MTU_DISCOVER: 10,
  IP_FREEBIND: 15,
  IP_PMTUDISC_OMIT: 5,
  IPV6_MTU_DISCOVER: 23,
  IPV6_V6ONLY: 26,
  IPV6_RECVPKTINFO: 49,
  IPV6_PKTINFO: 50,
  IPV6_FREEBIND: 78,
  EPOLLIN: 1,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
} as const;

/** Failures that the rooms above tell apart; the numbers are those of every Linux platform here. */
export const errno = {
  EPERM: 1,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EMFILE: 24,
  ENFILE: 23,
  EMSGSIZE: 90,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
} as const;

let loaded: Libc | undefined;
let isTried = false;

/** The system calls, or undefined where the FFI does not load or the platform is another. */
export function libc(): Libc | undefined {
  if (isTried) return loaded;
  isTried = true;
  if (process.platform !== "linux") return undefined;
  try {
    loaded = bindAll();
  } catch {
    loaded = undefined; // another C library, or no prebuilt FFI: the callers fall back
  }
  return loaded;
}

function bindAll(): Libc {
  const library = koffi.load("libc.so.6");
  const bound = (prototype: string): never => library.func(prototype) as never;
  return {
    socket: bound("int socket(int, int, int)"),
    bind: bound("int bind(int, void *, int)"),
    connect: bound("int connect(int, void *, int)"),
    listen: bound("int listen(int, int)"),
    setsockopt: bound("int setsockopt(int, int, int, void *, int)"),
    getsockopt: bound("int getsockopt(int, int, int, void *, void *)"),
    getsockname: bound("int getsockname(int, void *, void *)"),
    recvmmsg: bound("int recvmmsg(int, void *, uint, int, void *)"),
    sendmmsg: bound("int sendmmsg(int, void *, uint, int)"),
    send: bound("int send(int, void *, size_t, int)"),
    recv: bound("int recv(int, void *, size_t, int)"),
    recvfrom: bound("int recvfrom(int, void *, size_t, int, void *, void *)"),
    epoll_create1: bound("int epoll_create1(int)"),
    epoll_ctl: bound("int epoll_ctl(int, int, int, void *)"),
    epoll_wait: bound("int epoll_wait(int, void *, int, int)"),
    dup: bound("int dup(int)"),
    socketpair: bound("int socketpair(int, int, int, void *)"),
    flock: bound("int flock(int, int)"),
    close: bound("int close(int)"),
    errno: () => koffi.errno(),
  };
}

/** The name of a failure, for a line that people read: `EADDRINUSE`, or `errno 42`. */
export function errnoName(code: number): string {
  const found = Object.entries(errno).find(([, value]) => value === code);
  return found?.[0] ?? `errno ${code}`;
}
