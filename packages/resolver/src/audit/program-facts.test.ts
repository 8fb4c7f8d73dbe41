/** What is told of the program that runs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loaderVariable, mappedObjects, programFacts } from "./program-facts.ts";

const root = join(import.meta.dirname, "../../../..");
const directory = mkdtempSync(join(tmpdir(), "lethe-facts-"));
after(() => rmSync(directory, { recursive: true }));

test("names the source, the packages, every mapped object, and no value of a setting", () => {
  const args = ["serve", "--set", "a.key=secret", "--set=b.key=secret", "--config", "file"];
  const facts = programFacts(root, args);
  assert.deepEqual(facts.arguments, [
    "serve",
    "--set",
    "a.key=…",
    "--set=b.key=…",
    "--config",
    "file",
  ]);
  assert.match(facts.source.digest, /^[0-9a-f]{64}$/);
  assert.ok(facts.source.files > 500);
  const packages = new Set(facts.packages.map(({ name }) => name));
  assert.ok(packages.has("koffi") && packages.has("smol-toml"));
  assert.ok(!packages.has("typescript"), "what only builds or tests does not run");
});

test("an object is told by its digest; one that was exchanged, by zeros", () => {
  const library = join(directory, "library.so");
  writeFileSync(library, "code");
  const digest = createHash("sha256").update("code").digest("hex");
  const maps = join(directory, "maps");
  writeFileSync(
    maps,
    `7f00-7f01 r-xp 00000000 fe:00 12 ${library}\n` +
      `7f01-7f02 r--p 00000000 fe:00 13 ${directory}/data\n` +
      `7f03-7f04 r-xp 00000000 fe:00 14 ${directory}/old.so (deleted)\n` +
      "7f02-7f03 r-xp 00000000 00:00 0 [vdso]\n",
  );
  assert.deepEqual(mappedObjects(directory, maps), [
    { path: "library.so", digest },
    { path: "old.so (deleted)", digest: "0".repeat(64) },
  ]);
  assert.deepEqual(mappedObjects(directory, join(directory, "none")), []);
  const own = mappedObjects(root);
  const node = own.find(({ path }) => path.endsWith("/node"));
  const expected = createHash("sha256").update(readFileSync(process.execPath)).digest("hex");
  assert.equal(node?.digest, expected);
});

test("finds variables that load other code", () => {
  for (const name of ["LD_PRELOAD", "LD_AUDIT", "NODE_OPTIONS", "NODE_PATH", "OPENSSL_CONF"]) {
    assert.equal(loaderVariable({ HOME: "x", [name]: "y" }), name);
    assert.equal(loaderVariable({ [name]: "" }), undefined);
  }
  assert.equal(loaderVariable({ NODE_ENV: "production", PATH: "/bin" }), undefined);
});
