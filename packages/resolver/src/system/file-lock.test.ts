/** A lock that one process has. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockForGood } from "./file-lock.ts";
import { libc } from "./libc.ts";

const directory = mkdtempSync(join(tmpdir(), "lethe-lock-"));
after(() => rmSync(directory, { recursive: true }));
const calls = libc();
const skip = calls === undefined ? "there are no system calls here" : false;

test("one has the lock, a second is told so, and it ends with its process", { skip }, () => {
  const path = join(directory, "lock");
  const program =
    `import { lockForGood } from ${JSON.stringify(join(import.meta.dirname, "file-lock.ts"))};` +
    `import { libc } from ${JSON.stringify(join(import.meta.dirname, "libc.ts"))};` +
    `console.log(JSON.stringify(lockForGood(libc(), ${JSON.stringify(path)}) ?? "taken"));`;
  const other = (): unknown => {
    const args = ["--input-type=module-typescript", "-e", program];
    return JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout);
  };
  assert.equal(other(), "taken");
  assert.equal(lockForGood(calls!, path), undefined);
  assert.deepEqual(other(), { kind: "file-problem", why: "another process has it" });
  assert.deepEqual(lockForGood(calls!, join(directory, "none/lock")), {
    kind: "file-problem",
    why: "ENOENT",
  });
});
