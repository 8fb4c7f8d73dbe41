/** docs/sandbox.md says what the sandbox's tables say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sandboxDocument } from "./sandbox-doc.ts";

test("docs/sandbox.md is up to date (tools/sandbox-doc.ts writes it)", () => {
  const file = join(import.meta.dirname, "../docs/sandbox.md");
  assert.equal(readFileSync(file, "utf8"), sandboxDocument());
});
