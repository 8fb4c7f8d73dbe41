/** One stream of HTTP/2 that is neither answered at once nor done (RFC 9113 §5). */
import { limits } from "../../base/limits.ts";
import type { RequestHead } from "../http/request-head.ts";

const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;
const BODY_BYTES_MIN = 512;
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
  #body: Uint8Array = NOTHING;
  #bodyBytes = 0;
  /** The rest of a response that waits. */
  #unsent: Uint8Array = NOTHING;

  constructor(id: number, state: Http2StreamState, sendWindow: number) {
    this.id = id;
    this.state = state;
    this.sendWindow = sendWindow;
  }

  get body(): Uint8Array {
    return this.#body;
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  get unsentBytes(): number {
    return this.#unsent.length;
  }

  /** Memory that the stream holds. */
  get heldBytes(): number {
    return this.#body.length + this.#unsent.length;
  }

  /** Keeps a part of the body; false where it would grow too long. */
  take(octets: Uint8Array, at: number, end: number): boolean {
    const needed = this.#bodyBytes + end - at;
    if (needed > BODY_BYTES_MAX) return false;
    if (needed > this.#body.length) {
      const size = Math.max(needed, 2 * this.#body.length, BODY_BYTES_MIN);
      const larger = new Uint8Array(Math.min(size, BODY_BYTES_MAX));
      larger.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = larger;
    }
    this.#body.set(octets.subarray(at, end), this.#bodyBytes);
    this.#bodyBytes = needed;
    return true;
  }

  /** The request is being answered: its body is not needed any more. */
  dropBody(): void {
    this.#body = NOTHING;
    this.#bodyBytes = 0;
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
