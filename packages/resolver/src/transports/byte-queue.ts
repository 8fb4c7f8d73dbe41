/**
 * Bytes of a stream, in whatever pieces they come, as runs that lie together.
 *
 * While whole runs lie in the piece that came last they are used where they are; only the
 * beginning of a run that is not whole yet is kept in memory of its own.
 */

const PARTIAL_BYTES_MIN = 512;
const NOTHING = new Uint8Array(0);

export class ByteQueue {
  #chunk: Uint8Array = NOTHING;
  #cursor = 0;
  /** The beginning of a run that earlier chunks brought; what is used of it is cut off at once. */
  #partial: Uint8Array = NOTHING;
  #partialBytes = 0;

  /** Where the run that `has` found lies: `octets[at, …)`. */
  octets: Uint8Array = NOTHING;
  at = 0;

  /** Bytes that have come and were not consumed. */
  get heldBytes(): number {
    return this.#partialBytes + this.#chunk.length - this.#cursor;
  }

  /** Takes in what came; it is not copied while it is used as it lies. */
  push(chunk: Uint8Array): void {
    const rest = this.#chunk.length - this.#cursor;
    if (rest === 0) {
      this.#chunk = chunk;
    } else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.#chunk.subarray(this.#cursor));
      joined.set(chunk, rest);
      this.#chunk = joined;
    }
    this.#cursor = 0;
  }

  /**
   * Says whether the next `size` bytes are there, and shows them at `octets[at, at + size)`.
   *
   * What lies there holds until the next call. PERF: copies only a run that came in pieces.
   */
  has(size: number): boolean {
    if (this.#partialBytes === 0) {
      if (this.#chunk.length - this.#cursor >= size) {
        this.octets = this.#chunk;
        this.at = this.#cursor;
        return true;
      }
      this.#gather(this.#chunk.length - this.#cursor);
      return false;
    }
    const wanted = size - this.#partialBytes;
    if (wanted > 0) this.#gather(Math.min(wanted, this.#chunk.length - this.#cursor));
    this.octets = this.#partial;
    this.at = 0;
    return this.#partialBytes >= size;
  }

  /** Consumes bytes that `has` has shown. */
  consume(size: number): void {
    if (this.#partialBytes === 0) {
      this.#cursor += size;
      if (this.#cursor === this.#chunk.length) this.#release();
      return;
    }
    this.#partial.copyWithin(0, size, this.#partialBytes);
    this.#partialBytes -= size;
    if (this.#partialBytes === 0) this.#partial = NOTHING;
  }

  /** Moves bytes from the chunk behind the partial run. */
  #gather(size: number): void {
    if (size === 0) return;
    const needed = this.#partialBytes + size;
    if (needed > this.#partial.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#partial.length, PARTIAL_BYTES_MIN));
      larger.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = larger;
    }
    this.#partial.set(this.#chunk.subarray(this.#cursor, this.#cursor + size), this.#partialBytes);
    this.#partialBytes += size;
    this.#cursor += size;
    if (this.#cursor === this.#chunk.length) this.#release();
  }

  #release(): void {
    this.#chunk = NOTHING;
    this.#cursor = 0;
  }
}
