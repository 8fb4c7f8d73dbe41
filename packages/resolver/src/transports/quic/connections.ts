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

/** One connection, with its streams that are not answered. */
export interface Connection<Stream> {
  readonly view: number;
  /** Chooses the worker. */
  readonly chosen: number;
  readonly seat: Seat;
  readonly streams: Map<number, Stream>;
}

export class Connections<Stream> {
  readonly #viewOf: ViewOf;
  readonly #networks = new NetworkCounts(new SystemRandom(), PER_NETWORK_MAX);
  readonly #connections = new Map<number, Connection<Stream>>();
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
    const connection = { view, chosen: this.#chosen++, seat, streams: new Map() };
    this.#connections.set(connHandle, connection);
    return "entered";
  }

  get(handle: number): Connection<Stream> | undefined {
    return this.#connections.get(handle);
  }

  /** Forgets a stream; says whether it stood. */
  forget(handle: number, stream: number): boolean {
    return this.#connections.get(handle)?.streams.delete(stream) ?? false;
  }

  leave(handle: number): void {
    const connection = this.#connections.get(handle);
    if (connection === undefined) return;
    this.#connections.delete(handle);
    this.#networks.leave(connection.seat);
  }

  /** The connections that stand, by their handles. */
  get handles(): readonly number[] {
    return [...this.#connections.keys()];
  }

  get size(): number {
    return this.#connections.size;
  }
}
