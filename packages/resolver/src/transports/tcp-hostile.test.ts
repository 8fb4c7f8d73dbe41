/** Streams that end early, say nothing, or say anything: no harm, and nothing left behind. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { call, closed, connect, dial, framed, ids, listen } from "../../test/stream-client.ts";
import { TestDoor, message } from "../../test/transport-compliance.ts";
import { until } from "../../test/until.ts";
import { DROPPED, type Reply, TAKEN } from "./door.ts";

test("a stream that its client has half closed is answered to the end, then closed", async () => {
  const { listener, port } = await listen(new TestDoor());
  for (const what of ["echo", "later", "never"] as const) {
    const client = await dial(port);
    const found = ids(client);
    client.end(framed(message(3, what), message(4, what)));
    await once(client, "end");
    assert.deepEqual(found, what === "never" ? [] : [3, 4]);
    await until(() => listener.streams === 0);
  }
});

test("a listener that stops answers what was asked, and nothing more", async () => {
  const replies: Reply[] = [];
  const { listener, port } = await listen({
    ask: (_frame, _at, _length, _capacity, asked) => {
      replies.push(asked.later());
      return TAKEN;
    },
  });
  const client = await dial(port);
  const idle = await dial(port);
  const found = ids(client);
  client.write(framed(message(3, "echo")));
  await until(() => replies.length === 1 && listener.streams === 2);
  listener.stop();
  await closed(idle);
  client.write(framed(message(4, "echo")));
  replies[0]!(message(3, "echo"));
  await closed(client);
  assert.deepEqual(found, [3]);
  assert.equal(replies.length, 1);
});

test("a message shorter than a header ends its stream", async () => {
  const { port } = await listen(new TestDoor());
  for (const size of [0, 1, 11]) {
    const client = await dial(port);
    client.write(framed(new Uint8Array(size)));
    await closed(client);
  }
});

test("random streams do no harm", async () => {
  const { listener, port } = await listen({
    ask: (_frame, at, length, capacity) =>
      length === 0 ? DROPPED : Math.min(length + at, capacity),
  });
  const chunks = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.boolean(), async (all, isReset) => {
      const client = await dial(port);
      client.resume();
      for (const chunk of all) client.write(chunk);
      if (isReset) client.resetAndDestroy();
      else client.end();
      await closed(client);
    }),
    { numRuns: 60 },
  );
  await until(() => listener.streams === 0);
  assert.equal(listener.heldBytes, 0);
});

/** Descriptors that this process has open. */
function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

const noProc = process.platform === "linux" ? false : "descriptors are counted in /proc";

test(
  "a thousand connections that come and go leave no descriptor behind",
  {
    skip: noProc,
  },
  async () => {
    const { listener, port } = await listen(new TestDoor());
    const first = await connect(port);
    const before = openDescriptors();
    for (let round = 0; round < 20; round++) {
      const sockets = Array.from({ length: 50 }, () => call(port));
      for (const [i, socket] of sockets.entries()) {
        socket.resume();
        if (i % 5 === 0) socket.resetAndDestroy();
        else if (i % 5 === 1) socket.end(framed(message(i, "later")));
        else if (i % 5 === 2) socket.end(Uint8Array.of(0, 99, 1));
        else if (i % 5 === 3) socket.write(framed(new Uint8Array(3)));
        else socket.end();
      }
      await Promise.all(sockets.map(closed));
    }
    await until(() => listener.streams === 1);
    assert.equal(listener.heldBytes, 0);
    assert.equal(openDescriptors(), before);
    await first.ask(message(1, "echo"));
  },
);
