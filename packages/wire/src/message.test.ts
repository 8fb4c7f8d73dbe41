/** Whole messages: round trips, bounds against compression bombs, hostile bytes. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { setU16 } from "./bytes.ts";
import { rrType } from "./codes.ts";
import { countAt } from "./header.ts";
import { wireLimits } from "./limits.ts";
import { readMessage } from "./message.ts";
import { nameFromText } from "./name-text.ts";
import { MessageWriter } from "./writer.ts";

const owner = nameFromText("www.example.com.")!;

test("what is written is read again", () => {
  fc.assert(
    fc.property(fc.nat(65535), fc.array(fc.uint8Array({ maxLength: 40 })), (id, rdatas) => {
      const bytes = new Uint8Array(65535);
      const writer = new MessageWriter(bytes);
      writer.question({ name: owner, type: rrType.TXT, class: 1 });
      for (const rdata of rdatas) writer.record("answer", owner, rrType.TXT, 1, 60, rdata);
      const message = readMessage(bytes.subarray(0, writer.finish(id, 0x8180)));
      assert.ok(message.kind === "message");
      assert.equal(message.header.id, id);
      assert.deepEqual(
        message.answer.map((record) => record.rdata),
        rdatas,
      );
    }),
  );
});

/** A message whose records' owners are each a pointer to one long name in the question. */
function pointing(records: number, nameLabels: number): Uint8Array {
  const name = [...Array.from({ length: nameLabels }, () => [1, 0x61]).flat(), 0];
  const bytes = new Uint8Array(12 + name.length + 4 + records * 14);
  setU16(bytes, countAt.question, 1);
  setU16(bytes, countAt.answer, records);
  bytes.set(name, 12);
  let at = 12 + name.length + 4;
  for (let i = 0; i < records; i++, at += 14) {
    bytes.set([0xc0, 12, 0, 2, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0, 12], at);
  }
  return bytes;
}

test("pointersPerMessageMax pointers are read, one record's more are not", () => {
  const records = wireLimits.pointersPerMessageMax.value / 2;
  assert.equal(readMessage(pointing(records, 1)).kind, "message");
  const refused = readMessage(pointing(records + 1, 1));
  assert.deepEqual(refused, { kind: "malformed", why: "too-many-pointers" });
});

test("names that unfold beyond expandedBytesMax are refused", () => {
  const perRecord = 2 * 127 + 1;
  const fit = Math.floor(wireLimits.expandedBytesMax.value / (2 * perRecord)) - 2;
  assert.equal(readMessage(pointing(fit, 127)).kind, "message");
  const refused = readMessage(pointing(2 * fit, 127));
  assert.deepEqual(refused, { kind: "malformed", why: "too-much-expansion" });
});

test("no bytes throw, and every prefix of a message is judged", () => {
  const good = pointing(3, 4);
  for (let i = 0; i < good.length; i++)
    assert.equal(readMessage(good.subarray(0, i)).kind, "malformed");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readMessage(bytes)));
});
