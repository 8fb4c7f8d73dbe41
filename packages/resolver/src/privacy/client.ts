/**
 * A `Client` is whoever sent a question, in the only form that exists after the socket.
 *
 * It can be replied to by its transport, mapped to a view, and its network counted; nothing else.
 * It cannot be printed, put in a template string or made into JSON: each of these throws. A copy,
 * or what arrives in another thread, is empty: the address is private to the object.
 * PRIVACY: the address never leaves this file; what answers a client is its transport's memory.
 */
import { assert } from "../base/assert.ts";
import type { SipHash } from "../base/siphash.ts";
import type { NetworkTable } from "./networks.ts";

/** Bytes of the largest socket address that we keep: `struct sockaddr_in6`. */
const SOCKADDR_BYTES = 28;

/** Where the address stands in a socket address, and what of it names a network: /24, /56. */
const V4_AT = 4;
const V6_AT = 8;
const V4_NETWORK_BYTES = 3;
const V6_NETWORK_BYTES = 7;

/** `sa_family` of `struct sockaddr_in` and `struct sockaddr_in6` on Linux. */
const AF_INET = 2;
const AF_INET6 = 10;

/** Bytes that an address may be hashed with, and where the two are put together. */
const HASHED_BYTES_MAX = 16;
const hashed = new Uint8Array(HASHED_BYTES_MAX + 16);

const refuse = (): never => {
  throw new TypeError("a Client cannot be printed or copied out");
};

export class Client {
  /** A window on a `struct sockaddr_in` or `sockaddr_in6` that its transport owns. */
  readonly #sockaddr: Uint8Array;
  #admittedView: number | undefined;

  /** `sockaddr` is a window of 28 bytes: the family in the machine's byte order, the rest not. */
  constructor(sockaddr: Uint8Array) {
    assert(sockaddr.length === SOCKADDR_BYTES, "a socket address window has its fixed size");
    this.#sockaddr = sockaddr;
  }

  /** A client known by its address and port, as stream sockets tell them. */
  static at(ip: Uint8Array, port: number): Client {
    const sockaddr = new Uint8Array(SOCKADDR_BYTES);
    new Uint16Array(sockaddr.buffer, 0, 1)[0] = ip.length === 4 ? AF_INET : AF_INET6;
    sockaddr[2] = port >>> 8;
    sockaddr[3] = port;
    sockaddr.set(ip, ip.length === 4 ? V4_AT : V6_AT);
    return new Client(sockaddr);
  }

  /**
   * A client that another process has admitted: its view is known here, and nothing else of it.
   *
   * Its address counts as `::`: only what is open to everybody is open to it by another table, and
   * all such clients share what one network may have.
   */
  static ofView(view: number): Client {
    const client = new Client(new Uint8Array(SOCKADDR_BYTES));
    client.#admittedView = view;
    return client;
  }

  /** The view that another process has found for it; undefined where its address is known here. */
  get admittedView(): number | undefined {
    return this.#admittedView;
  }

  /** The small number that access rules are chosen by. PERF: allocates nothing. */
  viewIn(networks: NetworkTable): number {
    const isV4 = this.#isV4();
    return networks.lookup(this.#sockaddr, isV4 ? V4_AT : V6_AT, isV4 ? 4 : 16);
  }

  /** Hashes the client's network, so that it can be counted. PERF: allocates nothing. */
  hashNetwork(hash: SipHash): void {
    if (this.#isV4()) hash.hashWith(this.#sockaddr, V4_AT, V4_NETWORK_BYTES, AF_INET, 0);
    else hash.hashWith(this.#sockaddr, V6_AT, V6_NETWORK_BYTES, AF_INET6, 0);
  }

  /**
   * Hashes the first `size` bytes with the client's address behind them (RFC 9018 §4.4).
   * PERF: allocates nothing. PRIVACY: the address is wiped from where it was put together.
   */
  hashWithAddress(hash: SipHash, bytes: Uint8Array, size: number): void {
    assert(size <= HASHED_BYTES_MAX, "what is hashed with an address is short");
    const from = this.#isV4() ? V4_AT : V6_AT;
    const addressBytes = this.#isV4() ? 4 : 16;
    for (let i = 0; i < size; i++) hashed[i] = bytes[i]!;
    for (let i = 0; i < addressBytes; i++) hashed[size + i] = this.#sockaddr[from + i]!;
    hash.hash(hashed, 0, size + addressBytes);
    hashed.fill(0);
  }

  #isV4(): boolean {
    return this.#sockaddr[0] === AF_INET || this.#sockaddr[1] === AF_INET;
  }

  toString(): never {
    return refuse();
  }
  toJSON(): never {
    return refuse();
  }
  [Symbol.toPrimitive](): never {
    return refuse();
  }
  [Symbol.for("nodejs.util.inspect.custom")](): never {
    return refuse();
  }
}
