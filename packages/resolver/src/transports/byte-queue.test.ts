/** Tests of runs of bytes out of pieces. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "./byte-queue.ts";

describe("a queue of bytes", () => {
  it("shows a run where it came, without a copy", () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from("abcdef");
    queue.push(chunk);
    assert.equal(queue.has(4), true);
    assert.equal(queue.octets, chunk);
    queue.consume(4);
    assert.equal(queue.has(2), true);
    assert.equal(queue.at, 4);
  });

  it("gives the same runs however the bytes are cut", () => {
    const cut = fc.array(fc.nat(20), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(cut, cut, (pieces, runs) => {
        const octets = Uint8Array.from({ length: 600 }, (_, i) => i);
        const queue = new ByteQueue();
        const got: number[] = [];
        let from = 0;
        let run = 0;
        for (let i = 0; from < octets.length; i++) {
          const size = pieces[i % pieces.length]! + 1;
          queue.push(octets.slice(from, from + size));
          from += size;
          for (;;) {
            const wanted = runs[run % runs.length]! + 1;
            if (!queue.has(wanted)) break;
            got.push(...queue.octets.subarray(queue.at, queue.at + wanted));
            queue.consume(wanted);
            run++;
          }
        }
        assert.equal(got.length + queue.heldBytes, octets.length);
        assert.deepEqual(Uint8Array.from(got), octets.slice(0, got.length));
      }),
    );
  });
});
