/** Messages out of streams, however the streams are cut. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NONE, STREAM_MESSAGE_BYTES_MAX, StreamFrames } from "./framing.ts";

const into = new Uint8Array(STREAM_MESSAGE_BYTES_MAX + 1);

/** All whole messages that are there now, in hexadecimal. */
function takeAll(frames: StreamFrames): string[] {
  const taken: string[] = [];
  for (;;) {
    const length = frames.take(into, 1);
    if (length === NONE) return taken;
    taken.push(into.subarray(1, 1 + length).toHex());
  }
}

const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["one message in one chunk", ["0002abcd"], ["abcd"]],
  ["two messages in one chunk", ["0001aa0002bbcc"], ["aa", "bbcc"]],
  ["a message cut within its length", ["00", "02abcd"], ["abcd"]],
  ["a message cut behind its length", ["0002", "abcd"], ["abcd"]],
  ["a message cut within", ["0002ab", "cd"], ["abcd"]],
  ["a message octet by octet", ["00", "02", "ab", "cd"], ["abcd"]],
  ["the end of one with the beginning of the next", ["0002ab", "cd0001", "ee"], ["abcd", "ee"]],
  ["a message of no octets", ["0000", "0001aa"], ["", "aa"]],
  ["a beginning that never ends", ["0001aa0005bb"], ["aa"]],
  ["nothing", [""], []],
];

for (const [title, chunks, expected] of CASES) {
  test(`framing: ${title}`, () => {
    const frames = new StreamFrames();
    const taken = chunks.flatMap((chunk) => {
      frames.push(Uint8Array.fromHex(chunk));
      return takeAll(frames);
    });
    assert.deepEqual(taken, expected);
  });
}

test("chunks that wait untaken are joined", () => {
  const frames = new StreamFrames();
  for (const chunk of ["0001aa", "0001bb0002", "ccdd"]) frames.push(Uint8Array.fromHex(chunk));
  assert.equal(frames.heldBytes, 10);
  assert.deepEqual(takeAll(frames), ["aa", "bb", "ccdd"]);
  assert.equal(frames.heldBytes, 0);
});

test("any messages come out whole of any cuts, and nothing stays behind", () => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 120, maxLength: 140 }),
    fc.constantFrom(1000, STREAM_MESSAGE_BYTES_MAX).map((size) => new Uint8Array(size).fill(7)),
  );
  const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), cuts, fc.nat(3), (messages, sizes, skip) => {
      const stream = Buffer.concat(
        messages.flatMap((m) => [Uint8Array.of(m.length >>> 8, m.length & 0xff), m]),
      );
      const frames = new StreamFrames();
      const taken: string[] = [];
      let at = 0;
      for (const [i, size] of [...sizes, stream.length].entries()) {
        frames.push(stream.subarray(at, at + size));
        at += size;
        if (i % (skip + 1) === 0) taken.push(...takeAll(frames));
      }
      taken.push(...takeAll(frames));
      assert.deepEqual(
        taken,
        messages.map((m) => m.toHex()),
      );
      assert.equal(frames.heldBytes, 0);
    }),
    { numRuns: 200 },
  );
});

test("memory grows with what has come, not with what a length promises", () => {
  const frames = new StreamFrames();
  frames.push(Uint8Array.of(0xff, 0xff, 1, 2, 3));
  assert.equal(frames.take(into, 0), NONE);
  assert.equal(frames.heldBytes, 5);
});
