/** Headers of the PROXY protocol, version 2, for tests of who reads them. */
import { ipFromText } from "../src/base/address.ts";
import { assert } from "../src/base/assert.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** What a header says; without more it is a client's of IPv4, over UDP. */
export interface Header {
  readonly from?: string;
  readonly port?: number;
  readonly command?: number;
  /** Family and protocol, as the byte has them; that of `from`, over UDP, where absent. */
  readonly family?: number;
  /** Bytes behind the addresses. */
  readonly tlvs?: number;
  /** The length field, where it is not to be true. */
  readonly length?: number;
}

/** A header as bytes. */
export function proxyHeader(header: Header = {}): Uint8Array {
  const { from = "192.0.2.1", port = 4321, command = 0x21, tlvs = 0 } = header;
  const ip = ipFromText(from);
  assert(ip !== undefined, "tests write addresses");
  const to = new Uint8Array(ip.length).fill(9);
  const data = Uint8Array.of(...ip, ...to, port >>> 8, port & 0xff, 0, 53, ...new Uint8Array(tlvs));
  const family = header.family ?? (ip.length === 4 ? 0x12 : 0x22);
  const length = header.length ?? data.length;
  const fixed = [command, family, length >>> 8, length & 0xff];
  return Uint8Array.of(...new TextEncoder().encode(SIGNATURE), ...fixed, ...data);
}
