/** The files of a ledger on a real disk. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Dice } from "../../../sim/seeded.ts";
import { TIME } from "../../../test/ledger-parts.ts";
import { diskFiles, isProblem } from "./files.ts";
import { Ledger } from "./ledger.ts";

const directory = mkdtempSync(join(tmpdir(), "lethe-ledger-"));
after(() => rmSync(directory, { recursive: true }));

function open(path: string): ReturnType<typeof Ledger.open> {
  const files = diskFiles(path, true);
  const bodies = diskFiles(join(path, "bodies"), true);
  assert.ok(!isProblem(files) && !isProblem(bodies));
  return Ledger.open({ files, bodies, name: "a", random: new Dice(1) });
}

test("a ledger on disk is there again, and its key is the owner's alone", () => {
  const path = join(directory, "deep/ledger");
  const ledger = open(path);
  assert.ok(ledger instanceof Ledger);
  const stop = { kind: "stop", time: TIME, reason: "x".repeat(60_000) } as const;
  for (let i = 0; i < 5; i++) assert.equal(ledger.append(stop).kind, "appended");
  const body = ledger.keep("an order") as string;
  const again = open(path);
  assert.ok(again instanceof Ledger);
  assert.deepEqual(again.checkpoint(), ledger.checkpoint());
  assert.deepEqual(again.body(body), ledger.body(body));
  assert.equal(statSync(join(path, "key")).mode & 0o777, 0o600);
  assert.equal(statSync(join(path, "entries")).mode & 0o777, 0o644);
  const files = diskFiles(path, false);
  assert.ok(!isProblem(files));
  const names = files.names();
  assert.ok(Array.isArray(names));
  assert.deepEqual(new Set(names), new Set(["bodies", "entries", "hashes", "head", "key"]));
});

test("what a disk refuses is a value", () => {
  const files = diskFiles(join(directory, "none"), false);
  assert.ok(!isProblem(files));
  assert.equal(files.read("a", 0, 1), undefined);
  assert.equal(files.size("a"), undefined);
  for (const refused of [
    files.cut("a", 0),
    files.write("a", 0, new Uint8Array(1)),
    files.sync("a"),
    files.rename("a", "b"),
    files.remove("a"),
    files.syncNames(),
    files.names(),
  ]) {
    assert.deepEqual(refused, { kind: "file-problem", why: "ENOENT" });
  }
  writeFileSync(join(directory, "file"), "");
  assert.ok(isProblem(diskFiles(join(directory, "file"), true)));
});
