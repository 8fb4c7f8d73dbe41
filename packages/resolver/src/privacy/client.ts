/**
 * A `Client` is whoever sent a question, in the only form that exists after the socket.
 *
 * It can be replied to and mapped to a view; nothing else. It cannot be printed, put in a
 * template string, made into JSON or sent to another thread: each of these throws.
 * PRIVACY: the address never leaves this file but into a socket address that answers it.
 */
import { assert } from "../base/assert.ts";
import type { NetworkTable } from "./networks.ts";

/** Bytes of the largest socket address that we keep: `struct sockaddr_in6`. */
const SOCKADDR_BYTES = 28;

/** `sa_family` of `struct sockaddr_in` and `struct sockaddr_in6` on Linux. */
const AF_INET = 2;
const AF_INET6 = 10;

const refuse = (): never => {
  throw new TypeError("a Client cannot be printed or copied out");
};

export class Client {
  /** A window on a `struct sockaddr_in` or `sockaddr_in6` that its transport owns. */
  readonly #sockaddr: Uint8Array;

  /**
   * `sockaddr` is a window of `SOCKADDR_BYTES` in native byte order, port and address in network
   * order.
   */
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
    sockaddr.set(ip, ip.length === 4 ? 4 : 8);
    return new Client(sockaddr);
  }

  /** The small number that access rules are chosen by. PERF: allocates nothing. */
  viewIn(networks: NetworkTable): number {
    const isV4 = this.#sockaddr[0] === AF_INET || this.#sockaddr[1] === AF_INET;
    return networks.lookup(this.#sockaddr, isV4 ? 4 : 8, isV4 ? 4 : 16);
  }

  /** Writes the socket address to where a transport sends from: for replies only. */
  addressReply(into: Uint8Array): void {
    into.set(this.#sockaddr);
  }

  /** A copy that outlives the transport's slot. */
  keep(): Client {
    return new Client(this.#sockaddr.slice());
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
