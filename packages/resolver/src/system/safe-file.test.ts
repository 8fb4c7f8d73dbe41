/** Files are written whole or not at all. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeDirectory, readSmallFile, rename, writeSafely } from "./safe-file.ts";

const directory = mkdtempSync(join(tmpdir(), "lethe-safe-file-"));
after(() => rmSync(directory, { recursive: true }));

test("a file is written and read, and nothing is left beside it", () => {
  const inside = join(directory, "a/b");
  assert.equal(makeDirectory(inside), undefined);
  assert.equal(makeDirectory(inside), undefined);
  const path = join(inside, "one");
  assert.equal(readSmallFile(path, 100), undefined);
  assert.equal(writeSafely(path, "first"), undefined);
  assert.equal(writeSafely(path, "second\n"), undefined);
  assert.equal(readSmallFile(path, 100), "second\n");
  assert.deepEqual(readdirSync(inside), ["one"]);
});

test("what a crash left half-written beside it is not looked at, and written over", () => {
  const path = join(directory, "two");
  writeFileSync(path, "old");
  writeFileSync(`${path}.new`, "half of what was to be a much longer te");
  assert.equal(readSmallFile(path, 100), "old");
  assert.equal(writeSafely(path, "new"), undefined);
  assert.equal(readFileSync(path, "utf8"), "new");
});

test("a file that is too large is a problem", () => {
  const path = join(directory, "three");
  writeFileSync(path, "four");
  assert.equal(readSmallFile(path, 4), "four");
  assert.deepEqual(readSmallFile(path, 3), { kind: "file-problem", why: "more than 3 bytes" });
});

test("where nothing can be written, the old file stands and the errno is told", (t) => {
  if (process.getuid?.() === 0) {
    t.skip("root may write everywhere");
    return;
  }
  const inside = join(directory, "closed");
  makeDirectory(inside);
  const path = join(inside, "one");
  writeFileSync(path, "old");
  chmodSync(inside, 0o555);
  assert.deepEqual(writeSafely(path, "new"), { kind: "file-problem", why: "EACCES" });
  assert.equal(readFileSync(path, "utf8"), "old");
  chmodSync(inside, 0o755);
});

test("a path below a file is a problem, and so is a name that nothing has", () => {
  const path = join(directory, "five");
  writeFileSync(path, "file");
  assert.deepEqual(makeDirectory(join(path, "below")), { kind: "file-problem", why: "ENOTDIR" });
  assert.deepEqual(writeSafely(join(path, "x"), ""), { kind: "file-problem", why: "ENOTDIR" });
  assert.deepEqual(rename(join(directory, "none"), path), { kind: "file-problem", why: "ENOENT" });
  assert.equal(rename(path, join(directory, "six")), undefined);
  assert.equal(readSmallFile(join(directory, "six"), 10), "file");
});
