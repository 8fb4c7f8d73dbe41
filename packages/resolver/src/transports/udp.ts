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

/** A listener that answers datagrams. */
export class UdpListener {
  readonly #datagrams: Datagrams;

  /** Begins to answer. `listener` is the row of `listen` that these datagrams come in by. */
  constructor(datagrams: Datagrams, listener: number, door: Door) {
    this.#datagrams = datagrams;
    const places = Array.from(
      { length: datagrams.size },
      (_, place) => new UdpAsked(datagrams, place, listener),
    );
    const { frames, frameBytes } = datagrams;
    datagrams.start((count) => {
      for (let i = 0; i < count; i++) {
        const length = datagrams.receivedBytes(i);
        if (length === 0) continue;
        const answer = door.ask(frames, datagrams.frameAt(i), length, frameBytes, places[i]!);
        if (answer > 0) datagrams.stage(i, answer);
      }
    });
  }

  /** Takes no further question; answers that are under way still leave. */
  stop(): void {
    this.#datagrams.stop();
  }
}
