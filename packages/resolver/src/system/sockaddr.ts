/**
 * Socket addresses as the kernel has them: `struct sockaddr_in` and `struct sockaddr_in6`.
 *
 *   sockaddr_in   | family | port | address (4) | zeros (8) |                      16 bytes
 *   sockaddr_in6  | family | port | flow label (4) | address (16) | scope id (4) | 28 bytes
 *
 * The family is in the machine's byte order, port and address in the network's.
 */
import { linux } from "./libc.ts";

/** Room for either kind. */
export const SOCKADDR_BYTES = 28;

const V4_BYTES = 16;
const V4_ADDRESS_AT = 4;
const V6_ADDRESS_AT = 8;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Writes an address at `at` and returns the size of its kind. `ip` has four or sixteen bytes. */
export function writeSockaddr(into: Uint8Array, at: number, ip: Uint8Array, port: number): number {
  const isV4 = ip.length === 4;
  const family = isV4 ? linux.AF_INET : linux.AF_INET6;
  into.fill(0, at, at + SOCKADDR_BYTES);
  into[at + (isLittleEndian ? 0 : 1)] = family;
  into[at + 2] = port >>> 8;
  into[at + 3] = port;
  into.set(ip, at + (isV4 ? V4_ADDRESS_AT : V6_ADDRESS_AT));
  return isV4 ? V4_BYTES : SOCKADDR_BYTES;
}

/** The size of the address that stands at `at`. */
export function sockaddrBytes(from: Uint8Array, at: number): number {
  return from[at + (isLittleEndian ? 0 : 1)] === linux.AF_INET ? V4_BYTES : SOCKADDR_BYTES;
}

/** The port of the address that stands at `at`. */
export function sockaddrPort(from: Uint8Array, at: number): number {
  return (from[at + 2]! << 8) | from[at + 3]!;
}
