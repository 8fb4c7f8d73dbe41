/** docs/transports.md says what the table of clients says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { transportsDocument } from "./transports-doc.ts";

test("docs/transports.md is up to date (tools/transports-doc.ts writes it)", () => {
  const file = join(import.meta.dirname, "../docs/transports.md");
  assert.equal(readFileSync(file, "utf8"), transportsDocument());
});
