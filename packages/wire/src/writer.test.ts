/** Writing messages: compression within its bounds, and parts that do not fit leave no trace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "./codes.ts";
import { wireLimits } from "./limits.ts";
import { readMessage } from "./message.ts";
import { nameFromText, nameToText } from "./name-text.ts";
import { MessageWriter } from "./writer.ts";

const name = (text: string) => nameFromText(text)!;

test("a name that stands already is pointed at, in whatever letter case it is kept", () => {
  const bytes = new Uint8Array(200);
  const writer = new MessageWriter(bytes);
  writer.question({ name: name("Example.COM."), type: rrType.NS, class: 1 });
  const before = writer.length;
  writer.record("answer", name("example.com."), rrType.NS, 1, 60, name("ns.example.com."));
  assert.equal(writer.length - before, 2 + 10 + 3 + 2);
  const message = readMessage(bytes.subarray(0, writer.finish(1, 0)));
  assert.ok(message.kind === "message");
  assert.equal(
    nameToText(name("ns.example.com.")),
    nameToText(message.answer[0]!.rdata as never).toLowerCase(),
  );
});

test("after compressionNamesMax names later ones are written in full", () => {
  const max = wireLimits.compressionNamesMax.value;
  const bytes = new Uint8Array(65535);
  const writer = new MessageWriter(bytes);
  const add = (text: string): number => {
    const before = writer.length;
    writer.record("answer", name(text), rrType.A, 1, 60, Uint8Array.of(192, 0, 2, 1));
    return writer.length - before;
  };
  for (let i = 0; i < max; i++) add(`n${i}.`);
  assert.equal(add("n0."), 2 + 14);
  assert.equal(add("late."), 6 + 14);
  assert.equal(add("late."), 6 + 14);
});

test("what does not fit is not written, and what was before stays", () => {
  const bytes = new Uint8Array(12 + 17 + 16);
  const writer = new MessageWriter(bytes);
  assert.ok(writer.question({ name: name("example.com."), type: rrType.A, class: 1 }));
  const before = writer.length;
  assert.ok(!writer.record("answer", name("other.org."), rrType.TXT, 1, 1, new Uint8Array(9)));
  assert.equal(writer.length, before);
  assert.ok(writer.record("answer", name("example.com."), rrType.A, 1, 1, new Uint8Array(4)));
});

test("a message ends at messageBytesMax", () => {
  const writer = new MessageWriter(new Uint8Array(70000));
  while (writer.record("answer", name("a."), rrType.TXT, 1, 1, new Uint8Array(1000)));
  assert.ok(writer.length <= wireLimits.messageBytesMax.value);
  assert.ok(writer.room < 1000 + 12);
});
