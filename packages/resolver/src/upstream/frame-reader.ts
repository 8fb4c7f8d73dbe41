/** Messages out of a TCP stream: two bytes of length, then as many of message (RFC 1035 §4.2.2). */

export class FrameReader {
  readonly #take: (message: Uint8Array) => void;
  /** The first byte of a length whose second has not come; below zero where there is none. */
  #lengthByte = -1;
  #message: Uint8Array | undefined;
  #filled = 0;

  /** `take` is given each whole message, in memory of its own. */
  constructor(take: (message: Uint8Array) => void) {
    this.#take = take;
  }

  /** Takes in what came, however it was cut. */
  read(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#message === undefined) {
        this.#readLengthByte(chunk[at++]!);
        continue;
      }
      const part = chunk.subarray(at, at + this.#message.length - this.#filled);
      this.#message.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      this.#giveIfWhole();
    }
  }

  #readLengthByte(byte: number): void {
    if (this.#lengthByte < 0) {
      this.#lengthByte = byte;
      return;
    }
    this.#message = new Uint8Array((this.#lengthByte << 8) | byte);
    this.#lengthByte = -1;
    this.#filled = 0;
    this.#giveIfWhole();
  }

  #giveIfWhole(): void {
    const message = this.#message;
    if (message === undefined || this.#filled < message.length) return;
    this.#message = undefined;
    this.#take(message);
  }
}
