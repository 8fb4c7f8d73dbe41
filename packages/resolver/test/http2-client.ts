/** A client of HTTP/2 that sends what it is told to: frames that no usual client sends. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type Socket, createConnection } from "node:net";
import { PREFACE, frameFlag, frameType, numberAt } from "../src/transports/http2/frames.ts";

/** A client that sends what it is told to, and keeps the frames that come back. */
export class RawHttp2Client {
  readonly socket: Socket;
  readonly #frames: { type: number; flags: number; id: number; payload: Buffer }[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #closed = false;
  readonly #gone: Promise<void>;

  constructor(port: number) {
    this.socket = createConnection(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.#gone = new Promise((resolve) => {
      this.socket.on("close", () => {
        this.#closed = true;
        resolve();
      });
    });
    this.socket.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      for (;;) {
        const length = this.#buffer.length < 9 ? Infinity : this.#buffer.readUIntBE(0, 3);
        if (this.#buffer.length < 9 + length) return;
        const [type, flags] = [this.#buffer[3]!, this.#buffer[4]!];
        const id = numberAt(this.#buffer, 5);
        this.#frames.push({ type, flags, id, payload: this.#buffer.subarray(9, 9 + length) });
        this.#buffer = this.#buffer.subarray(9 + length);
      }
    });
  }

  send(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Waits until the server has closed, and gives the error that it told; undefined without one. */
  async error(): Promise<number | undefined> {
    await this.#gone;
    const last = this.#frames.findLast((one) => one.type === frameType.goaway);
    return last?.payload.readUInt32BE(4);
  }

  /** The first frame of a kind, when it has come. */
  async next(type: number): Promise<{ id: number; flags: number; payload: Buffer }> {
    for (;;) {
      const at = this.#frames.findIndex((one) => one.type === type);
      if (at >= 0) return this.#frames.splice(at, 1)[0]!;
      assert.equal(this.#closed, false, "closed before the frame came");
      await Promise.race([once(this.socket, "data"), this.#gone]);
    }
  }
}

/** A frame of HTTP/2; its payload in hexadecimal, or as it is. */
export function frame(
  type: number,
  flags: number,
  id: number,
  payload: string | Buffer = "",
): Buffer {
  const octets = Buffer.from(payload as string, typeof payload === "string" ? "hex" : undefined);
  const header = Buffer.alloc(9);
  header.writeUIntBE(octets.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(id, 5);
  return Buffer.concat([header, octets]);
}

export const SETTINGS: Buffer = frame(frameType.settings, 0, 0);
/** What a client sends first. */
export const HELLO: Buffer = Buffer.concat([PREFACE, SETTINGS]);
/** `GET https://a/`. */
export const GET = "828784410161";
/** `POST https://a/`. */
export const POST = "838784410161";
export const WHOLE: number = frameFlag.endHeaders | frameFlag.endStream;
/** A HEADERS frame with a block in hexadecimal. */
export const headers = (id: number, block: string, flags: number = WHOLE): Buffer =>
  frame(frameType.headers, flags, id, block);
