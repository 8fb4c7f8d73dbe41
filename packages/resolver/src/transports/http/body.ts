/** The body of a request that comes in pieces: memory grows with what has come, up to the most. */
import { limits } from "../../base/limits.ts";

const BODY_BYTES_MAX = limits.httpBodyBytesMax.value;
const BODY_BYTES_MIN = 512;
const NOTHING = new Uint8Array(0);

export class Body {
  octets: Uint8Array = NOTHING;
  bytes = 0;

  /** Keeps `from[at, end)`; false where the body would grow too long. */
  take(from: Uint8Array, at: number, end: number): boolean {
    const needed = this.bytes + end - at;
    if (needed > BODY_BYTES_MAX) return false;
    if (needed > this.octets.length) {
      const size = Math.max(needed, 2 * this.octets.length, BODY_BYTES_MIN);
      const larger = new Uint8Array(Math.min(size, BODY_BYTES_MAX));
      larger.set(this.octets.subarray(0, this.bytes));
      this.octets = larger;
    }
    this.octets.set(from.subarray(at, end), this.bytes);
    this.bytes = needed;
    return true;
  }

  drop(): void {
    this.octets = NOTHING;
    this.bytes = 0;
  }
}
