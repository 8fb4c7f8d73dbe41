/** Messages in streams, however the network cuts them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, integer, property, uint8Array } from "fast-check";
import { frame } from "../../test/loopback-server.ts";
import { FrameReader } from "./frame-reader.ts";

test("messages come out as they went in, wherever the stream is cut", () => {
  assertProperty(
    property(
      array(uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      array(integer({ min: 1, max: 40 }), { minLength: 1 }),
      (messages, cuts) => {
        const taken: Uint8Array[] = [];
        const reader = new FrameReader((message) => taken.push(message));
        const stream = new Uint8Array(Buffer.concat(messages.map(frame)));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length]!;
          reader.read(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(taken, messages);
      },
    ),
  );
});

test("a message that never ends is never given", () => {
  const reader = new FrameReader(() => assert.fail("not whole"));
  reader.read(Uint8Array.of(0xff, 0xff));
  reader.read(new Uint8Array(0xfffe));
});
