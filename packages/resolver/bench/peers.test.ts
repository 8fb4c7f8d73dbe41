/** The committed configurations: filled in for one fleet or the other, nothing left open. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filled } from "./peers.ts";

const DIRECTORY = join(import.meta.dirname, "peers");
const SITE = {
  directory: "/d",
  memory: "/m",
  rootHints: "/hints",
  port: 5311,
  launcher: "lethe",
  workers: 1,
  anchor: undefined,
};
const ANCHOR = "signed.lethe. IN DS 1 13 2 AB";

test("every place of every template is filled in", () => {
  for (const file of readdirSync(DIRECTORY).filter((name) => !name.endsWith(".md"))) {
    const template = readFileSync(join(DIRECTORY, file), "utf8");
    for (const anchor of [undefined, ANCHOR]) {
      assert.doesNotMatch(filled(template, { ...SITE, anchor }), /\{\{/, file);
    }
  }
});

test("a line for one fleet is not in the other's configuration", () => {
  const template =
    "{{plain}}off\n{{validating}}on {{anchor_zone}} {{anchor_digest}}\nport {{port}}";
  assert.equal(filled(template, SITE), "off\nport 5311");
  assert.equal(filled(template, { ...SITE, anchor: ANCHOR }), "on signed.lethe AB\nport 5311");
});
