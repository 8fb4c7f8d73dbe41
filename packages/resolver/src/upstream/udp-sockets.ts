/**
 * What UDP asks need of sockets: one for each question that is under way, on a port of its own,
 * connected to one server.
 */
import type { ServerAddress } from "../base/address.ts";

/** Why no socket was opened; the names of handles are never below zero. */
export const notOpened = {
  /** There is no way to the server's address family from here; nothing was sent. */
  noRoute: -1,
  /** The kernel will not send to this server. */
  unreachable: -2,
  /** No descriptor, memory or port is left; another time there may be. */
  exhausted: -3,
} as const;

/** Who is told what sockets hear. Never called before `open` has returned. */
export interface UdpListener {
  /** A datagram from the server: the first `sizeBytes` bytes of a buffer that is used again. */
  received(handle: number, datagram: Uint8Array, sizeBytes: number): void;
  /** A datagram from somebody else, which the kernel had let through; it was thrown away. */
  receivedFromStranger(handle: number): void;
  /** The server cannot be reached after all. */
  failed(handle: number, why: "unreachable" | "no-route" | "exhausted"): void;
}

export interface UdpSockets {
  /** Sends a query from a socket that no other question uses; its handle, or one of `notOpened`. */
  open(server: ServerAddress, query: Uint8Array): number;
  /** Closes a socket; nothing is told of it any more, and its handle may be given again. */
  close(handle: number): void;
  /**
   * As `close`, where the question was answered and nothing else came: the socket may be used for
   * another question to its server.
   */
  release(handle: number): void;
  /** Closes what holds the sockets together. All of them are closed already. */
  closeAll(): void;
}
