/** A body in chunks (RFC 9112 §7.1): sizes in hexadecimal, each chunk behind its own. */
import type { ByteQueue } from "../byte-queue.ts";
import type { Body } from "../http/body.ts";

/** Octets of the line of a size, extensions included, and of a trailer's. */
const LINE_BYTES_MAX = 256;
const TRAILERS_MAX = 16;
const CR = 0x0d;
const LF = 0x0a;
const SIZE = /^([0-9a-f]{1,6})(?:[\t ]*;.*)?$/i;

/** What the bytes that have come amount to. */
export type ChunksState =
  /** More must come. */
  | "more"
  /** The body is whole. */
  | "whole"
  /** It is longer than is taken. */
  | "too-long"
  /** It is no body in chunks. */
  | "broken";

export class Chunks {
  /** Octets of the chunk that is being read, or what is read else. */
  #size = 0;
  #place: "size" | "data" | "trailer" = "size";
  #trailers = 0;

  /** Takes what is in the queue, and puts the data into the body. */
  take(queue: ByteQueue, body: Body): ChunksState {
    for (;;) {
      if (this.#place === "data") {
        if (!queue.has(this.#size + 2)) return "more";
        const { octets, at } = queue;
        if (!body.take(octets, at, at + this.#size)) return "too-long";
        const end = at + this.#size;
        if (octets[end] !== CR || octets[end + 1] !== LF) return "broken";
        queue.consume(this.#size + 2);
        this.#place = "size";
        continue;
      }
      const line = takeLine(queue);
      if (line === "more" || line === "broken") return line;
      if (this.#place === "trailer") {
        if (line.text === "") return "whole";
        if (++this.#trailers > TRAILERS_MAX) return "broken";
        continue;
      }
      const size = SIZE.exec(line.text)?.[1];
      if (size === undefined) return "broken";
      this.#size = Number.parseInt(size, 16);
      this.#place = this.#size === 0 ? "trailer" : "data";
      if (this.#size + body.bytes > 0xfffff) return "too-long";
    }
  }
}

function takeLine(queue: ByteQueue): { readonly text: string } | "more" | "broken" {
  const held = Math.min(queue.heldBytes, LINE_BYTES_MAX);
  if (!queue.has(held)) return "more";
  const { octets, at } = queue;
  for (let i = at; i + 1 < at + held; i++) {
    if (octets[i] === LF) return "broken";
    if (octets[i] !== CR) continue;
    if (octets[i + 1] !== LF) return "broken";
    const text = Buffer.from(octets.subarray(at, i)).toString("latin1");
    queue.consume(i + 2 - at);
    return { text };
  }
  return held === LINE_BYTES_MAX ? "broken" : "more";
}
