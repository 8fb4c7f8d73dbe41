/** Notes about raw descriptors: what is noted is closed once, what is forgotten is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenDescriptors } from "./open-descriptors.ts";

test("what a thread noted is closed by the one who sees it die, once", () => {
  const inThread = new OpenDescriptors();
  for (const fd of [0, 31, 32, 1000, (1 << 20) - 1]) inThread.note(fd);
  inThread.forget(32);
  const watcher = new OpenDescriptors(inThread.memory);
  const closed: number[] = [];
  assert.equal(
    watcher.closeAll((fd) => closed.push(fd)),
    4,
  );
  assert.deepEqual(closed, [0, 31, 1000, (1 << 20) - 1]);
  assert.equal(
    watcher.closeAll(() => assert.fail("nothing is left")),
    0,
  );
});
