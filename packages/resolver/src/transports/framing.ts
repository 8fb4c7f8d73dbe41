/**
 * Messages on a stream: each behind its length in two octets (RFC 1035 §4.2.2, RFC 7766 §8).
 *
 * Bytes go in as they come, however they are cut; whole messages come out. A message that came
 * whole is copied straight from where it was read to where it is answered; only what is not whole
 * yet is kept in memory of its own.
 */

/** Octets of the length in front of each message. */
export const LENGTH_BYTES = 2;
/** The longest message of a stream: what two octets can say. */
export const STREAM_MESSAGE_BYTES_MAX = 0xffff;

/** No whole message is there. */
export const NONE = -1;

const PARTIAL_BYTES_MIN = 512;
/** Up to this size a loop copies faster than a window can be made for `set`. */
const SHORT_BYTES = 128;
const NOTHING = new Uint8Array(0);

export class StreamFrames {
  #chunk: Uint8Array = NOTHING;
  #cursor = 0;
  /** The beginning of a message, its length included, that earlier chunks brought. */
  #partial: Uint8Array = NOTHING;
  #partialBytes = 0;

  /** Bytes that have come and belong to no message that was taken. */
  get heldBytes(): number {
    return this.#partialBytes + this.#chunk.length - this.#cursor;
  }

  /** Takes in what came; it is not copied while whole messages lie in it. */
  push(chunk: Uint8Array): void {
    if (this.#cursor === this.#chunk.length) {
      this.#chunk = chunk;
    } else {
      const rest = this.#chunk.subarray(this.#cursor);
      this.#chunk = new Uint8Array(rest.length + chunk.length);
      this.#chunk.set(rest);
      this.#chunk.set(chunk, rest.length);
    }
    this.#cursor = 0;
  }

  /**
   * Copies the next whole message to `into` at `at` and gives its length, or `NONE`.
   *
   * `into` has room for the longest message. PERF: allocates only for a message that came in parts.
   */
  take(into: Uint8Array, at: number): number {
    if (this.#partialBytes > 0) return this.#takeGathered(into, at);
    const chunk = this.#chunk;
    const from = this.#cursor;
    if (chunk.length - from < LENGTH_BYTES) return this.#setAside();
    const length = (chunk[from]! << 8) | chunk[from + 1]!;
    if (chunk.length - from < LENGTH_BYTES + length) return this.#setAside();
    copy(chunk, from + LENGTH_BYTES, into, at, length);
    this.#cursor = from + LENGTH_BYTES + length;
    if (this.#cursor === chunk.length) this.#release();
    return length;
  }

  /** Completes the message that has begun, or as much of it as has come. */
  #takeGathered(into: Uint8Array, at: number): number {
    if (!this.#gather(LENGTH_BYTES)) return NONE;
    const length = (this.#partial[0]! << 8) | this.#partial[1]!;
    if (!this.#gather(LENGTH_BYTES + length)) return NONE;
    copy(this.#partial, LENGTH_BYTES, into, at, length);
    this.#partial = NOTHING;
    this.#partialBytes = 0;
    return length;
  }

  /** Moves bytes from the chunk behind the partial message until that has `size`. */
  #gather(size: number): boolean {
    const wanted = size - this.#partialBytes;
    if (wanted <= 0) return true;
    const found = Math.min(wanted, this.#chunk.length - this.#cursor);
    this.#makeRoom(this.#partialBytes + found);
    copy(this.#chunk, this.#cursor, this.#partial, this.#partialBytes, found);
    this.#partialBytes += found;
    this.#cursor += found;
    if (this.#cursor === this.#chunk.length) this.#release();
    return found === wanted;
  }

  /** Memory grows with what has come, never with what a length only promises. */
  #makeRoom(size: number): void {
    if (size <= this.#partial.length) return;
    const larger = new Uint8Array(Math.max(size, 2 * this.#partial.length, PARTIAL_BYTES_MIN));
    larger.set(this.#partial.subarray(0, this.#partialBytes));
    this.#partial = larger;
  }

  /** Keeps the beginning of a message and lets the chunk go. */
  #setAside(): number {
    const rest = this.#chunk.length - this.#cursor;
    if (rest > 0) this.#gather(rest);
    return NONE;
  }

  #release(): void {
    this.#chunk = NOTHING;
    this.#cursor = 0;
  }
}

function copy(from: Uint8Array, fromAt: number, into: Uint8Array, at: number, size: number): void {
  if (size > SHORT_BYTES) {
    into.set(from.subarray(fromAt, fromAt + size), at);
    return;
  }
  for (let i = 0; i < size; i++) into[at + i] = from[fromAt + i]!;
}
