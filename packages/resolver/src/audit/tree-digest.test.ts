/** Digests of trees, against what a shell computes by the line in docs/specs/ledger.md. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { treeDigest } from "./tree-digest.ts";

const root = join(import.meta.dirname, "../../../..");
const directory = mkdtempSync(join(tmpdir(), "lethe-tree-"));
after(() => rmSync(directory, { recursive: true }));

test("is what the line in the specification prints for this source", () => {
  const spec = readFileSync(join(root, "docs/specs/ledger.md"), "utf8");
  const line = /```\n(find lethe [^`]*)```/.exec(spec)![1]!;
  const printed = execFileSync("sh", ["-c", line], { cwd: root, encoding: "utf8" });
  const paths = ["lethe", "package-lock.json", "package.json", "packages", "tools"];
  assert.equal(`${treeDigest(root, paths).digest}  -\n`, printed);
});

test("changes with every byte, name and place, and not with what others installed", () => {
  const path = (name: string): string => join(directory, name);
  mkdirSync(path("a/node_modules"), { recursive: true });
  writeFileSync(path("a/x.ts"), "1");
  writeFileSync(path("a.ts"), "2");
  const digest = (): string => treeDigest(directory, ["."]).digest;
  const first = digest();
  const seen = new Set([first]);
  const isNew = (): boolean => seen.size < seen.add(digest()).size;
  writeFileSync(path("a/node_modules/y.ts"), "3");
  assert.equal(digest(), first);
  writeFileSync(path("a/x.ts"), "2");
  assert.ok(isNew());
  writeFileSync(path("a/x.ts"), "1");
  assert.equal(digest(), first);
  writeFileSync(path("a/z.ts"), "");
  assert.ok(isNew());
  symlinkSync("/etc/hostname", path("a/link"));
  assert.ok(isNew());
  assert.equal(treeDigest(directory, ["."]).files, 4);
});
