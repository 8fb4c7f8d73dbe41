/** Every figure of docs/attacks.md is one that a test checks. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const DOCS = join(import.meta.dirname, "../../../../docs");

const ROW = /^\| ([^|]+) \|(?: [\d,]+ \|)+ [\d,]+ ms \|.*\]\((\S+)\) \|$/gm;

test("each row of the tables is checked by the test that it names", () => {
  const rows = [...readFileSync(join(DOCS, "attacks.md"), "utf8").matchAll(ROW)];
  assert.ok(rows.length > 20, `${rows.length} rows`);
  for (const [, attack, path] of rows) {
    const source = readFileSync(join(DOCS, path!), "utf8");
    assert.ok(source.includes(`"${attack}"`), `${path} does not check "${attack}"`);
  }
});
