/** One stream of HTTP/2 that is neither answered at once nor done (RFC 9113 §5). */
import { Body } from "../http/body.ts";
import type { RequestHead } from "../http/request-head.ts";

const NOTHING = new Uint8Array(0);

export type Http2StreamState =
  /** Its request is not whole. */
  | "receiving"
  /** The service answers later. */
  | "serving"
  /** The service answers later, and the client does not want to know any more. */
  | "abandoned"
  /** Its response waits for the client to make room. */
  | "sending";

export class Http2Stream {
  readonly id: number;
  state: Http2StreamState;
  /** The request's head while its body comes. */
  head: RequestHead | undefined;
  /** What the client takes on this stream before it makes room (RFC 9113 §6.9). */
  sendWindow: number;
  readonly body = new Body();
  /** The rest of a response that waits. */
  #unsent: Uint8Array = NOTHING;

  constructor(id: number, state: Http2StreamState, sendWindow: number) {
    this.id = id;
    this.state = state;
    this.sendWindow = sendWindow;
  }

  get unsentBytes(): number {
    return this.#unsent.length;
  }

  /** Memory that the stream holds. */
  get heldBytes(): number {
    return this.body.octets.length + this.#unsent.length;
  }

  /** Keeps a response's body until the client makes room. */
  keepUnsent(body: Uint8Array): void {
    this.state = "sending";
    this.#unsent = body;
  }

  /** The next octets of what waits, at most `size`. */
  takeUnsent(size: number): Uint8Array {
    const part = this.#unsent.subarray(0, size);
    this.#unsent = this.#unsent.subarray(part.length);
    return part;
  }
}
