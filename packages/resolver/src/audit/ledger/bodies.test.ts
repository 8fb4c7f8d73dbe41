/** Bodies: committed to, kept, checked, withdrawn. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Dice } from "../../../sim/seeded.ts";
import { FaultyFiles } from "../../../test/faulty-files.ts";
import { limits } from "../../base/limits.ts";
import { bodyOf, commitmentOf, dropBody, keepBody, readBody } from "./bodies.ts";

const salt = Uint8Array.from({ length: 32 }, (_, i) => i);

test("commits by SHA-256 over a label, the salt and the canonical body", () => {
  const body = bodyOf({ who: "a court", b: [1, 2] }, salt)!;
  const expected = createHash("sha256")
    .update("lethe-body/1\n")
    .update(salt)
    .update('{"b":[1,2],"who":"a court"}')
    .digest("hex");
  assert.equal(body.commitment, expected);
  assert.equal(commitmentOf(body.bytes), expected);
  assert.notEqual(bodyOf({ who: "a court", b: [1, 2] }, salt.toReversed())!.commitment, expected);
});

test("bytes that are no body, or have another salt, are committed to by nothing", () => {
  const texts = [
    "",
    "1",
    '{"body":1}',
    '{"salt":"AA=="}',
    '{"body":1,"salt":"AA=="}',
    `{"body":1,"more":2,"salt":"${salt.toBase64()}"}`,
    `{"body":1, "salt":"${salt.toBase64()}"}`,
    `{"body":1,"salt":7}`,
  ];
  for (const text of texts) assert.equal(commitmentOf(new TextEncoder().encode(text)), undefined);
});

test("takes bodies up to ledgerBodyBytesMax", () => {
  const max = limits.ledgerBodyBytesMax.value;
  const spare = bodyOf("", salt)!.bytes.length;
  assert.notEqual(bodyOf("x".repeat(max - spare), salt), undefined);
  assert.equal(bodyOf("x".repeat(max - spare + 1), salt), undefined);
});

test("a kept body is read again; one that was changed or dropped is not", () => {
  const files = new FaultyFiles(new Dice(1));
  const body = bodyOf("an order", salt)!;
  assert.equal(keepBody(files, body), undefined);
  assert.deepEqual(readBody(files, body.commitment), body.bytes);
  files.put(body.commitment, bodyOf("another order", salt)!.bytes);
  assert.equal(readBody(files, body.commitment), undefined);
  for (const name of ["", "../key", "key", "5F".repeat(32), `${body.commitment}0`]) {
    assert.equal(readBody(files, name), undefined);
  }
  assert.equal(dropBody(files, body.commitment), undefined);
  assert.equal(dropBody(files, body.commitment), undefined);
  assert.deepEqual(files.names(), []);
});
