/** Tests of the generated registry numbers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codesSource } from "./iana.ts";

test("codes.ts is what the tables say", () => {
  const file = join(import.meta.dirname, "../packages/wire/src/codes.ts");
  assert.equal(readFileSync(file, "utf8"), codesSource(), "run tools/iana.ts");
});
