/** docs/ede.md says what the table of Extended DNS Errors says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorsDocument } from "./ede-doc.ts";

test("docs/ede.md is up to date (tools/ede-doc.ts writes it)", () => {
  const file = join(import.meta.dirname, "../docs/ede.md");
  assert.equal(readFileSync(file, "utf8"), errorsDocument());
});
