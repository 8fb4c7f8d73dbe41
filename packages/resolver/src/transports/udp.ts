/**
 * Questions over UDP: each datagram of a batch goes through the door where it lies.
 *
 * PERF: on the fast lane nothing is allocated: a `Client` and an `Asked` for each place in the
 * batch are made once and look at whatever lies there now.
 * PRIVACY: the socket address stays in the batch's memory; a question that is answered later keeps
 * a copy until then.
 */
import { Client } from "../privacy/client.ts";
import { SOCKADDR_BYTES } from "../system/sockaddr.ts";
import type { Datagrams } from "./datagrams.ts";
import { type Asked, type Door, type Reply } from "./door.ts";
import type { Proxies } from "./proxies.ts";
import { hasClient, readProxyHeader } from "./proxy-header.ts";

/** One place in the batch, as the room behind the door sees it. */
class UdpAsked implements Asked {
  readonly transport = "udp";
  readonly listener: number;
  readonly client: Client;
  readonly idleTimeoutS = 0;
  readonly #datagrams: Datagrams;
  readonly #place: number;

  constructor(datagrams: Datagrams, place: number, listener: number) {
    const at = datagrams.addressAt(place);
    this.listener = listener;
    this.client = new Client(datagrams.addresses.subarray(at, at + SOCKADDR_BYTES));
    this.#datagrams = datagrams;
    this.#place = place;
  }

  later(): Reply {
    const send = this.#datagrams.keep(this.#place);
    return (answer) => {
      if (answer !== undefined) send(answer);
    };
  }
}

/** What a proxy handed on: the answer goes to the proxy, and the client is whom it names. */
class ProxiedAsked implements Asked {
  readonly transport = "udp";
  readonly listener: number;
  readonly client: Client;
  readonly idleTimeoutS = 0;
  /** Where the client's address is written, anew for each datagram. */
  readonly sockaddr = new Uint8Array(SOCKADDR_BYTES);
  readonly #proxy: Asked;

  constructor(proxy: Asked) {
    this.listener = proxy.listener;
    this.client = new Client(this.sockaddr);
    this.#proxy = proxy;
  }

  later(): Reply {
    return this.#proxy.later();
  }
}

/** A listener that answers datagrams. */
export class UdpListener {
  readonly #datagrams: Datagrams;
  readonly #door: Door;

  /**
   * Begins to answer. `listener` is the row of `listen` that these datagrams come in by; those of
   * `proxies` have a header before the question.
   */
  constructor(datagrams: Datagrams, listener: number, door: Door, proxies?: Proxies) {
    this.#datagrams = datagrams;
    this.#door = door;
    const places = Array.from(
      { length: datagrams.size },
      (_, place) => new UdpAsked(datagrams, place, listener),
    );
    const proxied = proxies === undefined ? [] : places.map((place) => new ProxiedAsked(place));
    const { frames, frameBytes } = datagrams;
    datagrams.start((count) => {
      for (let i = 0; i < count; i++) {
        const length = datagrams.receivedBytes(i);
        if (length === 0) continue;
        if (proxies?.has(places[i]!.client) === true) {
          this.#askFor(i, length, places[i]!, proxied[i]!);
          continue;
        }
        const answer = door.ask(frames, datagrams.frameAt(i), length, frameBytes, places[i]!);
        if (answer > 0) datagrams.stage(i, answer);
      }
    });
  }

  /** Takes the header off a proxy's datagram and asks for whom it names; drops what has none. */
  #askFor(i: number, length: number, proxy: Asked, proxied: ProxiedAsked): void {
    const { frames, frameBytes } = this.#datagrams;
    const at = this.#datagrams.frameAt(i);
    const headerBytes = readProxyHeader(frames, at, length, proxied.sockaddr);
    if (headerBytes <= 0) return;
    // The answer is to stand where the frame begins.
    frames.copyWithin(at, at + headerBytes, at + length);
    const asked = hasClient(proxied.sockaddr) ? proxied : proxy;
    const answer = this.#door.ask(frames, at, length - headerBytes, frameBytes, asked);
    if (answer > 0) this.#datagrams.stage(i, answer);
  }

  /** Takes no further question; answers that are under way still leave. */
  stop(): void {
    this.#datagrams.stop();
  }
}
