/**
 * Who is connected over QUIC: a view and a seat for each connection, and nothing of the address.
 *
 * PRIVACY: the library tells a client's address once, when it connects. From it come the view and
 * the share of the client's network, and then it is dropped.
 */
import { ipFromText } from "../../base/address.ts";
import { limits } from "../../base/limits.ts";
import { Client } from "../../privacy/client.ts";
import { NetworkCounts, type Seat } from "../../privacy/network-counts.ts";
import { SystemRandom } from "../../system/random.ts";
import type { NativeEvent } from "./native.ts";

const PER_NETWORK_MAX = limits.streamsPerNetworkMax.value;

/** Says which view a client is of; undefined: it is not talked to. */
export type ViewOf = (client: Client) => number | undefined;

export interface Connection {
  readonly view: number;
  /** Chooses the worker. */
  readonly chosen: number;
  readonly seat: Seat;
}

export class Connections {
  readonly #viewOf: ViewOf;
  readonly #networks = new NetworkCounts(new SystemRandom(), PER_NETWORK_MAX);
  readonly #connections = new Map<number, Connection>();
  #chosen = 0;

  constructor(viewOf: ViewOf) {
    this.#viewOf = viewOf;
  }

  /** Takes one that has connected; says why not, where it may not stay. */
  enter({ connHandle, meta }: NativeEvent): "entered" | "unwelcome" | "too-many" {
    const ip = ipFromText((meta?.remoteAddr ?? "").replace(/%.*$/, ""));
    if (ip === undefined) return "unwelcome";
    const client = Client.at(ip, meta?.remotePort ?? 0);
    const view = this.#viewOf(client);
    if (view === undefined) return "unwelcome";
    const seat = this.#networks.enter(client);
    if (seat === undefined) return "too-many";
    this.#connections.set(connHandle, { view, chosen: this.#chosen++, seat });
    return "entered";
  }

  get(handle: number): Connection | undefined {
    return this.#connections.get(handle);
  }

  leave(handle: number): void {
    const connection = this.#connections.get(handle);
    if (connection === undefined) return;
    this.#connections.delete(handle);
    this.#networks.leave(connection.seat);
  }

  get size(): number {
    return this.#connections.size;
  }
}
