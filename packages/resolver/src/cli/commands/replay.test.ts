/** `lethe replay` as a person runs it: what a failing file's line says, and how it ends. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "../main.ts");

/** Replays one file of nonsense under this path and gives what was printed, with the exit code. */
function replayNonsense(path: string, ...options: string[]): { out: string; code: number | null } {
  const directory = mkdtempSync(join(tmpdir(), "lethe-replay-"));
  try {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "no scenario\n");
    const { stdout, status } = spawnSync(process.execPath, [MAIN, "replay", file, ...options], {
      encoding: "utf8",
    });
    return { out: stdout, code: status };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a file that differs by decision fails, and its line names the decision", () => {
  const { out, code } = replayNonsense("unbound/ttl_msg.rpl");
  assert.match(out, /^fail .*; by decision: docs\/decisions\/0007-.*\.md § Answers keep the SOA/m);
  assert.match(out, /^0 passed, 1 failed, 0 skipped$/m);
  assert.equal(code, 1);
  assert.match(replayNonsense("unbound/ttl_msg.rpl", "--json").out, /"decision": ?"docs/);
});

test("no decision explains a file that must pass, or one that nobody knows", () => {
  for (const path of ["unbound/iter_resolve.rpl", "unbound/mine.rpl", "ttl_msg.rpl"]) {
    const { out, code } = replayNonsense(path);
    assert.match(out, /^fail /m);
    assert.doesNotMatch(out, /decision/);
    assert.equal(code, 1);
  }
});
