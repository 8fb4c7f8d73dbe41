/** What a message on a stream costs beyond what UDP costs: whole ones in a chunk, and one cut. */
import { assert } from "../src/base/assert.ts";
import { STREAM_MESSAGE_BYTES_MAX, StreamFrames } from "../src/transports/framing.ts";
import { Meter, tell } from "./figure.ts";

const MESSAGE_BYTES = 45;
/** Clients that pipeline send so many at once. */
const PER_CHUNK = 25;
const CHUNKS = 40_000;
const ROUNDS = 4;

const message = new Uint8Array(2 + MESSAGE_BYTES);
message[1] = MESSAGE_BYTES;
const chunk = new Uint8Array(PER_CHUNK * message.length);
for (let i = 0; i < PER_CHUNK; i++) chunk.set(message, i * message.length);
const cutAt = chunk.length - 20;
const parts = [chunk.subarray(0, cutAt), chunk.subarray(cutAt)] as const;
const frame = new Uint8Array(STREAM_MESSAGE_BYTES_MAX);

function run(title: string, chunks: readonly Uint8Array[]): void {
  const frames = new StreamFrames();
  let taken = 0;
  const meter = new Meter();
  for (let i = 0; i < CHUNKS; i++) {
    for (const one of chunks) {
      frames.push(one);
      while (frames.take(frame, 0) > 0) taken++;
    }
  }
  const each = meter.each(taken);
  assert(taken === CHUNKS * PER_CHUNK, "every message comes out");
  tell({ title, ...each });
}

for (let round = 0; round < ROUNDS; round++) {
  run("TCP frame, 25 in a chunk", [chunk]);
  run("TCP frame, 25 in a chunk, the last one cut", parts);
}
