/**
 * Sockets that listen, as raw descriptors: opened by one thread, served by another.
 *
 * Each is non-blocking, closed on exec and shares its port (SO_REUSEPORT), so that each worker has
 * a socket of its own and the kernel spreads clients over them. Addresses need not be up yet
 * (IP_FREEBIND), IPv6 sockets take no IPv4 clients, and answers are sent without regard to path
 * MTU messages, which can be forged (draft-ietf-dnsop-avoid-fragmentation).
 */
import { limits } from "../base/limits.ts";
import { type Libc, errnoName, linux } from "./libc.ts";
import { SOCKADDR_BYTES, sockaddrPort, writeSockaddr } from "./sockaddr.ts";

const BACKLOG = limits.connectionsWaitingMax.value;
const BUFFER_BYTES = limits.socketBufferBytes.value;

/** Why there is no socket: the call that failed and the name of its errno. */
export interface NoSocket {
  readonly kind: "no-socket";
  readonly why: string;
}

export interface OpenSocket {
  readonly kind: "socket";
  readonly fd: number;
  /** The port that it got: another than asked where that was 0. */
  readonly port: number;
}

export type Transport = "udp" | "tcp";

/** Opens a socket that listens at `ip` and `port`; port 0 lets the kernel choose. */
export function openListener(
  libc: Libc,
  transport: Transport,
  ip: Uint8Array,
  port: number,
): OpenSocket | NoSocket {
  const isV4 = ip.length === 4;
  const type = transport === "udp" ? linux.SOCK_DGRAM : linux.SOCK_STREAM;
  const domain = isV4 ? linux.AF_INET : linux.AF_INET6;
  const fd = libc.socket(domain, type | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(libc, "socket");
  for (const [level, name, value] of optionsOf(transport, isV4, isWildcard(ip))) {
    setOption(libc, fd, level, name, value);
  }
  const address = new Uint8Array(SOCKADDR_BYTES);
  const size = writeSockaddr(address, 0, ip, port);
  if (libc.bind(fd, address, size) < 0) return closed(libc, fd, "bind");
  if (transport === "tcp" && libc.listen(fd, BACKLOG) < 0) return closed(libc, fd, "listen");
  const sizeWord = new Uint8Array(Int32Array.of(SOCKADDR_BYTES).buffer);
  if (libc.getsockname(fd, address, sizeWord) < 0) return closed(libc, fd, "getsockname");
  return { kind: "socket", fd, port: sockaddrPort(address, 0) };
}

/**
 * Says why a socket of its own cannot be bound to `ip` and `port`; nothing where it can.
 *
 * A port that another server shares (SO_REUSEPORT) is not free: the kernel would give each of the
 * two a part of the clients. `mustBeUp`: the address must be one of this machine's now.
 */
export function whyTaken(
  libc: Libc,
  transport: Transport,
  ip: Uint8Array,
  port: number,
  mustBeUp: boolean,
): string | undefined {
  const isV4 = ip.length === 4;
  const domain = isV4 ? linux.AF_INET : linux.AF_INET6;
  const type = transport === "udp" ? linux.SOCK_DGRAM : linux.SOCK_STREAM;
  const fd = libc.socket(domain, type | linux.SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(libc, "socket").why;
  for (const [level, name, value] of addressOptions(isV4, !mustBeUp)) {
    setOption(libc, fd, level, name, value);
  }
  // Connections of a server that is gone do not keep its port; one that listens does.
  if (transport === "tcp") setOption(libc, fd, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1);
  const address = new Uint8Array(SOCKADDR_BYTES);
  const size = writeSockaddr(address, 0, ip, port);
  const why = libc.bind(fd, address, size) < 0 ? failure(libc, "bind").why : undefined;
  libc.close(fd);
  return why;
}

/** Says whether an address stands for all addresses of this machine. */
export function isWildcard(ip: Uint8Array): boolean {
  return ip.every((byte) => byte === 0);
}

type Option = readonly [level: number, name: number, value: number];

/** The options of a listening socket. One that a kernel does not know changes nothing needed. */
function optionsOf(transport: Transport, isV4: boolean, wildcard: boolean): Option[] {
  const options: Option[] = [
    [linux.SOL_SOCKET, linux.SO_REUSEPORT, 1],
    ...addressOptions(isV4, true),
  ];
  if (transport === "tcp") {
    options.push([linux.SOL_SOCKET, linux.SO_REUSEADDR, 1]);
    return options;
  }
  options.push([linux.SOL_SOCKET, linux.SO_RCVBUF, BUFFER_BYTES]);
  options.push([linux.SOL_SOCKET, linux.SO_SNDBUF, BUFFER_BYTES]);
  if (isV4) {
    options.push([linux.SOL_IP, linux.IP_MTU_DISCOVER, linux.IP_PMTUDISC_OMIT]);
    if (wildcard) options.push([linux.SOL_IP, linux.IP_PKTINFO, 1]);
  } else {
    options.push([linux.SOL_IPV6, linux.IPV6_MTU_DISCOVER, linux.IP_PMTUDISC_OMIT]);
    if (wildcard) options.push([linux.SOL_IPV6, linux.IPV6_RECVPKTINFO, 1]);
  }
  return options;
}

/** What an address means: IPv6 alone, and, where `mayBeDown`, one that may come up later. */
function addressOptions(isV4: boolean, mayBeDown: boolean): Option[] {
  const options: Option[] = isV4 ? [] : [[linux.SOL_IPV6, linux.IPV6_V6ONLY, 1]];
  if (!mayBeDown) return options;
  const option: Option = isV4
    ? [linux.SOL_IP, linux.IP_FREEBIND, 1]
    : [linux.SOL_IPV6, linux.IPV6_FREEBIND, 1];
  return [...options, option];
}

function setOption(libc: Libc, fd: number, level: number, name: number, value: number): void {
  const word = new Uint8Array(Int32Array.of(value).buffer);
  libc.setsockopt(fd, level, name, word, word.length);
}

function failure(libc: Libc, call: string): NoSocket {
  return { kind: "no-socket", why: `${call}: ${errnoName(libc.errno())}` };
}

function closed(libc: Libc, fd: number, call: string): NoSocket {
  const result = failure(libc, call);
  libc.close(fd);
  return result;
}
