/** Verifier keys: those of others, and every way to spoil one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { published } from "../test/published.ts";
import { tlogLimits } from "./limits.ts";
import { isKeyName, parseVerifierKey, verifierKey, verifierKeyToText } from "./verifier-key.ts";

const { notes, vkeys, checkpoints } = published;

test("reads published keys, finds their ids, and writes them again", () => {
  const keys = [notes.peter, notes.enoch, ...vkeys.good];
  for (const { logKey, witnessKeys } of checkpoints.opened) {
    keys.push(...witnessKeys, ...(logKey === null ? [] : [logKey]));
  }
  for (const text of keys) {
    const key = parseVerifierKey(text);
    assert.notEqual(key, undefined, text);
    assert.equal(verifierKeyToText(key!), text);
  }
});

test("refuses keys that others refuse", () => {
  for (const text of [...notes.badKeys, ...vkeys.bad]) {
    assert.equal(parseVerifierKey(text), undefined, text);
  }
});

test("refuses every part of a key, and every key with one letter changed", () => {
  const text = notes.peter;
  for (let from = 0; from <= text.length; from++) {
    for (let to = from; to <= text.length; to++) {
      if (to - from === text.length) continue;
      assert.equal(parseVerifierKey(text.slice(from, to)), undefined);
    }
  }
  for (let at = 0; at < text.length; at++) {
    const letter = String.fromCharCode(text.charCodeAt(at) + 1);
    assert.equal(parseVerifierKey(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
  }
});

test("a name has no space of any script, no plus, no control, and keyNameBytesMax bytes", () => {
  for (const name of ["a", "example.com/log", "b\u00fcro.example", "\u{1f600}", "a-b_c~d"]) {
    assert.ok(isKeyName(name), name);
  }
  const bad = ["", " ", "a b", "a+b", "a\u00a0b", "a\u2003", "\u3000", "\u0085", "a\n", "\x01a"];
  for (const name of [...bad, "\ud800"]) assert.ok(!isKeyName(name), JSON.stringify(name));
  const key = new Uint8Array(32);
  const max = tlogLimits.keyNameBytesMax.value;
  assert.notEqual(verifierKey("n".repeat(max), "ed25519", key), undefined);
  assert.equal(verifierKey("n".repeat(max + 1), "ed25519", key), undefined);
  assert.equal(verifierKey(`${"n".repeat(max - 1)}\u00e9`, "ed25519", key), undefined);
  assert.equal(verifierKey("n", "ed25519", key.subarray(1)), undefined);
});

test("one key of two types has two ids", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const note = verifierKey("n", "ed25519", key)!;
  const witness = verifierKey("n", "cosignature", key)!;
  assert.notEqual(note.id, witness.id);
  assert.deepEqual(parseVerifierKey(verifierKeyToText(witness)), witness);
});

test("any text is a key or none, and is what it is read as", () => {
  const text = fc.stringMatching(/^[a-z+]{0,4}\+[0-9a-f]{7,9}\+[0-9A-Za-z+/=]{40,48}$/);
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (one) => {
      const key = parseVerifierKey(one);
      assert.ok(key === undefined || verifierKeyToText(key) === one);
    }),
  );
});
