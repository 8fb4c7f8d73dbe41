/** What the library could not take at once, until it can. */
import { limits } from "../../base/limits.ts";
import type { NativeServer } from "./native.ts";

const UNSENT_MAX = limits.unsentBytesPerStreamMax.value;
const TAKEN = 0;

export class Unsent {
  readonly #native: NativeServer;
  readonly #rest = new Map<number, Map<number, Buffer>>();
  readonly #bytes = new Map<number, number>();

  constructor(native: NativeServer) {
    this.#native = native;
  }

  /** Sends all of a stream's octets, and its end. */
  send(connection: number, stream: number, octets: Buffer): void {
    const { status, written } = this.#native.streamSend(connection, stream, octets, true);
    const done = status === TAKEN ? written : 0;
    if (done >= octets.length) return;
    const held = (this.#bytes.get(connection) ?? 0) + octets.length - done;
    if (held > UNSENT_MAX) {
      this.#native.closeSession(connection, 0, "");
      return;
    }
    this.#bytes.set(connection, held);
    let rest = this.#rest.get(connection);
    if (rest === undefined) this.#rest.set(connection, (rest = new Map()));
    rest.set(stream, octets.subarray(done));
  }

  /** The library takes more of a stream now. */
  goOn(connection: number, stream: number): void {
    const rest = this.#rest.get(connection);
    const octets = rest?.get(stream);
    if (octets === undefined) return;
    rest!.delete(stream);
    this.#bytes.set(connection, (this.#bytes.get(connection) ?? 0) - octets.length);
    this.send(connection, stream, octets);
  }

  drop(connection: number): void {
    this.#rest.delete(connection);
    this.#bytes.delete(connection);
  }
}
