/** Checkpoints: the bodies that are, and those that are none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Checkpoint, checkpointText, parseCheckpoint } from "./checkpoint.ts";
import { tlogLimits } from "./limits.ts";
import { emptyTreeHash } from "./tree-hash.ts";

const ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
const BODY = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

test("reads the example of tlog-checkpoint and writes it again", () => {
  const checkpoint = parseCheckpoint(BODY);
  assert.ok(checkpoint.kind === "checkpoint");
  assert.equal(checkpoint.origin, "example.com/behind-the-sofa");
  assert.equal(checkpoint.size, 20852163);
  assert.equal(checkpoint.root.toBase64(), ROOT);
  assert.deepEqual(checkpoint.extensions, []);
  assert.equal(checkpointText(checkpoint), BODY);
  const more = parseCheckpoint(`${BODY}one\ntwo words\n`);
  assert.ok(more.kind === "checkpoint");
  assert.deepEqual(more.extensions, ["one", "two words"]);
});

test("reads nothing that is no checkpoint", () => {
  const empty = emptyTreeHash().toBase64();
  const table: readonly (readonly [string, string, "checkpoint" | "malformed"])[] = [
    ["no line", "", "malformed"],
    ["two lines", "a\n1\n", "malformed"],
    ["no end of the last line", BODY.slice(0, -1), "malformed"],
    ["an empty origin", `\n1\n${ROOT}\n`, "malformed"],
    ["an empty line", `a\n1\n\n${ROOT}\n`, "malformed"],
    ["an empty extension", `${BODY}\n`, "malformed"],
    ["a size with a zero before", `a\n01\n${ROOT}\n`, "malformed"],
    ["a negative size", `a\n-1\n${ROOT}\n`, "malformed"],
    ["a size in words", `a\none\n${ROOT}\n`, "malformed"],
    ["the greatest size", `a\n${tlogLimits.treeLeavesMax.value}\n${ROOT}\n`, "checkpoint"],
    ["a size beyond it", `a\n${2 ** 53}\n${ROOT}\n`, "malformed"],
    ["a root of 31 bytes", "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", "malformed"],
    ["a root in other base64", `a\n1\n${ROOT.replace("/", "_")}\n`, "malformed"],
    ["an empty tree", `a\n0\n${empty}\n`, "checkpoint"],
    ["an empty tree with a root", `a\n0\n${ROOT}\n`, "malformed"],
  ];
  for (const [title, text, expected] of table) {
    assert.equal(parseCheckpoint(text).kind, expected, title);
  }
});

test("writes no text that it would not read", () => {
  const good: Checkpoint = { origin: "a", size: 1, root: new Uint8Array(32), extensions: [] };
  assert.notEqual(checkpointText(good), undefined);
  const bad: readonly Partial<Checkpoint>[] = [
    { origin: "" },
    { origin: "a\n" },
    { size: -1 },
    { size: 0 },
    { size: 1.5 },
    { root: new Uint8Array(31) },
    { extensions: [""] },
  ];
  for (const one of bad) assert.equal(checkpointText({ ...good, ...one }), undefined);
});

test("any text is a checkpoint or none, and is what it is read as", () => {
  const text = fc.stringMatching(/^[a-z\n]{1,3}\n[0-9]{1,3}\n[A-Za-z0-9+/]{43}=\n[a-z\n]{0,3}$/);
  fc.assert(
    fc.property(text, (one) => {
      const found = parseCheckpoint(one);
      if (found.kind === "checkpoint") assert.equal(checkpointText(found), one);
    }),
  );
});
