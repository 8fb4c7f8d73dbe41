/** The key of a ledger: made, read, refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { checkEd25519 } from "@lethe/tlog/ed25519.ts";
import { verifierKeyToText } from "@lethe/tlog/verifier-key.ts";
import { Dice } from "../../../sim/seeded.ts";
import { FaultyFiles } from "../../../test/faulty-files.ts";
import { keyOf, makeKey, namelessOf, readKey } from "./key.ts";

/** The signer key of Go's tests, whose verifier key they have too. */
const GO = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n";
const GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

test("reads a signer key as Go's tools write it", () => {
  const files = new FaultyFiles(new Dice(1));
  files.put("key", toUtf8(GO));
  const key = readKey(files);
  assert.ok(key !== undefined && !("kind" in key));
  assert.equal(verifierKeyToText(key.verifier), GO_VERIFIER);
});

test("a key that was made is read again and signs alike, always the same", async () => {
  const files = new FaultyFiles(new Dice(1));
  const made = makeKey(files, "dns.example/ledger", new Uint8Array(32).fill(7));
  const again = readKey(files);
  assert.ok(!("kind" in made) && again !== undefined && !("kind" in again));
  assert.deepEqual(again.verifier, made.verifier);
  const message = toUtf8("hello");
  assert.deepEqual(made.sign(message), again.sign(message));
  assert.ok(await checkEd25519(made.verifier.publicKey, message, made.sign(message)));
});

test("a damaged key is not used", () => {
  const bad = ["", "\n", GO.slice(0, -1), GO.replace("c74f", "c74e"), GO.replace("AYEK", "AoEK")];
  for (const text of [...bad, GO.replace("PeterN", "PeteN"), GO + GO]) {
    const files = new FaultyFiles(new Dice(1));
    files.put("key", toUtf8(text));
    const key = readKey(files);
    assert.ok(key !== undefined && "kind" in key && key.kind === "damage", text);
  }
  assert.equal(keyOf("two words", new Uint8Array(32)), undefined);
});

test("a ledger that nobody named has a name of its key's", () => {
  const name = namelessOf(new Uint8Array(32).fill(7));
  assert.match(name, /^unnamed\.invalid\/[0-9a-f]{16}$/);
  assert.notEqual(namelessOf(new Uint8Array(32).fill(8)), name);
});
