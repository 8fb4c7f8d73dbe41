/**
 * The header that a proxy puts before what it hands on: PROXY protocol, version 2.
 *
 *   | 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a | version, command | family, protocol | length 2 |
 *   | source address | destination address | source port 2 | destination port 2 | TLVs … |
 *
 * "The PROXY protocol", haproxy's doc/proxy-protocol.txt, §2.2. A receiver must not guess whether
 * there is one: from a proxy there always is, from others there never is. What stands in the TLVs
 * is not looked at.
 * PRIVACY: the address goes from the header into the memory of one `Client` and nowhere else.
 */
import { limits } from "../base/limits.ts";
import { linux } from "../system/libc.ts";

const SIGNATURE = Uint8Array.of(
  0x0d,
  0x0a,
  0x0d,
  0x0a,
  0x00,
  0x0d,
  0x0a,
  0x51,
  0x55,
  0x49,
  0x54,
  0x0a,
);
const FIXED_BYTES = 16;
const COMMAND_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;

/** Version 2 with the proxy's own questions, and with somebody's. */
const LOCAL = 0x20;
const PROXY = 0x21;

const V4 = 1;
const V6 = 2;
const STREAM = 1;
const DATAGRAM = 2;

const HEADER_BYTES_MAX = limits.proxyHeaderBytesMax.value;

/** The header is not whole yet: more has to come. */
export const UNFINISHED = 0;
/** No header, or one that says nothing of a client. */
export const MALFORMED = -1;

/**
 * Reads the header at `[at, at + size)`, and writes the client's socket address into `sockaddr`,
 * 28 bytes as `Client` has them; its family is 0 where the proxy asks for itself.
 *
 * Returns the header's size, `UNFINISHED` or `MALFORMED`. PERF: allocates nothing.
 */
export function readProxyHeader(
  bytes: Uint8Array,
  at: number,
  size: number,
  sockaddr: Uint8Array,
): number {
  for (let i = 0; i < SIGNATURE.length && i < size; i++) {
    if (bytes[at + i] !== SIGNATURE[i]) return MALFORMED;
  }
  if (size < FIXED_BYTES) return UNFINISHED;
  const dataBytes = (bytes[at + LENGTH_AT]! << 8) | bytes[at + LENGTH_AT + 1]!;
  const headerBytes = FIXED_BYTES + dataBytes;
  if (headerBytes > HEADER_BYTES_MAX) return MALFORMED;
  if (size < headerBytes) return UNFINISHED;
  const command = bytes[at + COMMAND_AT]!;
  sockaddr.fill(0);
  if (command === LOCAL) return headerBytes;
  if (command !== PROXY) return MALFORMED;
  return readAddress(bytes, at, dataBytes, sockaddr) ? headerBytes : MALFORMED;
}

/** Copies source address and port; a client of neither family is nobody that we could judge. */
function readAddress(
  bytes: Uint8Array,
  at: number,
  dataBytes: number,
  sockaddr: Uint8Array,
): boolean {
  const family = bytes[at + FAMILY_AT]! >>> 4;
  const protocol = bytes[at + FAMILY_AT]! & 0xf;
  if (family !== V4 && family !== V6) return false;
  if (protocol !== STREAM && protocol !== DATAGRAM) return false;
  const ipBytes = family === V4 ? 4 : 16;
  if (dataBytes < 2 * ipBytes + 4) return false;
  const from = at + FIXED_BYTES;
  const isMapped = family === V6 && isV4Mapped(bytes, from);
  if (family === V4) writeAddress(sockaddr, bytes, from, 4);
  else if (isMapped) writeAddress(sockaddr, bytes, from + 12, 4);
  else writeAddress(sockaddr, bytes, from, 16);
  const portAt = from + 2 * ipBytes;
  sockaddr[2] = bytes[portAt]!;
  sockaddr[3] = bytes[portAt + 1]!;
  return true;
}

/** An IPv4 address in the clothes of IPv6 (RFC 4291 §2.5.5.2) is judged as what it is. */
function isV4Mapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function writeAddress(sockaddr: Uint8Array, bytes: Uint8Array, from: number, size: 4 | 16): void {
  sockaddr[isLittleEndian ? 0 : 1] = size === 4 ? linux.AF_INET : linux.AF_INET6;
  const to = size === 4 ? 4 : 8;
  for (let i = 0; i < size; i++) sockaddr[to + i] = bytes[from + i]!;
}

/** Says whether a header told of a client, or the proxy asks for itself. */
export function hasClient(sockaddr: Uint8Array): boolean {
  return sockaddr[0] !== 0 || sockaddr[1] !== 0;
}
