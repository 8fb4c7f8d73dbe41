/** The state of the trust anchors outlives the server; a damaged one is put aside. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { limits } from "../base/limits.ts";
import { rootAnchor } from "../dnssec/anchor.ts";
import { newTrustPoint } from "../dnssec/anchor-rollover.ts";
import { AnchorFile, type Resumed } from "./anchor-file.ts";

const NOW_S = 1_800_000_000;
const directory = mkdtempSync(join(tmpdir(), "lethe-anchor-file-"));
after(() => rmSync(directory, { recursive: true }));

const { zone, ds, keys } = rootAnchor();
const fresh = newTrustPoint(zone, { ds, keys }, NOW_S);

function newFile(name: string): AnchorFile {
  const file = new AnchorFile(join(directory, name));
  assert.equal(file.prepare(), undefined);
  return file;
}

function resume(file: AnchorFile): Resumed {
  const resumed = file.resume([rootAnchor()], NOW_S);
  assert.ok(!("kind" in resumed), "kind" in resumed ? resumed.why : "");
  return resumed;
}

test("without a file the configured anchors begin", () => {
  assert.deepEqual(resume(newFile("fresh")), { points: [fresh], damage: undefined });
});

test("what was written is read again", () => {
  const file = newFile("again");
  assert.equal(file.write([{ ...fresh, provenS: NOW_S - 7 }]), undefined);
  assert.deepEqual(resume(file).points, [{ ...fresh, provenS: NOW_S - 7 }]);
});

test("a damaged file is not believed, and is put aside", () => {
  const file = newFile("damaged");
  file.write([{ ...fresh, provenS: NOW_S - 7 }]);
  truncateSync(file.path, 100);
  const { points, damage } = resume(file);
  assert.deepEqual(points, [fresh]);
  assert.match(damage!, /the end is missing/);
  assert.equal(file.putAside(), undefined);
  assert.equal(readFileSync(file.asidePath).length, 100);
  assert.equal(resume(file).damage, undefined);
});

test("a file of more than anchorStateBytesMax is damaged", () => {
  const file = newFile("large");
  const max = limits.anchorStateBytesMax.value;
  writeFileSync(file.path, "x".repeat(max));
  assert.match(resume(file).damage!, /line 1/);
  writeFileSync(file.path, "x".repeat(max + 1));
  assert.match(resume(file).damage!, /more than/);
});

test("a file that cannot be read is a problem, not damage", () => {
  const file = newFile("unreadable");
  writeFileSync(join(directory, "plain"), "");
  const below = new AnchorFile(join(directory, "plain"));
  assert.deepEqual(below.resume([rootAnchor()], NOW_S), { kind: "file-problem", why: "ENOTDIR" });
  assert.equal(resume(file).damage, undefined);
});
